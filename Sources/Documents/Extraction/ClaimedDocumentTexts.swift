package import MailFormat

/// What the documents of one mail say, read on somebody's claim.
package struct ClaimedDocumentTexts: DocumentTextSource {
  private let texts: DocumentTexts
  private let claim: DocumentClaim

  package init(_ texts: DocumentTexts, for claim: DocumentClaim) {
    self.texts = texts
    self.claim = claim
  }

  package func recognises(_ beginning: [UInt8]) -> Bool { DocumentKind(beginning) != nil }

  package func read(_ bytes: [UInt8], within limit: Duration) -> DocumentText {
    let (text, outcome, spent) = texts.timedText(of: bytes, within: limit, for: claim)
    return DocumentText(text: text, extent: outcome.extent, spent: spent)
  }
}

extension DocumentOutcome {
  /// What a mail is told.
  fileprivate var extent: DocumentText.Extent {
    switch self {
    case .whole: .whole
    case .cut: .cut
    case .unreadable: .unread
    case .timeout, .crash, .busy, .unavailable, .stopped: .missed(reason: name)
    }
  }
}
