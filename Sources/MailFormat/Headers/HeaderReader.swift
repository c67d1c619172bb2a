/// Reads the fields of a mail's outermost header, or of a nested mail's.
struct HeaderReader {
  private let tree: MIMETree
  private let part: Int
  private let charsets: CharsetHints
  private let limits: MailLimits
  /// What was wrong with the fields that were read.
  private(set) var defects = DefectSet()

  init(_ tree: MIMETree, part: Int = MIMETree.root, charsets: CharsetHints, limits: MailLimits) {
    self.tree = tree
    self.part = part
    self.charsets = charsets
    self.limits = limits
  }

  mutating func fill(_ mail: inout ParsedMail) {
    noteDefects()
    mail.subject = subject
    mail.from = addresses("from")
    mail.sender = addresses("sender").first
    mail.replyTo = addresses("reply-to")
    mail.to = addresses("to")
    mail.cc = addresses("cc")
    mail.bcc = addresses("bcc")
    mail.date = tree.field("date", of: part).flatMap(MailDate.parse)
    mail.receivedDate = tree.field("received", of: part).flatMap(MailDate.parseReceived)
    mail.messageID = tree.field("message-id", of: part).flatMap(MessageIDs.first)
    mail.inReplyTo = identifiers("in-reply-to")
    mail.references = identifiers("references")
    mail.listID = listID
    mail.headers = tree.parts[part].fields.map { field in
      HeaderField(
        name: tree.bytes[field.name].plainText, value: HeaderText.decode(tree.bytes[field.value], charsets: charsets))
    }
  }

  var subject: String {
    tree.field("subject", of: part).map { HeaderText.decode($0, charsets: charsets) } ?? ""
  }

  /// All fields of that name together: there should be one, but all of them name people.
  mutating func addresses(_ name: String) -> [EmailAddress] {
    var addresses: [EmailAddress] = []
    for field in tree.fields(name, of: part) {
      let list = AddressList.parse(field, charsets: charsets, limit: limits.addressCount - addresses.count)
      addresses += list.addresses
      if list.isCut { defects.note(.headerLimit) }
    }
    return addresses
  }

  private mutating func noteDefects() {
    let fields = tree.parts[part].fields
    if fields.contains(where: { !tree.bytes[$0.value].isASCII && !UTF8Check(tree.bytes[$0.value]).isValid }) {
      defects.note(.rawHeaderBytes)
    }
    if let date = tree.field("date", of: part), !date.trimmed.isEmpty, MailDate.parse(date) == nil {
      defects.note(.malformedDate)
    }
  }

  private mutating func identifiers(_ name: String) -> [String] {
    var identifiers: [String] = []
    for field in tree.fields(name, of: part) {
      let found = MessageIDs.all(field, limit: limits.referenceCount)
      let rest = limits.referenceCount - identifiers.count
      if found.isCut || found.identifiers.count > rest { defects.note(.headerLimit) }
      identifiers += found.identifiers.prefix(rest)
    }
    return identifiers
  }

  /// RFC 2919: `The list <list.example.com>`.
  private var listID: String? {
    tree.field("list-id", of: part).flatMap { field in
      if let open = field.lastIndex(of: 0x3C) {
        let inside = field[(open + 1)...].prefix { $0 != 0x3E }
        return MessageIDs.first(inside)
      }
      return MessageIDs.first(field)
    }
  }
}
