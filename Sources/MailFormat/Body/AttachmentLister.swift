/// Describes the attachments of one mail.
struct AttachmentLister {
  /// No file system has longer ones.
  private static let filenameByteLimit = 1_024

  private let tree: MIMETree
  private let charsets: CharsetHints
  private let limits: MailLimits
  /// What the shown HTML refers to by `cid:` (RFC 2392).
  private let references: Set<String>
  private(set) var defects = DefectSet()

  init(_ tree: MIMETree, charsets: CharsetHints, html: String?, limits: MailLimits) {
    self.tree = tree
    self.charsets = charsets
    self.limits = limits
    references = html.map(Self.contentReferences) ?? []
  }

  mutating func describe(_ part: Int) -> ParsedAttachment {
    let entity = tree.parts[part]
    let contentID = tree.field("content-id", of: part).flatMap(MessageIDs.first)
    return ParsedAttachment(
      partPath: tree.path(of: part), filename: filename(part), contentType: entity.contentType.fullName,
      contentID: contentID, isInline: isInline(part, contentID: contentID), isSignature: entity.contentType.isSignature,
      byteCount: byteCount(part))
  }

  mutating func filename(_ part: Int) -> String? {
    var name: String?
    if let field = tree.field("content-disposition", of: part) {
      name = MIMEParameters.parse(field).parameters.text("filename", charsets: charsets)
    }
    name = name ?? tree.parts[part].contentType.parameters.text("name", charsets: charsets)
    guard let name, !name.isEmpty else { return nil }
    if name.utf8.count > Self.filenameByteLimit { defects.note(.headerLimit) }
    return name.utf8Prefix(Self.filenameByteLimit)
  }

  /// Shown by its Content-ID: the HTML refers to it, or it came along with the HTML and does not say that it is to be saved.
  private func isInline(_ part: Int, contentID: String?) -> Bool {
    guard let contentID else { return false }
    if references.contains(contentID) { return true }
    guard let parent = tree.parts[part].parent, !tree.isDeclaredAttachment(part) else { return false }
    return tree.parts[parent].kind == .multipart && tree.parts[parent].contentType.subtype == "related"
  }

  private mutating func byteCount(_ part: Int) -> Int {
    let limit = limits.attachmentByteCount
    let count = tree.parts[part].encoding.decodedByteCount(tree.content(part), limit: limit == .max ? limit : limit + 1)
    if count > limit { defects.note(.sizeLimit) }
    return min(count, limit)
  }

  private static func contentReferences(_ html: String) -> Set<String> {
    var found: Set<String> = []
    let bytes = Array(html.utf8)
    var index = 0
    while index + 4 < bytes.count, found.count < 10_000 {
      guard bytes[index + 3] == 0x3A, bytes[index...].prefix(3).isNamed("cid") else {
        index += 1
        continue
      }
      let identifier = bytes[(index + 4)...].prefix(512).prefix {
        $0 > 0x20 && $0 != 0x22 && $0 != 0x27 && $0 != 0x3E && $0 != 0x29
      }
      found.insert(String(decoding: identifier.decodingHex(after: 0x25), as: UTF8.self))
      index += 4 + identifier.count
    }
    return found
  }
}
