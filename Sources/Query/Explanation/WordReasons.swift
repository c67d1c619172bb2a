import Analysis
import Index

/// Says which words of a clause stand in which fields of a text record, which do not, and what stands there that is near.
struct WordReasons {
  /// Words shown of those that a prefix, a part or a fuzzy word found, and of near ones.
  private static let shownLimit = 3
  private static let greatestDistance = 2

  private let leaf: TextLeaf
  private let analyzers: AnalyzerSet
  private let record: ExtractedTextRecord
  private let deadline: SearchDeadline

  init(_ leaf: TextLeaf, _ analyzers: AnalyzerSet, _ record: ExtractedTextRecord, _ deadline: SearchDeadline) {
    self.leaf = leaf
    self.analyzers = analyzers
    self.record = record
    self.deadline = deadline
  }

  func lines(isMatch: Bool) throws -> [String] {
    var lines: [String] = []
    for (pattern, fields) in leaf.fieldsByPattern {
      for phrase in pattern.allPhrases {
        // Of neighbours each is told of by itself: whether it stands somewhere, and not that it is too far away.
        for line in try self.lines(phrase, fields, isMatch || pattern.neighbour != nil) where !lines.contains(line) {
          lines.append(line)
        }
      }
      if let neighbour = pattern.neighbour, !isMatch {
        let line = "in no value of a field do they stand within \(neighbour.distance) of each other"
        if !lines.contains(line) { lines.append(line) }
      }
    }
    return lines
  }

  private func lines(_ phrase: [PhraseElement], _ fields: RecordFields, _ isMatch: Bool) throws -> [String] {
    var lines: [String] = []
    var common = fields
    for element in phrase {
      let (found, terms) = try find(element, fields)
      common.formIntersection(found)
      if found.isEmpty {
        lines.append("\(element) stands nowhere in \(Self.text(fields))" + (try near(element, fields)))
      } else {
        let shown = element.shape == .whole ? "" : " (" + terms.joined(separator: ", ") + ")"
        lines.append("\(element) stands in \(Self.text(found))\(shown)")
      }
    }
    if !isMatch, !common.isEmpty {
      lines.append("these stand in no field in their places: " + phrase.map(\.description).joined(separator: " "))
    } else if phrase.count > 1, common.isEmpty, lines.allSatisfy({ !$0.contains("stands nowhere") }) {
      lines.append("no field holds all of: " + phrase.map(\.description).joined(separator: " "))
    }
    return lines
  }

  private static func text(_ fields: RecordFields) -> String {
    fields.fields.map { "\($0)" }.joined(separator: ", ")
  }

  /// The fields that hold the element, and some of the terms that it is there.
  private func find(
    _ element: PhraseElement, _ fields: RecordFields
  ) throws -> (fields: RecordFields, terms: [String]) {
    let matcher = TermMatcher(element.term, element.shape)
    var found: RecordFields = []
    var terms: [String] = []
    for field in fields.fields {
      try walk(field) { term, kind in
        guard matcher.matches(term) || kind != .folded && element.agrees(with: term) else { return }
        found.insert(RecordFields(field))
        Self.add(term, to: &terms)
      }
    }
    return (found, terms)
  }

  /// `; near it: budget, budge`
  private func near(_ element: PhraseElement, _ fields: RecordFields) throws -> String {
    if element.shape == .part { return "" }
    let matchers = (1...Self.greatestDistance).map { TermMatcher(element.term, .near($0)) }
    var terms = [[String]](repeating: [], count: Self.greatestDistance)
    for field in fields.fields {
      try walk(field) { term, _ in
        guard matchers[Self.greatestDistance - 1].matches(term),
          let distance = matchers.firstIndex(where: { $0.matches(term) })
        else { return }
        Self.add(term, to: &terms[distance])
      }
    }
    let nearest = terms.flatMap { $0 }.prefix(Self.shownLimit)
    return nearest.isEmpty ? "" : "; near it: " + nearest.joined(separator: ", ")
  }

  private static func add(_ term: Span<UInt8>, to terms: inout [String]) {
    guard terms.count < shownLimit else { return }
    var bytes: [UInt8] = []
    bytes.replace(with: term)
    let text = String(decoding: bytes, as: UTF8.self)
    if !terms.contains(text) { terms.append(text) }
  }

  private func walk(_ field: RecordField, _ body: (Span<UInt8>, TokenKind) -> Void) throws {
    try deadline.check()
    let analyzer = analyzers[field.analyzer]
    record.forEachValue(of: field) { value in
      var value = value
      value.makeContiguousUTF8()
      analyzer.forEachToken(in: value.utf8.span) { term, token in body(term, token.kind) }
    }
  }
}
