import Analysis
import Bytes
import Index

/// Words of a query in a scope of fields, with what they mean to each field's analyzer.
struct TextLeaf {
  /// Ascending: short ones first.
  let fields: [RecordField]
  private let patterns: [AnalyzerRole: TextPattern]

  init(_ query: TextQuery, _ field: QueryField?, _ analyzers: AnalyzerSet) {
    fields = Self.fields(of: field).fields
    var patterns: [AnalyzerRole: TextPattern] = [:]
    for role in Set(fields.map(\.analyzer)) {
      let analyzer = analyzers[role]
      switch query.kind {
      case .word: patterns[role] = analyzer.pattern(forWord: query.text)
      case .phrase: patterns[role] = analyzer.pattern(forPhrase: query.text)
      case .prefix: patterns[role] = analyzer.pattern(forPrefix: query.text)
      }
    }
    self.patterns = patterns
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
    case .list: .list
    }
  }

  /// Punctuation only: there is nothing to look for.
  var isEmpty: Bool { patterns.values.allSatisfy(\.isNone) }

  /// What the leaf asks of a field; nothing of one outside its scope.
  func pattern(for field: RecordField) -> TextPattern {
    fields.contains(field) ? patterns[field.analyzer] ?? .none : .none
  }

  /// The different patterns, each once, with the fields that are asked for it.
  var fieldsByPattern: [TextPattern: RecordFields] {
    var fieldsByPattern: [TextPattern: RecordFields] = [:]
    for field in fields {
      if let pattern = patterns[field.analyzer] { fieldsByPattern[pattern, default: []].insert(RecordFields(field)) }
    }
    return fieldsByPattern
  }

  /// The words that the query's text has become.
  var termCount: Int { patterns.values.map { $0.phrases.map(\.count).reduce(0, max) }.max() ?? 0 }

  /// How dear a look at one record is, in relation.
  var cost: Int {
    patterns.values.map { pattern in
      if pattern.phrases.contains(where: { $0.contains(where: \.isPrefix) }) { return 4 }
      return pattern.phrases.count > 1 ? 3 : pattern.phrases.first.map { min(2, $0.count) } ?? 0
    }.max() ?? 0
  }
}
