/// Takes large attachments out of a mail, so that each is stored once, whoever sends it how often.
///
/// What is taken out is proven first: it is written again by its `BodyEncoding` and compared with the original. Whatever
/// would come back differently (quoted-printable, irregular base64) stays where it is.
package struct MailSplitter: Sendable {
  private let limits: MailLimits

  package init(limits: MailLimits = .default) { self.limits = limits }

  /// `nil` when nothing of `minimumByteCount` decoded bytes can be taken out.
  package func split(_ bytes: [UInt8], minimumByteCount: Int = 16 * 1024) -> MailSplit? {
    // No attachment is longer than its mail.
    guard bytes.count >= minimumByteCount else { return nil }
    let tree = MIMEScanner.scan(bytes, limits: limits)
    var candidates: [Int] = []
    collect(ShownParts(tree), tree: tree, into: &candidates)

    var pieces: [MailSplit.Piece] = []
    var position = 0
    for part in candidates.sorted(by: { tree.parts[$0].body.lowerBound < tree.parts[$1].body.lowerBound }) {
      guard tree.parts[part].body.lowerBound >= position,
        let attachment = attachment(part, of: tree, minimumByteCount: minimumByteCount)
      else { continue }
      if attachment.range.lowerBound > position { pieces.append(.literal(position..<attachment.range.lowerBound)) }
      pieces.append(.attachment(attachment))
      position = attachment.range.upperBound
    }
    guard !pieces.isEmpty else { return nil }
    if position < bytes.count { pieces.append(.literal(position..<bytes.count)) }
    return MailSplit(pieces: pieces)
  }

  /// The bytes that `content` had in its mail.
  package static func encode(content: [UInt8], encoding: BodyEncoding) -> [UInt8] {
    switch encoding {
    case .identity: content
    case .base64(let lineLength, let isCRLF): Base64Lines.encode(content, lineLength: lineLength, isCRLF: isCRLF)
    }
  }

  /// The leaves that are not shown, also those of nested mails: what was forwarded is often stored already.
  private func collect(_ shown: ShownParts, tree: MIMETree, into candidates: inout [Int]) {
    for part in shown.attachments {
      if tree.parts[part].kind == .message, let inner = tree.parts[part].children.first {
        collect(ShownParts(tree, root: inner), tree: tree, into: &candidates)
      } else {
        candidates.append(part)
      }
    }
  }

  private func attachment(_ part: Int, of tree: MIMETree, minimumByteCount: Int) -> MailSplit.Attachment? {
    let entity = tree.parts[part]
    guard entity.body.count >= minimumByteCount, entity.body.count <= limits.attachmentByteCount else { return nil }
    let path = tree.path(of: part)
    switch entity.encoding {
    case .identity, .unknown:
      return MailSplit.Attachment(
        partPath: path, content: Array(tree.content(part)), encoding: .identity, range: entity.body, isWhole: true)
    case .base64:
      var start = entity.body.lowerBound
      while start < entity.body.upperBound, tree.bytes[start].isSpace { start += 1 }
      guard let found = Base64Lines.decode(tree.bytes, in: start..<entity.body.upperBound),
        found.content.count >= minimumByteCount,
        Self.encode(content: found.content, encoding: found.encoding)[...] == tree.bytes[start..<found.end]
      else { return nil }
      let isWhole = tree.bytes[found.end..<entity.body.upperBound].allSatisfy(\.isSpace)
      return MailSplit.Attachment(
        partPath: path, content: found.content, encoding: found.encoding, range: start..<found.end, isWhole: isWhole)
    case .quotedPrintable, .uuencode: return nil
    }
  }
}
