import Index

/// What all parts of one search over text share.
final class SearchScope {
  let text: UserText
  let attributes: UserAttributes
  let cache: RecordCache
  let deadline: SearchDeadline

  init(_ text: UserText, _ attributes: UserAttributes, _ cache: RecordCache, _ deadline: SearchDeadline) {
    self.text = text
    self.attributes = attributes
    self.cache = cache
    self.deadline = deadline
  }
}
