/// Turns the bytes of a mail into a `ParsedMail`.
///
/// Total: any bytes give a mail, with what could be read of them and a list of what is wrong; nothing throws or traps.
/// Memory and time are linear in the bytes and bounded by `MailLimits`; reading documents takes as long as their source does.
/// A value without state, for any thread.
///
/// The way of a mail: `MIMEScanner` finds the parts, `ShownParts` chooses which of them are the body, `PartReader` reads
/// those as text, `AttachmentTexts` gathers what forwarded mails, text files and documents say.
package struct MailParser: Sendable {
  private let limits: MailLimits
  private let documents: (any DocumentTextSource)?

  /// - Parameter documents: nil leaves the texts of documents out.
  package init(limits: MailLimits = .default, documents: (any DocumentTextSource)? = nil) {
    self.limits = limits
    self.documents = documents
  }

  package func parse(_ bytes: [UInt8]) -> ParsedMail {
    let tree = MIMEScanner.scan(bytes, limits: limits)
    var budget = ReadingBudget(limits, byteCount: bytes.count)
    let charsets = CharsetHints(tree, mail: MIMETree.root)
    var mail = ParsedMail()
    var headers = HeaderReader(tree, charsets: charsets, limits: limits)
    headers.fill(&mail)
    let shown = ShownParts(tree)
    var reader = PartReader(tree, charsets: charsets, htmlByteCount: budget.htmlByteCount)
    let body = Body.read(shown, tree: tree, reader: &reader, limit: limits.textByteCount)
    mail.text = body.text
    mail.html = body.html
    var lister = AttachmentLister(tree, charsets: charsets, html: body.html, limits: limits)
    mail.attachments = shown.attachments.map { lister.describe($0) }
    budget.htmlByteCount = reader.htmlByteCount
    var nested = AttachmentTexts(limits: limits, budget: budget, documents: documents)
    nested.gather(tree, attachments: shown.attachments, charsets: charsets)
    mail.attachmentTexts = nested.texts
    mail.missedDocuments = nested.missed
    var defects = tree.defects
    for found in [reader.defects, headers.defects, lister.defects, nested.defects] { defects.note(found) }
    mail.defects = defects.ordered
    return mail
  }

  /// The fields of the outermost header, of bytes that begin with it; what follows is not looked at.
  package func headers(_ bytes: [UInt8]) -> [HeaderField] {
    let tree = MIMEScanner.scan(Array(bytes.prefix(Self.headerEnd(bytes))), limits: limits)
    var mail = ParsedMail()
    var headers = HeaderReader(tree, charsets: CharsetHints(tree, mail: MIMETree.root), limits: limits)
    headers.fill(&mail)
    return mail.headers
  }

  /// Behind the first empty line.
  private static func headerEnd(_ bytes: [UInt8]) -> Int {
    var isLineEmpty = true
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "\n"):
        if isLineEmpty { return index + 1 }
        isLineEmpty = true
      case UInt8(ascii: "\r"): break
      default: isLineEmpty = false
      }
    }
    return bytes.count
  }

  /// The decoded content of an attachment, or of any other part, up to the limit; `nil` when there is no such part.
  package func attachmentContent(_ bytes: [UInt8], partPath: String) -> [UInt8]? {
    let tree = MIMEScanner.scan(bytes, limits: limits)
    guard let part = tree.part(at: partPath) else { return nil }
    return tree.parts[part].encoding.decode(tree.content(part), limit: limits.attachmentByteCount)
  }
}
