package import Analysis

/// A query that stands: it is asked of each mail that arrives, from the moment that it does. Analysed once, for all of them.
package struct StandingQuery: Sendable {
  /// What bounds the work of one.
  package enum Limits {
    /// Words and filters, all words of a phrase counted.
    package static let words = 64
  }

  let analyzed: AnalyzedQuery
  /// `nil` for a query that is asked of every mail.
  let requirement: Requirement?
  package let wordCount: Int

  /// - Throws: `QueryError` for a query with too many words.
  package init(_ query: QueryNode, _ analyzers: AnalyzerSet) throws {
    analyzed = try AnalyzedQuery(query, analyzers)
    var leafCount = 0
    query.forEachNode { leafCount += $0.leafCount }
    wordCount = max(leafCount, analyzed.termCount)
    guard wordCount <= Limits.words else {
      throw QueryError(
        position: 0, expected: "fewer words",
        message: """
          A search that announces mail may have at most \(Limits.words) words and filters, those of its phrases \
          included; this one has \(wordCount).
          """)
    }
    requirement = Requirement(analyzed)
  }

  /// What it costs every mail, by the words that a mail's are held against; nothing where the mail's own words tell that it
  /// need not be asked.
  package var dues: Int { requirement == nil ? max(1, wordCount) : 0 }
}
