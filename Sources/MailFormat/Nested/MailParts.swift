/// One leaf of a mail, decoded, for who judges content without showing it.
package struct MailPart: Sendable {
  /// As the mail names it, where it does; at most a kilobyte.
  package let filename: String?
  /// Lower case, without parameters: `image/png`.
  package let contentType: String
  /// It has a name, or says that it is an attachment, or is no text.
  package let isAttachment: Bool
  package let content: [UInt8]
  /// There is more of it than the limit.
  package let isCut: Bool
}

/// A mail's header, and its leaves one after another, those of mails inside it among them.
///
/// Total, as `MailParser` is: whatever the bytes, nothing throws or traps, and one scan finds all parts. A nested mail that
/// is encoded, against RFC 2046 §5.2.1, is decoded and walked too.
package struct MailParts: Sendable {
  /// People's programs encode a forwarded mail once, against the rules; only attacks do so over and over.
  private static let decodedNesting = 3

  /// The fields that the header gives; there is no text and no attachment in it.
  package let header: ParsedMail
  private let tree: MIMETree
  private let limits: MailLimits

  package init(_ bytes: [UInt8], limits: MailLimits = .default) {
    self.limits = limits
    tree = MIMEScanner.scan(bytes, limits: limits)
    var mail = ParsedMail()
    var headers = HeaderReader(tree, charsets: CharsetHints(tree, mail: MIMETree.root), limits: limits)
    headers.fill(&mail)
    var defects = tree.defects
    defects.note(headers.defects)
    mail.defects = defects.ordered
    header = mail
  }

  /// - Parameters:
  ///   - limit: decoded bytes of one part, and of all nested mails that are encoded.
  ///   - body: called with each leaf, and true to go on.
  /// - Returns: whether all was shown: false where there are nested mails that were not looked into.
  @discardableResult
  package func forEach(contentLimit limit: Int, _ body: (MailPart) -> Bool) -> Bool {
    var budget = limit
    return Self.walk(tree, limits: limits, limit: limit, budget: &budget, depth: 0, body) != .cut
  }

  private enum Ending {
    case whole, cut, stopped
  }

  private static func walk(
    _ tree: MIMETree, limits: MailLimits, limit: Int, budget: inout Int, depth: Int, _ body: (MailPart) -> Bool
  ) -> Ending {
    var lister = AttachmentLister(
      tree, charsets: CharsetHints(tree, mail: MIMETree.root), html: nil, limits: limits)
    var ending = Ending.whole
    for part in tree.parts.indices where tree.parts[part].kind == .leaf {
      let entity = tree.parts[part]
      if entity.contentType.isMessage, !entity.encoding.isIdentity {
        guard depth < decodedNesting, budget > 0 else {
          ending = .cut
          continue
        }
        let decoded = entity.encoding.decodeStart(tree.content(part), limit: budget)
        budget -= decoded.bytes.count
        let inner = MIMEScanner.scan(decoded.bytes, limits: limits)
        switch walk(inner, limits: limits, limit: limit, budget: &budget, depth: depth + 1, body) {
        case .stopped: return .stopped
        case .cut: ending = .cut
        case .whole: if decoded.isCut { ending = .cut }
        }
        continue
      }
      let (content, isCut) = entity.encoding.decodeStart(tree.content(part), limit: limit)
      let name = lister.filename(part)
      let shown = MailPart(
        filename: name, contentType: entity.contentType.fullName,
        isAttachment: name != nil || tree.isDeclaredAttachment(part) || !entity.contentType.isText, content: content,
        isCut: isCut)
      guard body(shown) else { return .stopped }
    }
    return ending
  }
}
