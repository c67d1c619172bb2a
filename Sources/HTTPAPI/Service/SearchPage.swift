package import Bytes
package import MailStore

/// One page of hits.
package struct SearchPage: Sendable {
  /// Exact; nil when it was not asked for.
  package var total: Int?
  package var hits: [FoundMessage]
  /// In the order asked for; nil when none was.
  package var facets: [FacetList]?
  package var nextCursor: String?
  /// The answer reflects the user's changes up to here.
  package var sequence: SequenceNumber
  /// Mails of the user that were acknowledged and are not searchable yet.
  package var pending: Int
  /// The query as it was understood.
  package var query: JSONValue
  package var warnings: [String]
  /// How the answer was found, a line each; nil when that was not asked for.
  package var explanation: [String]?
  /// Of each message that has the id or Message-ID asked about; nil when none was.
  package var reasons: [MatchReasons]?
  /// The query's text with other words, which would find more; nil where there is none or it was not asked for.
  package var correction: String?

  package init(
    total: Int?, hits: [FoundMessage], facets: [FacetList]? = nil, nextCursor: String?, sequence: SequenceNumber,
    pending: Int = 0, query: JSONValue, warnings: [String] = [], explanation: [String]? = nil,
    reasons: [MatchReasons]? = nil, correction: String? = nil
  ) {
    self.total = total
    self.hits = hits
    self.facets = facets
    self.nextCursor = nextCursor
    self.sequence = sequence
    self.pending = pending
    self.query = query
    self.warnings = warnings
    self.explanation = explanation
    self.reasons = reasons
    self.correction = correction
  }
}

/// Why a message is a hit of a query, or none.
package struct MatchReasons: Sendable {
  package var id: MessageID
  /// Nil where that cannot be told, because the message's text is not in the index.
  package var isHit: Bool?
  /// Clause by clause, a line each.
  package var lines: [String]

  package init(id: MessageID, isHit: Bool?, lines: [String]) {
    self.id = id
    self.isHit = isHit
    self.lines = lines
  }
}

package struct FoundMessage: Sendable {
  package var message: PresentedMessage
  package var score: Double?
  package var highlights: MatchHighlights?

  package init(message: PresentedMessage, score: Double? = nil, highlights: MatchHighlights? = nil) {
    self.message = message
    self.score = score
    self.highlights = highlights
  }
}

/// Excerpts of a hit, cut where matches begin and end.
package struct MatchHighlights: Sendable, Equatable {
  package struct Piece: Sendable, Equatable {
    package let text: String
    package let isMatch: Bool

    package init(text: String, isMatch: Bool) {
      self.text = text
      self.isMatch = isMatch
    }
  }

  /// An attachment whose text matches.
  package struct Attachment: Sendable, Equatable {
    package let filename: String?
    package let text: [Piece]

    package init(filename: String?, text: [Piece]) {
      self.filename = filename
      self.text = text
    }
  }

  package var subject: [Piece]
  package var from: [Piece]
  package var body: [Piece]
  package var attachments: [Attachment]

  package init(subject: [Piece], from: [Piece], body: [Piece], attachments: [Attachment] = []) {
    self.subject = subject
    self.from = from
    self.body = body
    self.attachments = attachments
  }
}
