import Index

/// What all parts of one search over text share.
final class SearchScope {
  let text: UserText
  let dates: ReceivedDates
  let cache: RecordCache
  let deadline: SearchDeadline
  /// Iterators that prefixes, parts and fuzzy words may still have, all of a query's together: each keeps some two kilobytes.
  private var iteratorsLeft = 8_192

  init(_ text: UserText, _ dates: ReceivedDates, _ cache: RecordCache, _ deadline: SearchDeadline) {
    self.text = text
    self.dates = dates
    self.cache = cache
    self.deadline = deadline
  }

  /// For a search that explains itself.
  var trace: SearchTrace? { cache.trace }

  /// All that is live, each document in one slice.
  func forEachSlice(_ body: (Slice) -> Void) {
    guard let trace else { return text.forEachSlice(body) }
    text.forEachSlice { body(trace.traced($0)) }
  }

  /// - Returns: false where there are none left.
  func takeIterator() -> Bool {
    guard iteratorsLeft > 0 else { return false }
    iteratorsLeft -= 1
    return true
  }
}
