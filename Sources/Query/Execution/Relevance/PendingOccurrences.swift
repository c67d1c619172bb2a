import Analysis
import Bytes
import Index

/// How much the words of a query weigh in hits that are in no segment, seen in their text records as an inversion would.
struct PendingOccurrences {
  /// For each word of the query, by the ordinals of hits that hold it.
  private var weights: [[(ordinal: Int, weight: Float)]]
  /// By ordinal, as the column of lengths has them.
  private var wordCounts: [Int: Int] = [:]

  init(_ terms: [RelevanceTerm], _ hits: SliceHits, _ cache: RecordCache, _ deadline: SearchDeadline) throws {
    weights = terms.map { _ in [] }
    let words = QueryWords(terms.flatMap { $0.forms.map(\.word) })
    try hits.forEachOrdinal { ordinal in
      var counts = [[Int]](repeating: [Int](repeating: 0, count: RecordField.allCases.count), count: words.count)
      let tokens = RecordTokens(
        record: try cache.record(hits.docID(ordinal)), analyzers: cache.analyzers, deadline: deadline)
      let wordCount = try tokens.forEach(cost: words.costPerToken) { field, term, token in
        words.forEachWord(term, token.kind, written: []) { counts[$0][Int(field.rawValue)] += 1 }
      }
      wordCounts[ordinal] = LengthColumn.nearestBelow(wordCount)
      for (number, term) in terms.enumerated() {
        let weight = Self.weight(of: term, words, counts)
        if weight > 0 { weights[number].append((ordinal, weight)) }
      }
    }
  }

  func forEachHit(of term: Int, _ body: (_ ordinal: Int, _ weight: Float) -> Void) {
    for (ordinal, weight) in weights[term] { body(ordinal, weight) }
  }

  func wordCount(at ordinal: Int) -> Int { wordCounts[ordinal] ?? 0 }

  private static func weight(of term: RelevanceTerm, _ words: QueryWords, _ counts: [[Int]]) -> Float {
    var weight: Float = 0
    for form in term.forms {
      guard let word = words.index(of: form.word) else { continue }
      let own = form.fields.fields.filter { counts[word][Int($0.rawValue)] > 0 }
      if !form.countsOccurrences {
        weight += own.isEmpty ? 0 : 1
        continue
      }
      for field in own {
        weight += RelevanceFormula.weight(of: field, occurrences: counts[word][Int(field.rawValue)])
      }
    }
    return weight
  }
}
