package import Bytes

/// One page of an answer.
package struct SearchResult: Sendable, Hashable {
  /// All hits of the query, exactly; `nil` where it was not asked for.
  package var total: Int?
  /// At most as many as the limit, in the order asked for.
  package var documents: [DocID]
  /// How relevant each of them is, where the order asks that; else empty.
  package var scores: [Double]
  /// In the order asked for; empty where none was.
  package var facets: [FacetCounts]
  /// For the next page; `nil` on the last one.
  package var nextCursor: String?
  package var warnings: [QueryWarning]
  /// Text records read and decompressed to find the answer.
  package var recordsRead: Int

  package init(
    total: Int?, documents: [DocID], scores: [Double] = [], facets: [FacetCounts] = [], nextCursor: String?,
    warnings: [QueryWarning],
    recordsRead: Int
  ) {
    self.total = total
    self.documents = documents
    self.scores = scores
    self.facets = facets
    self.nextCursor = nextCursor
    self.warnings = warnings
    self.recordsRead = recordsRead
  }
}
