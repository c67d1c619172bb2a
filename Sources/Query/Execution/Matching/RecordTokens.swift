import Analysis
import Index

/// Walks the tokens of a text record field by field, as an inversion does.
struct RecordTokens {
  let record: ExtractedTextRecord
  let analyzers: AnalyzerSet
  let deadline: SearchDeadline

  /// - Parameter cost: of a token, in looks at one that is compared by its hash alone: how often the deadline is looked at.
  /// - Returns: the words of the record, as the column of lengths counts them.
  func forEach(
    cost: Int = 1, _ body: (_ field: RecordField, _ term: Span<UInt8>, _ token: TokenAttributes) -> Void
  ) throws(SearchError) -> Int {
    var (wordCount, work) = (0, 0)
    var isPast = false
    for field in RecordField.allCases {
      let analyzer = analyzers[field.analyzer]
      record.forEachValue(of: field) { value in
        if isPast { return }
        var value = value
        value.makeContiguousUTF8()
        var last = -1
        analyzer.walkTokens(in: value.utf8.span) { term, token in
          last = max(last, token.position)
          body(field, term, token)
          work += cost
          if work < FieldMatcher.tokensPerLook { return true }
          work = 0
          isPast = deadline.isPast
          return !isPast
        }
        wordCount += last + 1
      }
    }
    if isPast { try deadline.check() }
    return wordCount
  }
}
