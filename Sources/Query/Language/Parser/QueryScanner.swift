/// Walks a query's Unicode scalars. Knows blanks, the punctuation that people type or paste in other shapes (curly quotes,
/// full-width forms), and what a backslash takes its meaning from.
struct QueryScanner {
  private let scalars: [Unicode.Scalar]
  /// What a backslash is to the text; empty where there is none.
  private let escapes: [Escape]
  private(set) var position = 0

  private enum Escape { case none, backslash, escaped }

  /// Stands for a scalar that means nothing to the grammar.
  private static let opaque: Unicode.Scalar = "\u{FFFD}"

  init(_ text: String) {
    scalars = Array(text.unicodeScalars)
    escapes = Self.escapes(in: scalars)
  }

  var count: Int { scalars.count }
  var isAtEnd: Bool { position == scalars.count }

  /// The scalar here in its plain shape, as the grammar sees it; nil at the end.
  var current: Unicode.Scalar? { peek(0) }

  func peek(_ distance: Int) -> Unicode.Scalar? {
    let index = position + distance
    return index >= 0 && index < scalars.count ? syntax(at: index) : nil
  }

  mutating func advance(_ distance: Int = 1) { position = min(scalars.count, position + distance) }

  mutating func move(to position: Int) { self.position = min(scalars.count, position) }

  mutating func skipBlanks() {
    while let scalar = current, Self.isBlank(scalar) { position += 1 }
  }

  // MARK: Texts

  /// The text as it was typed, without the backslashes that escape.
  func text(_ range: Range<Int>) -> String {
    var text = String.UnicodeScalarView()
    for index in range where escapes.isEmpty || escapes[index] != .backslash { text.append(scalars[index]) }
    return String(text)
  }

  /// The text as it was typed.
  func typed(_ range: Range<Int>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars[range])
    return String(text)
  }

  /// The text with its punctuation in plain shape, for names and values of operators.
  func plainText(_ range: Range<Int>) -> String { Self.plain(text(range)) }

  /// The scalars as the grammar sees them, one for each of the range.
  func syntax(_ range: Range<Int>) -> [Unicode.Scalar] { range.map(syntax(at:)) }

  private func syntax(at index: Int) -> Unicode.Scalar {
    escapes.isEmpty || escapes[index] == .none ? Self.plain(scalars[index]) : Self.opaque
  }

  /// The end of the word that starts here: before a blank, a quote, a parenthesis or brace, or the end.
  func wordEnd(from start: Int) -> Int {
    var end = start
    while end < scalars.count, !Self.endsWord(syntax(at: end)) { end += 1 }
    return end
  }

  /// The start of the next word, behind blanks alone; `nil` where something else follows.
  func nextWord(after end: Int) -> Int? {
    var start = end
    while start < scalars.count, Self.isBlank(syntax(at: start)) { start += 1 }
    return start > end && start < scalars.count && !Self.endsWord(syntax(at: start)) ? start : nil
  }

  /// The colon that ends a name at the beginning of a word: `12:30` and `https://` have none.
  func colon(in range: Range<Int>) -> Int? {
    let plain = syntax(range)
    guard let colon = plain.firstIndex(of: ":"), colon > 0, plain[0].properties.isAlphabetic else { return nil }
    let isName = plain[..<colon].allSatisfy { $0.properties.isAlphabetic || $0 == "_" || ("0"..."9").contains($0) }
    return isName ? range.lowerBound + colon : nil
  }

  // MARK: Shapes

  static func endsWord(_ scalar: Unicode.Scalar) -> Bool {
    isBlank(scalar) || "\"(){}".unicodeScalars.contains(scalar)
  }

  static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || scalar.value < 0x20 || scalar.value == 0x7F
  }

  static func plain(_ text: String) -> String {
    var plain = String.UnicodeScalarView()
    plain.append(contentsOf: text.unicodeScalars.map(Self.plain))
    return String(plain)
  }

  /// Curly and low quotes are `"`, a minus sign is `-`, full-width forms are their ASCII twins.
  static func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0x201C...0x201F: "\""
    case 0x2212: "-"
    case 0xFF01...0xFF5E: Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
    default: scalar
    }
  }

  // MARK: Escapes

  /// A backslash takes its meaning from the punctuation of the language and from blanks, and makes a word of `OR`, `AND`
  /// and `NOT` in any case. Before anything else it is a character like any other.
  static func isEscapable(_ scalar: Unicode.Scalar) -> Bool {
    let scalar = plain(scalar)
    return endsWord(scalar) || "\\*~-:".unicodeScalars.contains(scalar)
  }

  private static func escapes(in scalars: [Unicode.Scalar]) -> [Escape] {
    guard scalars.contains(where: { plain($0) == "\\" }) else { return [] }
    var escapes = [Escape](repeating: .none, count: scalars.count)
    var index = 0
    while index + 1 < scalars.count {
      if plain(scalars[index]) == "\\", isEscapable(scalars[index + 1]) || isKeyword(scalars[(index + 1)...]) {
        escapes[index] = .backslash
        escapes[index + 1] = .escaped
        index += 1
      }
      index += 1
    }
    return escapes
  }

  /// Whether one of the operators that are words begins here and ends with the word.
  private static func isKeyword(_ scalars: ArraySlice<Unicode.Scalar>) -> Bool {
    let word = scalars.prefix(4).prefix { !endsWord(plain($0)) }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: word.map(plain))
    return QueryParser.Keyword.named(String(text)) != nil
  }
}
