/// The leaves of the grammar: phrases, words, and what stands behind an operator's colon.
extension QueryParser {
  mutating func parsePhrase(scope: Scope?) throws(QueryError) -> QueryNode {
    let start = scanner.position
    let text = try readQuoted()
    if scanner.current == "*" || scanner.current == "~" {
      throw QueryError(
        position: scanner.position, expected: "a blank",
        message: "A phrase cannot be followed by \"*\" or \"~\" in this version.")
    }
    return try leaf(.phrase, text, at: start, scope)
  }

  private mutating func readQuoted() throws(QueryError) -> String {
    let opened = scanner.position
    scanner.advance()
    let start = scanner.position
    while let scalar = scanner.current {
      if scalar == "\"" {
        scanner.advance()
        return scanner.text(start..<scanner.position - 1)
      }
      scanner.advance()
    }
    throw unclosed("\"", expected: "a closing quote", opened)
  }

  mutating func parseWord(scope: Scope?) throws(QueryError) -> QueryNode {
    let start = scanner.position
    let end = scanner.wordEnd(from: start)
    // A header field may have an operator's name: header:(subject:a OR from:b).
    if scope?.takesPairs != true, let colon = scanner.colon(in: start..<end) {
      let name = scanner.plainText(start..<colon)
      if let known = QueryOperator.named(name) {
        if let scope { throw nested(name, in: scope, position: start) }
        return try parseValue(of: known, name, colon: colon)
      }
      if scope == nil { warnAboutUnknown(name, at: start, colon: colon, end: end) }
    }
    return try words(from: start, scope)
  }

  /// A word; or, of a filter that takes a date, as many as are one: `after:last monday`.
  private mutating func words(from start: Int, _ scope: Scope?) throws(QueryError) -> QueryNode {
    var end = scanner.wordEnd(from: start)
    if case .filter(_, let value, let make) = scope?.meaning, value.maxWordCount > 1 {
      // What is complete takes no words: `on:2024 5월` asks for the word 5월 too.
      var isComplete = CalendarPeriod(scanner.plainText(start..<end)) != nil
      var longer = end
      for _ in 1..<value.maxWordCount {
        guard let next = scanner.nextWord(after: longer) else { break }
        if isComplete, !scanner.plainText(next..<scanner.wordEnd(from: next)).hasPrefix("..") { break }
        isComplete = false
        longer = scanner.wordEnd(from: next)
        if make(scanner.plainText(start..<longer)) != nil { end = longer }
      }
    }
    scanner.move(to: end)
    if scope?.takesPairs == true, scanner.current == "\"", scanner.syntax(start..<end).last == ":" {
      return try leaf(.word, scanner.text(start..<end) + readQuoted(), at: start, scope)
    }
    return try word(start..<end, scope)
  }

  /// value = [ "-" ] ( group | alternatives | phrase | word ), after a name and its colon. Blanks before it are forgiven.
  private mutating func parseValue(of known: QueryOperator, _ name: String, colon: Int) throws(QueryError) -> QueryNode
  {
    scanner.move(to: colon + 1)
    scanner.skipBlanks()
    let scope = Scope(name: name, meaning: known.meaning)
    switch scanner.current {
    case "(", "{", "\"": return try parsePrimary(scope: scope)
    case nil, ")", "}":
      throw QueryError(
        position: scanner.position, expected: expectation(of: scope), message: "\(name): needs something to look for.")
    default:
      if takeMinus() {
        return .not(try deeper { (parser) throws(QueryError) in try parser.parsePrimary(scope: scope) })
      }
      return try words(from: scanner.position, scope)
    }
  }

