import Index

/// What all parts of one search over text share.
final class SearchScope {
  let text: UserText
  let dates: ReceivedDates
  let cache: RecordCache
  let deadline: SearchDeadline

  init(_ text: UserText, _ dates: ReceivedDates, _ cache: RecordCache, _ deadline: SearchDeadline) {
    self.text = text
    self.dates = dates
    self.cache = cache
    self.deadline = deadline
  }
}
