import Analysis
import Index

/// The matchers of a query's leaves, or of several queries': each made when its field is first looked at, and good for any
/// number of records. Used by one thread.
final class FieldMatchers {
  private let leaves: [TextLeaf]
  private let analyzers: AnalyzerSet
  private var matchers: [RecordField: FieldMatcher] = [:]

  init(_ leaves: [TextLeaf], _ analyzers: AnalyzerSet) {
    self.leaves = leaves
    self.analyzers = analyzers
  }

  subscript(field: RecordField) -> FieldMatcher {
    if let known = matchers[field] { return known }
    let matcher = FieldMatcher(leaves.map { $0.pattern(for: field) }, analyzers[field.analyzer])
    matchers[field] = matcher
    return matcher
  }
}
