/// A recursive descent over the grammar of `docs/query-language.md`; each function is one rule of it.
struct QueryParser {
  var scanner: QueryScanner
  var warnings: [QueryWarning] = []
  var depth = 0
  var clauseCount = 0
  /// Where what an operator belongs to begins: behind the keyword that was taken last.
  var operandStart: Int?

  /// The operator that the words of a group belong to, with its name as typed.
  struct Scope {
    var name: String
    var meaning: QueryOperator.Meaning

    var takesPairs: Bool { if case .filter(_, .pair, _) = meaning { true } else { false } }
  }

  init(_ text: String) throws(QueryError) {
    scanner = QueryScanner(text)
    guard scanner.count <= QueryNode.Limits.textLength else {
      throw QueryError(
        position: QueryNode.Limits.textLength, expected: "the end of the query",
        message: "A query may have at most \(QueryNode.Limits.textLength) characters.")
    }
  }

  mutating func parse() throws(QueryError) -> ParsedQuery {
    scanner.skipBlanks()
    if scanner.isAtEnd { return ParsedQuery(root: .all, warnings: []) }
    let root = try parseDisjunction(scope: nil)
    guard let unexpected = scanner.current else { return ParsedQuery(root: root, warnings: warnings) }
    throw QueryError(
      position: scanner.position, expected: "a word or the end of the query",
      message: "\"\(unexpected)\" closes nothing that was opened; put it in quotes to search for it.")
  }

  // MARK: Rules

  /// disjunction = conjunction { "OR" conjunction }
  private mutating func parseDisjunction(scope: Scope?) throws(QueryError) -> QueryNode {
    var nodes = [try parseConjunction(scope: scope)]
    while takeKeyword(.or) { nodes.append(try parseConjunction(scope: scope)) }
    return .disjunction(nodes)
  }

  /// conjunction = factor { [ "AND" ] factor }
  private mutating func parseConjunction(scope: Scope?) throws(QueryError) -> QueryNode {
    var nodes = [try parseFactor(scope: scope)]
    while true {
      scanner.skipBlanks()
      if scanner.isAtEnd || scanner.current == ")" || scanner.current == "}" || isAtKeyword(.or) { break }
      _ = takeKeyword(.and)
      nodes.append(try parseFactor(scope: scope))
    }
    return .conjunction(nodes)
  }

  /// factor = { "-" | "NOT" } primary
  private mutating func parseFactor(scope: Scope?) throws(QueryError) -> QueryNode {
    scanner.skipBlanks()
    if takeKeyword(.not) || takeMinus() {
      return .not(try deeper { (parser) throws(QueryError) in try parser.parseFactor(scope: scope) })
    }
    return try parseNeighbours(scope: scope)
  }

  /// neighbours = primary [ "AROUND(" number ")" primary ], both of them words
  private mutating func parseNeighbours(scope: Scope?) throws(QueryError) -> QueryNode {
    scanner.skipBlanks()
    let start = scanner.position
    let first = try parsePrimary(scope: scope)
    let before = self
    guard let around = try takeAround() else { return first }
    do throws(QueryError) {
      let node = try parseNeighbour(of: first, around.distance, scope: scope).placed(at: start)
      if !around.isCapitals { before.warnAboutKeyword("AROUND", to: &warnings) }
      return node
    } catch  where !around.isCapitals {
      // What small letters cannot mean is text.
      self = before
      return first
    }
  }

  /// What follows AROUND.
  private mutating func parseNeighbour(
    of first: QueryNode, _ distance: Int, scope: Scope?
  ) throws(QueryError) -> QueryNode {
    scanner.skipBlanks()
    let position = scanner.position
    if isAtKeyword(.not) || takeMinus() { throw unjoined(distance, at: position) }
    let second = try parsePrimary(scope: scope)
    guard case .text(let field, let words) = first, case .text(let other, let near) = second,
      other == nil || other == field, words.neighbour == nil, near.neighbour == nil
    else { throw unjoined(distance, at: position) }
    let end = self
    if let next = try takeAround() {
      guard !next.isCapitals else {
        throw QueryError(
          position: scanner.position, expected: "another word or the end of the query",
          message: "AROUND joins two words or phrases, not three.")
      }
      self = end
    }
    return .text(field: field, words.around(near, within: distance))
  }

  /// primary = "(" disjunction ")" | "{" { factor } "}" | phrase | word | name ":" value
  mutating func parsePrimary(scope: Scope?) throws(QueryError) -> QueryNode {
    switch scanner.current {
    case "(": return try parseGroup(scope: scope)
    case "{": return try parseAlternatives(scope: scope)
    case "\"": return try parsePhrase(scope: scope)
    case nil, ")", "}": throw expectedWord()
    default:
      if isAtCapitals(.or) || isAtCapitals(.and) { throw expectedWord() }
      warnAboutWord()
      return try parseWord(scope: scope)
    }
  }

  private mutating func parseGroup(scope: Scope?) throws(QueryError) -> QueryNode {
    let opened = scanner.position
    scanner.advance()
    let node = try deeper { (parser) throws(QueryError) in try parser.parseDisjunction(scope: scope) }
    scanner.skipBlanks()
    guard scanner.current == ")" else { throw unclosed("(", expected: "a closing parenthesis", opened) }
    scanner.advance()
    return node
  }

  /// `{a b}` is a OR b; an OR between them may be written.
  private mutating func parseAlternatives(scope: Scope?) throws(QueryError) -> QueryNode {
    let opened = scanner.position
    scanner.advance()
    var nodes: [QueryNode] = []
    var isOpen = true
    while isOpen {
      scanner.skipBlanks()
      if !nodes.isEmpty { operandStart = scanner.position }
      nodes.append(try deeper { (parser) throws(QueryError) in try parser.parseFactor(scope: scope) })
      isOpen = takeKeyword(.or) || !(scanner.isAtEnd || scanner.current == "}")
    }
    guard scanner.current == "}" else { throw unclosed("{", expected: "a closing brace", opened) }
    scanner.advance()
    return .disjunction(nodes)
  }

  /// A minus directly before something; one that stands alone is a word like any other.
  mutating func takeMinus() -> Bool {
    guard scanner.current == "-", let next = scanner.peek(1), !QueryScanner.isBlank(next), next != ")", next != "}"
    else { return false }
    scanner.advance()
    return true
  }
}