  /// A word with the stars and tildes that may stand at its ends.
  private mutating func word(_ range: Range<Int>, _ scope: Scope?) throws(QueryError) -> QueryNode {
    if case .filter(_, let value, _) = scope?.meaning {
      let text = value == .name || value == .pair ? scanner.text(range) : scanner.plainText(range)
      return try leaf(.word, text, at: range.lowerBound, scope)
    }
    let plain = scanner.syntax(range)
    if plain == ["*"], scope == nil { return try counted(.all, at: range.lowerBound) }
    if let tilde = fuzzyMark(plain) { return try fuzzyWord(plain, tilde, range, scope) }
    guard let star = plain.firstIndex(of: "*") else {
      return try leaf(.word, scanner.text(range), at: range.lowerBound, scope)
    }
    if star > 0, star == plain.count - 1 {
      return try leaf(.prefix, scanner.text(range.lowerBound..<(range.upperBound - 1)), at: range.lowerBound, scope)
    }
    if star == 0, plain.count == 1 {
      throw QueryError(
        position: range.lowerBound, expected: "letters before \"*\"", message: "\"*\" needs letters before it: word*.")
    }
    guard star == 0, plain.count > 2, plain.dropFirst().firstIndex(of: "*") == plain.count - 1 else {
      throw QueryError(
        position: range.lowerBound + star, expected: "\"word*\" or \"*part*\"",
        message: "A star stands at the end of a word or at both ends: word*, *part*.")
    }
    return try leaf(
      .substring, scanner.text((range.lowerBound + 1)..<(range.upperBound - 1)), at: range.lowerBound, scope)
  }

  private mutating func fuzzyWord(
    _ plain: [Unicode.Scalar], _ tilde: Int, _ range: Range<Int>, _ scope: Scope?
  ) throws(QueryError) -> QueryNode {
    let distance = tilde + 1 < plain.count ? plain[tilde + 1] : "1"
    guard distance == "1" || distance == "2", !plain.contains("*") else {
      throw QueryError(
        position: range.lowerBound + tilde, expected: "\"~\", \"~1\" or \"~2\"",
        message: "A word may be one or two edits away: word~, word~2.")
    }
    let text = scanner.text(range.lowerBound..<(range.lowerBound + tilde))
    return try leaf(distance == "2" ? .fuzzy2 : .fuzzy, text, at: range.lowerBound, scope)
  }

  /// Where `~`, `~1` or `~2` stands at the end of a word that it could belong to.
  private func fuzzyMark(_ word: [Unicode.Scalar]) -> Int? {
    guard let tilde = word.lastIndex(of: "~"), tilde > 0 else { return nil }
    let rest = word[(tilde + 1)...]
    return rest.isEmpty || (rest.count == 1 && ("0"..."9").contains(rest[tilde + 1])) ? tilde : nil
  }

  private mutating func leaf(
    _ kind: TextQuery.Kind, _ text: String, at position: Int, _ scope: Scope?
  ) throws(QueryError) -> QueryNode {
    switch scope?.meaning {
    case nil: return try textLeaf(nil, kind, text, at: position)
    case .field(let field): return try textLeaf(field, kind, text, at: position)
    case .filter(let expected, let value, let make):
      if text.unicodeScalars.contains(where: { !QueryScanner.isBlank($0) }), let node = make(text) {
        return try counted(node, at: position)
      }
      throw QueryError(
        position: position, expected: expected, suggestion: QueryOperator.nearest(to: text, among: value.choices),
        message: "\(scope?.name ?? ""): takes \(expected).")
    }
  }

  private mutating func textLeaf(
    _ field: QueryField?, _ kind: TextQuery.Kind, _ text: String, at position: Int
  ) throws(QueryError) -> QueryNode {
    guard text.unicodeScalars.contains(where: { !QueryScanner.isBlank($0) }) else {
      throw QueryError(
        position: position, expected: "words between the quotes", message: "There is nothing between the quotes.")
    }
    return try counted(.text(field: field, TextQuery(kind, text)), at: position)
  }

  // MARK: Names

  private mutating func warnAboutUnknown(_ name: String, at position: Int, colon: Int, end: Int) {
    if scanner.plainText(colon..<end).hasPrefix("://") { return }
    let suggestion = QueryOperator.suggestion(for: name)
    let meant = suggestion.map { " Did you mean \($0)" + "?" } ?? ""
    warnings.append(
      QueryWarning(
        position: position, message: "\(name): is not an operator and was searched as text." + meant,
        suggestion: suggestion))
  }
}
