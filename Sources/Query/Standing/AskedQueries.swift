import Analysis
import Bytes
import Index

/// Standing queries that are asked together, of one mail or of one after another: all share one walk over a mail's text, and
/// what is made of their words is made once.
final class AskedQueries {
  private let queries: [(number: UInt64, query: AnalyzedQuery)]
  private let leaves: [TextLeaf]
  private let analyzers: AnalyzerSet
  private let matchers: FieldMatchers

  init(_ queries: [(number: UInt64, query: AnalyzedQuery)], _ analyzers: AnalyzerSet) {
    self.queries = queries
    self.analyzers = analyzers
    leaves = queries.flatMap { $0.query.leaves }
    matchers = FieldMatchers(leaves, analyzers)
  }

  /// Asks one after another.
  /// - Parameter snapshot: of a mailbox of this mail alone.
  /// - Throws: `SearchError` past the deadline; what was found until then is in `matches`.
  func ask(
    of docID: DocID, in snapshot: UserSnapshot, _ context: SearchContext, _ headers: HeaderSearch,
    _ deadline: SearchDeadline, _ matches: inout StandingMatches
  ) throws {
    let cache = RecordCache(snapshot, leaves, context, analyzers, deadline, matchers: matchers, headers: headers)
    var firstLeaf = 0
    for (number, query) in queries {
      try deadline.check()
      var binder = QueryBinder(snapshot, context)
      let matcher = DocumentMatcher(docID, cache, firstLeaf: firstLeaf)
      do {
        matches.note(number, isMatch: try matcher.isHit(of: binder.bind(query), snapshot.attributes))
      } catch let error as UnreadHeader {
        // Others may not ask for it.
        matches.note(error)
      }
      firstLeaf += query.leaves.count
    }
  }
}
