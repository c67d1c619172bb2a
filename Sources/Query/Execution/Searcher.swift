package import Analysis
import Bytes
import Crypto
package import Index

/// Answers queries from a snapshot, exactly. Blocks on reads of text; keep it off the cooperative pool.
///
/// A query is bound to bounds (`PlanNode`): most documents are decided by set algebra, the rest by matching their
/// records, newest first, and no more of them than the page and the total need.
package struct Searcher: Sendable {
  package static let maxLimit = 500

  private let analyzers: AnalyzerSet
  private let cursorKey: SymmetricKey

  /// - Parameter cursorSecret: the store's secret for cursors, 32 random bytes, the same in every process that serves it.
  package init(analyzers: AnalyzerSet, cursorSecret: [UInt8]) {
    self.analyzers = analyzers
    cursorKey = SymmetricKey(data: cursorSecret)
  }

  /// - Parameters:
  ///   - limit: 1 to `maxLimit`; others are brought into it.
  ///   - cursor: of the page before, as its answer gave it.
  ///   - wantsTotal: without it a search by date stops when the page is full.
  /// - Throws: `QueryError` for a query with too many words; `SearchError`; `IndexError` where a record is missing or damaged; `FileError`.
  package func search(
    _ query: QueryNode, in snapshot: UserSnapshot, context: SearchContext, sort: SortOrder = .newestFirst,
    limit: Int = 50, cursor: String? = nil, wantsTotal: Bool = true, deadline: SearchDeadline = .never
  ) throws -> SearchResult {
    if sort == .relevance {
      throw SearchError(
        code: .unsupportedSort, message: "Sorting by relevance is not available in this version; use -date.")
    }
    let limit = min(max(limit, 1), Self.maxLimit)
    let resumed = try cursor.map { text throws(SearchError) in
      try SearchCursor(text, for: query, user: snapshot.user, sort: sort, secret: cursorKey)
    }
    var context = context
    if let resumed { context.now = resumed.moment }
    let records = RecordCache(snapshot, analyzers, deadline)
    var binder = QueryBinder(snapshot.attributes, context, analyzers, records, deadline)
    let bound = try binder.bind(query)
    var execution = SearchExecution(
      bound: bound, attributes: snapshot.attributes, records: records, deadline: deadline, sort: sort)
    let page = try execution.page(after: resumed?.key, limit: limit)
    let total = wantsTotal ? try execution.total() : nil
    let nextCursor =
      page.hasMore
      ? page.keys.last.map { last in
        SearchCursor(moment: context.now, key: last)
          .text(for: query, user: snapshot.user, sort: sort, secret: cursorKey)
      } : nil
    return SearchResult(
      total: total, documents: page.keys.map(\.document.docID), nextCursor: nextCursor, warnings: bound.warnings,
      recordsRead: records.readCount)
  }
}
