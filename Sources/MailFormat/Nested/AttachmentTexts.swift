/// Gathers what a mail's attachments say, so that it is found by them: of a mail inside it (forwards, bounces, digests) its
/// subject, people, text and file names, as one text; of a text file (plain, HTML, calendars, address cards, tables) the text;
/// of a document what its source reads in it.
struct AttachmentTexts {
  /// Where a nested mail stands.
  private struct Place {
    /// Mails around it.
    var depth = 0
    /// Those of them that had to be decoded.
    var decodedDepth = 0
    /// What raw bytes are likely to be, by the mail around it.
    var charset: CharsetLabel?
  }

  /// People's programs encode a forwarded mail once, against the rules; only attacks do so over and over.
  private static let decodedNesting = 3

  /// RTF is text to send, and none to read.
  private static let documentTypes: Set<String> = ["text/rtf"]
  /// What is text by its name is read as such where its bytes do not say otherwise: much of it is sent as
  /// `application/octet-stream`.
  private static let textEndings: Set<String> = ["txt", "csv", "tsv", "md", "log", "json", "ics", "vcf"]
  private static let beginningByteCount = 1_024
  /// Why a document was missed for which the others of its mail left no time.
  private static let noTime = "timeout"

  private(set) var texts: [AttachmentText] = []
  private(set) var missed: [MissedDocument] = []
  /// That not all was read.
  private(set) var defects = DefectSet()
  private(set) var budget: ReadingBudget
  private let limits: MailLimits
  private let documents: (any DocumentTextSource)?

  init(limits: MailLimits, budget: ReadingBudget, documents: (any DocumentTextSource)? = nil) {
    self.limits = limits
    self.budget = budget
    self.documents = documents
  }

  /// - Parameter charsets: of the mail around these.
  mutating func gather(_ tree: MIMETree, attachments: [Int], charsets: CharsetHints) {
    gather(tree, attachments: attachments, charsets, at: Place(charset: charsets.fallback))
  }

  private mutating func gather(_ tree: MIMETree, attachments: [Int], _ charsets: CharsetHints, at place: Place) {
    var lister = AttachmentLister(tree, charsets: charsets, html: nil, limits: limits)
    for part in attachments {
      let type = tree.parts[part].contentType
      if type.isText, !Self.documentTypes.contains(type.fullName) {
        appendText(tree, part, charsets, named: lister.filename(part))
      } else if !type.isMessage {
        appendFile(tree, part, charsets, named: lister.filename(part))
      } else if tree.parts[part].kind == .message, let inner = tree.parts[part].children.first {
        append(tree, mail: inner, at: place, named: lister.filename(part))
      } else if !tree.parts[part].encoding.isIdentity {
        // Against RFC 2046 §5.2.1, but it happens: the nested mail itself is encoded.
        appendDecoded(tree, part, at: place, named: lister.filename(part))
      }
    }
  }

  private mutating func appendFile(_ tree: MIMETree, _ part: Int, _ charsets: CharsetHints, named name: String?) {
    let beginning = tree.parts[part].encoding.decodeStart(tree.content(part), limit: Self.beginningByteCount).bytes
    // A text that begins as a document does is one all the same: a table whose first column is BZhang.
    if Self.isText(name), !beginning.contains(0) {
      appendText(tree, part, charsets, named: name)
    } else if let documents, documents.recognises(beginning) {
      appendDocument(tree, part, documents, named: name)
    }
  }

  private static func isText(_ name: String?) -> Bool {
    guard let name, let dot = name.lastIndex(of: ".") else { return false }
    return textEndings.contains(name[name.index(after: dot)...].lowercased())
  }

  private mutating func appendDocument(
    _ tree: MIMETree, _ part: Int, _ documents: any DocumentTextSource, named name: String?
  ) {
    let content = tree.content(part)
    let (bytes, isCut) = tree.parts[part].encoding.decodeStart(content, limit: limits.attachmentByteCount)
    // Of most documents the beginning alone cannot be read.
    guard !isCut, budget.documentCount > 0, budget.nestedTextByteCount > 0 else {
      return defects.note(.sizeLimit)
    }
    budget.documentCount -= 1
    guard budget.documentTime > .zero else { return miss(name, because: Self.noTime) }
    let document = documents.read(bytes, within: budget.documentTime)
    budget.documentTime -= document.spent
    switch document.extent {
    case .whole: break
    case .cut: defects.note(.sizeLimit)
    case .unread: defects.note(.unreadAttachment)
    case .missed(let reason): return miss(name, because: reason)
    }
    keep(document.text, of: name)
  }

