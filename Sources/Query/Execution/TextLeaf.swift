import Analysis
import Bytes
import Index

/// Words of a query in a scope of fields, with what they mean to each field's analyzer.
struct TextLeaf: Sendable {
  /// Ascending: short ones first.
  let fields: [RecordField]
  /// Those that are `none` are left out.
  private let patterns: [RecordField: TextPattern]
  /// The different patterns, each once, with the fields that are asked for it.
  let fieldsByPattern: [(pattern: TextPattern, fields: RecordFields)]

  init(_ query: TextQuery, _ field: QueryField?, _ analyzers: AnalyzerSet) {
    fields = Self.fields(of: field).fields
    var patterns: [RecordField: TextPattern] = [:]
    var fieldsByPattern: [(pattern: TextPattern, fields: RecordFields)] = []
    var known: [AnalyzerRole: TextPattern] = [:]
    for field in fields {
      let pattern =
        Self.initials(query, field, analyzers) ?? known[field.analyzer]
        ?? Self.pattern(of: query, field.analyzer, analyzers, &known)
      if pattern.isNone { continue }
      patterns[field] = pattern
      if let index = fieldsByPattern.firstIndex(where: { $0.pattern == pattern }) {
        fieldsByPattern[index].fields.insert(RecordFields(field))
      } else {
        fieldsByPattern.append((pattern, RecordFields(field)))
      }
    }
    self.patterns = patterns
    self.fieldsByPattern = fieldsByPattern
  }

  private static func pattern(
    of query: TextQuery, _ role: AnalyzerRole, _ analyzers: AnalyzerSet, _ known: inout [AnalyzerRole: TextPattern]
  ) -> TextPattern {
    let pattern = pattern(of: query, analyzers[role], stemming: role == .text ? analyzers.stemming : [])
    known[role] = pattern
    return pattern
  }

  /// Nothing where the words or their neighbours are none.
  private static func pattern(
    of query: TextQuery, _ analyzer: Analyzer, stemming: StemmingLanguages
  ) -> TextPattern {
    let pattern =
      switch query.kind {
      case .word: analyzer.pattern(forWord: query.text, stemming: stemming)
      case .phrase: analyzer.pattern(forPhrase: query.text)
      case .prefix: analyzer.pattern(forPrefix: query.text)
      case .substring: analyzer.pattern(forSubstring: query.text)
      case .fuzzy: analyzer.pattern(forFuzzy: query.text, distance: 1)
      case .fuzzy2: analyzer.pattern(forFuzzy: query.text, distance: 2)
      }
    guard let neighbour = query.neighbour else { return pattern }
    let other = self.pattern(of: neighbour.query, analyzer, stemming: stemming)
    if pattern.isNone || other.isNone { return .none }
    return TextPattern(
      pattern.phrases, near: TextPattern.Neighbour(other.phrases, within: neighbour.distance))
  }

  /// Syllables are looked for by their initial consonants in what is short: in running text nearly any row of consonants
  /// stands somewhere.
  private static func initials(_ query: TextQuery, _ field: RecordField, _ analyzers: AnalyzerSet) -> TextPattern? {
    guard query.kind == .word, query.neighbour == nil, query.text.utf8.first ?? 0 >= 0xE1, field != .body,
      field != .attachment
    else {
      return nil
    }
    return analyzers[field.analyzer].pattern(forInitials: query.text)
  }

  static func fields(of field: QueryField?) -> RecordFields {
    switch field {
    case nil: .all
    case .subject: .subject
    case .from: .from
    case .to: .recipients
    case .cc: .cc
    case .bcc: .bcc
    case .body: .body
    case .filename: .filename
    case .attachment: .attachment
    case .list: .list
    }
  }

  /// Punctuation only: there is nothing to look for.
  var isEmpty: Bool { patterns.isEmpty }

  /// Whether some field is asked for words near to the one typed.
  var isNear: Bool {
    patterns.values.contains { pattern in
      pattern.phrases.contains { $0.contains { if case .near = $0.shape { true } else { false } } }
    }
  }

  /// What the leaf asks of a field; nothing of one outside its scope.
  func pattern(for field: RecordField) -> TextPattern {
    patterns[field] ?? .none
  }

  /// The words that the query's text has become.
  var termCount: Int {
    func longest(_ phrases: [[PhraseElement]]) -> Int { phrases.map(\.count).reduce(0, max) }
    return patterns.values.map { longest($0.phrases) + longest($0.neighbour?.phrases ?? []) }.max() ?? 0
  }
}
