import Analysis
import Bytes
import Index

/// Answers `header:` of one mail after another, for one search on one thread: made when a query first asks it.
final class HeaderSearch {
  private let context: SearchContext
  private let analyzer: Analyzer
  private let deadline: SearchDeadline
  private var matchers: [HeaderQuery: HeaderMatcher] = [:]
  /// Whose header is at hand.
  private var docID: DocID?
  private var header: [HeaderEntry] = []

  init(_ context: SearchContext, _ analyzer: Analyzer, _ deadline: SearchDeadline) {
    self.context = context
    self.analyzer = analyzer
    self.deadline = deadline
  }

  /// Reads the mail.
  func matches(_ query: HeaderQuery, _ docID: DocID) throws -> Bool {
    if self.docID != docID {
      try deadline.check()
      header = try context.headers(docID)
      self.docID = docID
    }
    let matcher = matchers[query] ?? HeaderMatcher(query, analyzer)
    matchers[query] = matcher
    return try matcher.matches(header, deadline)
  }
}
