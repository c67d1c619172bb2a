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

  /// - Returns: false where there are none left.
  func takeIterator() -> Bool {
    guard iteratorsLeft > 0 else { return false }
    iteratorsLeft -= 1
    return true
  }
}
