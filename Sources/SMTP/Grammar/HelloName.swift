/// What a client calls itself in EHLO and HELO, held against the grammar: `mx.example.com` or `[192.0.2.1]` (RFC 5321
/// §4.1.1.1).
struct HelloName {
  /// A domain, with `_` allowed and the root's dot forgiven, or an address literal. An address without brackets is none.
  let isWellFormed: Bool
  /// Well-formed, and not a host's name alone (RFC 5321 §2.3.5).
  let isFullyQualified: Bool

  init(_ text: String) {
    let isLiteral = text.hasPrefix("[")
    let name = Array((text.hasSuffix(".") && !isLiteral ? text.dropLast() : text[...]).utf8)
    var cursor = ByteCursor(name)
    let labels = name.split(separator: UInt8(ascii: "."))
    // No top-level domain is a number (RFC 3696 §2).
    let endsInNumber = !isLiteral && labels.last?.allSatisfy(\.isDigit) ?? true
    isWellFormed = PathParser.domainOrLiteral(&cursor) != nil && cursor.isAtEnd && !endsInNumber
    isFullyQualified = isWellFormed && (isLiteral || labels.count > 1)
  }
}
