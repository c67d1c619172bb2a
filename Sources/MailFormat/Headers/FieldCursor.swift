/// Walks over the bytes of a structured header field (RFC 5322 §3.2).
struct FieldCursor {
  private let bytes: ArraySlice<UInt8>
  private(set) var index: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    index = bytes.startIndex
  }

  var isAtEnd: Bool { index >= bytes.endIndex }
  var peek: UInt8? { index < bytes.endIndex ? bytes[index] : nil }
  var rest: ArraySlice<UInt8> { bytes[index...] }

  /// What was walked over since `start`.
  func bytes(from start: Int) -> ArraySlice<UInt8> { bytes[start..<index] }

  mutating func advance(by count: Int = 1) { index = min(index + count, bytes.endIndex) }

  mutating func take(while isWanted: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    let start = index
    while index < bytes.endIndex, isWanted(bytes[index]) { index += 1 }
    return bytes[start..<index]
  }

  /// False when there is neither.
  mutating func skipBlanksAndComments() -> Bool {
    let start = index
    while let byte = peek {
      if byte.isSpace { advance() } else if byte == 0x28 { _ = takeComment() } else { break }
    }
    return index > start
  }

  /// Walks over a quoted string at the cursor and returns it as written. The end of the field closes it too.
  mutating func skipQuoted() -> ArraySlice<UInt8> {
    let start = index
    advance()
    while let byte = peek {
      advance()
      if byte == 0x22 { break }
      if byte == 0x5C, let escaped = peek, !escaped.isLineEnd { advance() }
    }
    return bytes[start..<index]
  }

  /// The text of a quoted string at the cursor.
  mutating func takeQuoted() -> [UInt8] { Self.unquoted(skipQuoted()) }

  /// The text of a quoted string, without quotes, escapes and folds.
  static func unquoted(_ quoted: ArraySlice<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    var index = quoted.startIndex + 1
    while index < quoted.endIndex, quoted[index] != 0x22 {
      let isEscape = quoted[index] == 0x5C && index + 1 < quoted.endIndex && !quoted[index + 1].isLineEnd
      if isEscape { index += 1 }
      if !quoted[index].isLineEnd { text.append(quoted[index]) }
      index += 1
    }
    return text
  }

  /// The text of a comment at the cursor, comments inside it with their parentheses. The end of the field closes it too.
  mutating func takeComment() -> [UInt8] {
    advance()
    var text: [UInt8] = []
    var depth = 1
    while let byte = peek {
      advance()
      if byte == 0x5C, let escaped = peek {
        text.append(escaped)
        advance()
        continue
      }
      if byte == 0x28 { depth += 1 }
      if byte == 0x29 {
        depth -= 1
        if depth == 0 { break }
      }
      text.append(byte)
    }
    return text
  }
}