  private mutating func miss(_ name: String?, because reason: String) {
    missed.append(MissedDocument(filename: name, position: texts.count, reason: reason))
  }

  private mutating func appendText(_ tree: MIMETree, _ part: Int, _ charsets: CharsetHints, named name: String?) {
    guard budget.nestedTextByteCount > 0 else { return defects.note(.sizeLimit) }
    var reader = PartReader(tree, charsets: charsets, htmlByteCount: budget.htmlByteCount)
    if tree.isHTML(part) {
      keep(reader.visibleText(ofHTML: reader.html(part), limit: budget.nestedTextByteCount), of: name)
    } else {
      let text = reader.plainText(part, limit: budget.nestedTextByteCount)
      keep(tree.parts[part].contentType.isContentLines ? ContentLines.text(text) : text, of: name)
    }
    budget.htmlByteCount = reader.htmlByteCount
    defects.noteLimits(of: reader.defects)
  }

  private mutating func appendDecoded(_ tree: MIMETree, _ part: Int, at place: Place, named name: String?) {
    guard place.decodedDepth < Self.decodedNesting else { return defects.note(.nestingLimit) }
    let limit = min(limits.attachmentByteCount, budget.nestedMailByteCount)
    let decoded = tree.parts[part].encoding.decodeStart(tree.content(part), limit: limit)
    budget.nestedMailByteCount -= decoded.bytes.count
    if decoded.isCut { defects.note(.sizeLimit) }
    let inner = MIMEScanner.scan(decoded.bytes, limits: limits)
    defects.noteLimits(of: inner.defects)
    var place = place
    place.decodedDepth += 1
    append(inner, mail: MIMETree.root, at: place, named: name)
  }

  private mutating func append(_ tree: MIMETree, mail: Int, at place: Place, named name: String?) {
    guard place.depth < limits.nesting else { return defects.note(.nestingLimit) }
    guard budget.nestedTextByteCount > 0 else { return defects.note(.sizeLimit) }
    let charsets = CharsetHints(tree, mail: mail, otherwise: place.charset)
    var reader = PartReader(tree, charsets: charsets, htmlByteCount: budget.htmlByteCount)
    var headers = HeaderReader(tree, part: mail, charsets: charsets, limits: limits)
    let shown = ShownParts(tree, root: mail)
    var lister = AttachmentLister(tree, charsets: charsets, html: nil, limits: limits)
    var lines = [headers.subject]
    for name in ["from", "to", "cc"] {
      lines += headers.addresses(name).map { [$0.name, $0.address].compactMap(\.self).joined(separator: " ") }
    }
    lines.append(Body.read(shown, tree: tree, reader: &reader, limit: budget.nestedTextByteCount).text)
    lines += shown.attachments.compactMap { lister.filename($0) }
    keep(lines.filter { !$0.isEmpty }.joined(separator: "\n"), of: name)
    budget.htmlByteCount = reader.htmlByteCount
    for found in [reader.defects, headers.defects, lister.defects] { defects.noteLimits(of: found) }
    gather(
      tree, attachments: shown.attachments, charsets,
      at: Place(depth: place.depth + 1, decodedDepth: place.decodedDepth, charset: charsets.fallback))
  }

  private mutating func keep(_ text: String, of name: String?) {
    let kept = text.utf8Prefix(budget.nestedTextByteCount)
    if kept.utf8.count < text.utf8.count {
      defects.note(.sizeLimit)
      // What is left of a character is nothing to read either.
      budget.nestedTextByteCount = kept.utf8.count
    }
    if !kept.isEmpty { texts.append(AttachmentText(filename: name, text: kept)) }
    budget.nestedTextByteCount -= kept.utf8.count
  }
}
