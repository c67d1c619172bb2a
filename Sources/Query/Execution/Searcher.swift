package import Analysis
import Bytes
import Crypto
package import Index

/// Answers queries from a snapshot, exactly. Blocks on reads of text; keep it off the cooperative pool.
///
/// A query is bound (`BoundQuery`), then run over each slice of the mailbox (`TextCursor`), newest first, and no further than
/// the page and the total need. A query of filters alone is answered by set algebra.
package struct Searcher: Sendable {
  package static let maxLimit = 500

  package let analyzers: AnalyzerSet
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
  ///   - wantsCursor: without it the answer does not tell where the next page begins.
  ///   - facets: counted over all hits; then nothing stops early.
  ///   - trace: takes down what the search did and how long it took.
  /// - Throws: `QueryError` for a query with too many words; `SearchError`; `IndexError` where a record is missing or damaged; `FileError`.
  package func search(
    _ query: QueryNode, in snapshot: UserSnapshot, context: SearchContext, sort: SortOrder = .newestFirst,
    limit: Int = 50, cursor: String? = nil, wantsTotal: Bool = true, wantsCursor: Bool = true,
    facets: FacetRequest = .none, deadline: SearchDeadline = .never, trace: SearchTrace? = nil
  ) throws -> SearchResult {
    let resumed = try page(behind: cursor, .init(query: query, zone: context.zone, user: snapshot.user, sort: sort))
    let analyzers = resumed.map { self.analyzers.with($0.languages) } ?? self.analyzers
    let analyzed = try AnalyzedQuery(query, analyzers, deadline)
    trace?.noteAnalyzed(analyzed, analyzers)
    return try search(
      analyzed, analyzers, in: snapshot, context: context, sort: sort, limit: limit, from: resumed,
      wantsTotal: wantsTotal, wantsCursor: wantsCursor, facets: facets, deadline: deadline, trace: trace)
  }

  /// The same, of a query that is asked again and again, with the analyzers of this searcher.
  package func search(
    _ analyzed: AnalyzedQuery, in snapshot: UserSnapshot, context: SearchContext, sort: SortOrder = .newestFirst,
    limit: Int = 50, cursor: String? = nil, wantsTotal: Bool = true, wantsCursor: Bool = true,
    facets: FacetRequest = .none, deadline: SearchDeadline = .never, trace: SearchTrace? = nil
  ) throws -> SearchResult {
    let resumed = try page(
      behind: cursor, .init(query: analyzed.query, zone: context.zone, user: snapshot.user, sort: sort))
    return try search(
      analyzed, analyzers, in: snapshot, context: context, sort: sort, limit: limit, from: resumed,
      wantsTotal: wantsTotal, wantsCursor: wantsCursor, facets: facets, deadline: deadline, trace: trace)
  }

  private func page(behind cursor: String?, _ binding: SearchCursor.Binding) throws -> SearchCursor? {
    try cursor.map { try SearchCursor($0, for: binding, secret: cursorKey) }
  }

  private func search(
    _ analyzed: AnalyzedQuery, _ analyzers: AnalyzerSet, in snapshot: UserSnapshot, context: SearchContext,
    sort: SortOrder, limit: Int, from resumed: SearchCursor?, wantsTotal: Bool, wantsCursor: Bool,
    facets: FacetRequest, deadline: SearchDeadline, trace: SearchTrace?
  ) throws -> SearchResult {
    let limit = min(max(limit, 1), Self.maxLimit)
    var context = context
    if let resumed { context = context.at(resumed.moment) }
    let last = resumed?.key
    let cache = RecordCache(snapshot, analyzed.leaves, context, analyzers, deadline, trace: trace)
    var binder = QueryBinder(snapshot, context)
    var bound = binder.bind(analyzed)
    if sort == .relevance, let last {
      let newest = try RelevanceBasis(last.text).newest
      bound = bound.excluding(snapshot.attributes.live.later(than: newest))
    }
    let execution = SearchExecution(bound, snapshot, context, cache, deadline)
    trace?.noteBound()
    let page = try execution.page(
      after: last, sort, limit: limit, wantsTotal: wantsTotal, facets: facets)
    trace?.noteEnd(page, execution.bound, analyzed, binder)
    var nextCursor: String?
    if page.hasMore, wantsCursor, let last = page.last {
      nextCursor = SearchCursor(moment: context.now, languages: analyzers.stemming, key: last)
        .text(
          for: .init(query: analyzed.query, zone: context.zone, user: snapshot.user, sort: sort), secret: cursorKey)
    }
    return SearchResult(
      total: wantsTotal ? page.total : nil, documents: page.documents, scores: page.scores,
      facets: page.facets, nextCursor: nextCursor, warnings: execution.bound.warnings, recordsRead: cache.readCount)
  }
}
