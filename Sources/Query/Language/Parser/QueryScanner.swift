/// Walks a query's Unicode scalars. Knows blanks, and the punctuation that people type or paste in other shapes: curly
/// quotes, full-width forms.
struct QueryScanner {
  private let scalars: [Unicode.Scalar]
  private(set) var position = 0

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  var count: Int { scalars.count }
  var isAtEnd: Bool { position == scalars.count }

  /// The scalar here in its plain shape, nil at the end.
  var current: Unicode.Scalar? { peek(0) }

  func peek(_ distance: Int) -> Unicode.Scalar? {
    let index = position + distance
    return index < scalars.count ? Self.plain(scalars[index]) : nil
  }

  mutating func advance(_ distance: Int = 1) { position = min(scalars.count, position + distance) }

  mutating func move(to position: Int) { self.position = min(scalars.count, position) }

  mutating func skipBlanks() {
    while let scalar = current, Self.isBlank(scalar) { position += 1 }
  }

  /// The text as it was typed.
  func text(_ range: Range<Int>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars[range])
    return String(text)
  }

  /// The text with its punctuation in plain shape, for names and values of operators.
  func plainText(_ range: Range<Int>) -> String { Self.plain(text(range)) }

  static func plain(_ text: String) -> String {
    var plain = String.UnicodeScalarView()
    plain.append(contentsOf: text.unicodeScalars.map(Self.plain))
    return String(plain)
  }

  /// The end of the word that starts here: before a blank, a quote, a parenthesis or brace, or the end.
  func wordEnd(from start: Int) -> Int {
    var end = start
    while end < scalars.count {
      let scalar = Self.plain(scalars[end])
      if Self.isBlank(scalar) || "\"(){}".unicodeScalars.contains(scalar) { break }
      end += 1
    }
    return end
  }

  static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || scalar.value < 0x20 || scalar.value == 0x7F
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
}
