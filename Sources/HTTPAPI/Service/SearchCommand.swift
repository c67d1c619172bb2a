package import Bytes
package import Foundation

/// The order of hits, by its name in `sort=`.
package enum SearchSort: String, Sendable, CaseIterable {
  case newestFirst = "-date"
  case oldestFirst = "date"
  case largestFirst = "-size"
  case smallestFirst = "size"
  case from
  case subject
  case relevance
}

/// What is searched for, in one of the two forms that a caller may give it.
package enum SearchQuery: Sendable, Equatable {
  /// In the query language; empty lists everything.
  case text(String)
  /// The query's tree, as answers show it.
  case tree(JSONValue)
}

/// A search as it was asked for.
package struct SearchCommand: Sendable {
  package var query: SearchQuery
  package var sort: SearchSort
  package var limit: Int
  package var cursor: String?
  package var wantsTotal: Bool
  package var wantsHighlights: Bool
  package var facets: SearchFacets
  /// The answer must reflect the user's changes up to here.
  package var minimumSequence: SequenceNumber?
  /// Nobody waits for the answer after this.
  package var deadline: ContinuousClock.Instant
  /// The answer is to tell how it was found.
  package var explains: Bool
  /// The message, by its id or Message-ID, of which the answer is to tell why it is a hit or none.
  package var explainedMessage: String?
  /// The answer is to tell of words that would find more, where next to nothing is found.
  package var wantsSpelling: Bool
  /// Of the days in the query; `nil` for the user's own.
  package var timeZone: TimeZone?

  package init(
    query: SearchQuery, sort: SearchSort, limit: Int, cursor: String?, wantsTotal: Bool, wantsHighlights: Bool,
    facets: SearchFacets = .none, minimumSequence: SequenceNumber?, deadline: ContinuousClock.Instant,
    explains: Bool = false, explainedMessage: String? = nil, wantsSpelling: Bool = false,
    timeZone: TimeZone? = nil
  ) {
    self.query = query
    self.sort = sort
    self.limit = limit
    self.cursor = cursor
    self.wantsTotal = wantsTotal
    self.wantsHighlights = wantsHighlights
    self.facets = facets
    self.minimumSequence = minimumSequence
    self.deadline = deadline
    self.explains = explains
    self.explainedMessage = explainedMessage
    self.wantsSpelling = wantsSpelling
    self.timeZone = timeZone
  }

  /// With the query as text.
  package init(
    query: String, sort: SearchSort, limit: Int, cursor: String?, wantsTotal: Bool, wantsHighlights: Bool,
    facets: SearchFacets = .none, minimumSequence: SequenceNumber?, deadline: ContinuousClock.Instant,
    explains: Bool = false, explainedMessage: String? = nil, wantsSpelling: Bool = false,
    timeZone: TimeZone? = nil
  ) {
    self.init(
      query: .text(query), sort: sort, limit: limit, cursor: cursor, wantsTotal: wantsTotal,
      wantsHighlights: wantsHighlights, facets: facets, minimumSequence: minimumSequence, deadline: deadline,
      explains: explains, explainedMessage: explainedMessage, wantsSpelling: wantsSpelling, timeZone: timeZone)
  }
}
