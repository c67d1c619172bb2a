/// In which order an answer comes. Within equal keys the newest comes first.
package enum SortOrder: String, Sendable, Hashable, CaseIterable {
  case newestFirst = "-date"
  case oldestFirst = "date"
  case largestFirst = "-size"
  case smallestFirst = "size"
  /// By the first sender's display name, or address where there is none, without regard to case.
  case from
  /// By the subject without `Re:`, `Fwd:` and the like (RFC 5256 §2.1), without regard to case.
  case subject
  /// The most relevant first: see `RelevanceFormula`.
  case relevance
}
