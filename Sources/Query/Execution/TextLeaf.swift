import Analysis
import Bytes
import Index

/// Words of a query in a scope of fields, with what they mean to each field's analyzer.
struct TextLeaf: Sendable {
  /// Ascending: short ones first.
  let fields: [RecordField]
  private let patterns: [AnalyzerRole: TextPattern]
  /// The different patterns, each once, with the fields that are asked for it.
  let fieldsByPattern: [(pattern: TextPattern, fields: RecordFields)]

  init(_ query: TextQuery, _ field: QueryField?, _ analyzers: AnalyzerSet) {
    fields = Self.fields(of: field).fields
    var patterns: [AnalyzerRole: TextPattern] = [:]
    for role in Set(fields.map(\.analyzer)) {
      let analyzer = analyzers[role]
      switch query.kind {
      case .word:
        let stemming = role == .text ? analyzers.stemming : []
        patterns[role] = analyzer.pattern(forWord: query.text, stemming: stemming)
      case .phrase: patterns[role] = analyzer.pattern(forPhrase: query.text)
      case .prefix: patterns[role] = analyzer.pattern(forPrefix: query.text)
      case .substring: patterns[role] = analyzer.pattern(forSubstring: query.text)
      case .fuzzy: patterns[role] = analyzer.pattern(forFuzzy: query.text, distance: 1)
      case .fuzzy2: patterns[role] = analyzer.pattern(forFuzzy: query.text, distance: 2)
      }
    }
    self.patterns = patterns
    var fieldsByPattern: [(pattern: TextPattern, fields: RecordFields)] = []
    for field in fields {
      guard let pattern = patterns[field.analyzer], !pattern.isNone else { continue }
      if let index = fieldsByPattern.firstIndex(where: { $0.pattern == pattern }) {
        fieldsByPattern[index].fields.insert(RecordFields(field))
      } else {
        fieldsByPattern.append((pattern, RecordFields(field)))
      }
    }
    self.fieldsByPattern = fieldsByPattern
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
  var isEmpty: Bool { patterns.values.allSatisfy(\.isNone) }

  /// Whether some field is asked for words near to the one typed.
  var isNear: Bool {
    patterns.values.contains { pattern in
      pattern.phrases.contains { $0.contains { if case .near = $0.shape { true } else { false } } }
    }
  }

  /// What the leaf asks of a field; nothing of one outside its scope.
  func pattern(for field: RecordField) -> TextPattern {
    fields.contains(field) ? patterns[field.analyzer] ?? .none : .none
  }

  /// The words that the query's text has become.
  var termCount: Int { patterns.values.map { $0.phrases.map(\.count).reduce(0, max) }.max() ?? 0 }
}
