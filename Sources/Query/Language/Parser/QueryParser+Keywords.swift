/// The operators that are words. In capitals they are operators wherever they stand; in other letters where an operator can stand
/// and something follows that it can belong to, and the answer says that they were taken so.
extension QueryParser {
  enum Keyword: String, CaseIterable {
    case or = "OR"
    case and = "AND"
    case not = "NOT"

    static func named(_ text: some StringProtocol) -> Keyword? {
      guard text.utf8.count <= 3 else { return nil }
      return Keyword(rawValue: text.uppercased())
    }
  }

  /// The keyword as it is typed here, in capitals or not; `nil` where other letters, or none, stand.
  private func keyword(at distance: Int = 0) -> (keyword: Keyword, isCapitals: Bool)? {
    var letters = String.UnicodeScalarView()
    while letters.count <= 3, let scalar = scanner.peek(distance + letters.count), !QueryScanner.endsWord(scalar) {
      letters.append(scalar)
    }
    let text = String(letters)
    guard letters.allSatisfy(\.isASCII), let keyword = Keyword.named(text) else { return nil }
    return (keyword, keyword.rawValue == text)
  }

  func isAtCapitals(_ keyword: Keyword) -> Bool {
    guard let found = self.keyword() else { return false }
    return found.isCapitals && found.keyword == keyword
  }

  func isAtKeyword(_ keyword: Keyword) -> Bool {
    guard let found = self.keyword(), found.keyword == keyword else { return false }
    return found.isCapitals || (!isBehindMinus && hasOperand(after: keyword))
  }

  mutating func takeKeyword(_ keyword: Keyword) -> Bool {
    scanner.skipBlanks()
    guard isAtKeyword(keyword) else { return false }
    if !isAtCapitals(keyword) { warnAboutKeyword(keyword) }
    scanner.advance(keyword.rawValue.utf8.count)
    operandStart = startBehindBlanks
    return true
  }

  private var startBehindBlanks: Int {
    var scanner = scanner
    scanner.skipBlanks()
    return scanner.position
  }

  /// `-not` leaves out the word.
  private var isBehindMinus: Bool { scanner.peek(-1) == "-" }

  /// Whether something stands behind the keyword that it can belong to: not the end of a group, and no `OR` or `AND`. In small letters these
  /// are a word there, other than behind `not`.
  private func hasOperand(after keyword: Keyword) -> Bool {
    var distance = keyword.rawValue.utf8.count
    while let scalar = scanner.peek(distance), QueryScanner.isBlank(scalar) { distance += 1 }
    guard let scalar = scanner.peek(distance), scalar != ")", scalar != "}" else { return false }
    guard let next = self.keyword(at: distance) else { return true }
    return next.keyword == .not || !next.isCapitals && keyword != .not
  }

  private mutating func warnAboutKeyword(_ keyword: Keyword) {
    warnAboutKeyword(keyword.rawValue, to: &warnings)
  }

  /// That the keyword here was taken for one, though it is not in capitals.
  func warnAboutKeyword(_ keyword: String, to warnings: inout [QueryWarning]) {
    let start = startBehindBlanks
    let typed = scanner.typed(start..<start + keyword.utf8.count)
    warnings.append(
      QueryWarning(
        position: start,
        message: "\(typed) is the operator \(keyword) here; put it in quotes to search for the word.",
        suggestion: "\"\(typed)\""))
  }

  /// That what looks like a keyword is a word, where it stands behind another or among `{ }`: `a and or b`.
  mutating func warnAboutWord() {
    guard scanner.position == operandStart, let found = keyword() else { return }
    let typed = scanner.typed(scanner.position..<scanner.position + found.keyword.rawValue.utf8.count)
    warnings.append(
      QueryWarning(
        position: scanner.position,
        message: "\(typed) is a word here, since an operator cannot stand there; put it in quotes if that is meant.",
        suggestion: "\"\(typed)\""))
  }

  /// `AROUND(5)` in any case, without blanks in it. What is not in capitals and has no number is text.
  mutating func takeAround() throws(QueryError) -> (distance: Int, isCapitals: Bool)? {
    let start = scanner.position
    scanner.skipBlanks()
    let name = scanner.plainText(scanner.position..<min(scanner.count, scanner.position + 7))
    let isCapitals = name == "AROUND("
    let digits = scanner.position + 7
    guard scanner.peek(6) == "(", name.uppercased() == "AROUND(" else {
      scanner.move(to: start)
      return nil
    }
    var end = digits
    while let scalar = scanner.peek(end - scanner.position), ("0"..."9").contains(scalar) { end += 1 }
    guard scanner.peek(end - scanner.position) == ")", let distance = Int(scanner.plainText(digits..<end)),
      TextQuery.Neighbour.distances.contains(distance)
    else {
      if !isCapitals {
        scanner.move(to: start)
        return nil
      }
      throw QueryError(
        position: digits, expected: "a number from 1 to 1000 and \")\"",
        message: "AROUND takes how many words may lie between: AROUND(5).")
    }
    scanner.move(to: end + 1)
    operandStart = startBehindBlanks
    return (distance, isCapitals)
  }
}
