/// The parameters after a structured value: `; charset=utf-8; name*0*=utf-8''a%20; name*1=b` (RFC 2045 §5.1, RFC 2231).
///
/// Lenient where mail is: values with spaces and no quotes, a quote that is never closed, a missing semicolon before
/// `charset=`, encoded words and raw 8-bit bytes in values.
///
/// Kept as the bytes they are and read anew for each question: a few are asked of a part, most never are, and pieces made
/// of a field of short parameters would take many times its bytes.
///
/// - Complexity: each question is linear in the field.
struct MIMEParameters: Sendable {
  /// What follows the value in the field.
  private let field: ArraySlice<UInt8>

  init() { field = [] }

  private init(_ field: ArraySlice<UInt8>) { self.field = field }

  /// The bytes of a value, sections joined and percent-decoded: for boundaries and charset names.
  func bytes(_ name: String) -> [UInt8]? { joined(name)?.bytes }

  /// The text of a value. Raw 8-bit bytes are read with `charsets`.
  func text(_ name: String, charsets: CharsetHints) -> String? {
    guard let value = joined(name) else { return nil }
    if let charset = value.charset { return charsets.decode(value.bytes[...], label: charset).shownLine }
    return HeaderText.decode(value.bytes[...], charsets: charsets)
  }

  // MARK: - Values

  /// The sections with an asterisk of RFC 2231 outrank the same name without; of those without, the first counts.
  private func joined(_ name: String) -> (bytes: [UInt8], charset: String?)? {
    var plain: Section?
    var continued: [Section] = []
    var cursor = FieldCursor(field)
    while !cursor.isAtEnd {
      guard let section = Section.next(&cursor), section.name.isNamed(name) else { continue }
      if section.isContinued { continued.append(section) } else { plain = plain ?? section }
    }
    guard !continued.isEmpty else { return plain.map { ($0.value, nil) } }
    continued.sort { $0.index < $1.index }
    var bytes: [UInt8] = []
    var charset: String?
    for (place, section) in continued.enumerated() {
      guard section.isExtended else {
        bytes += section.value
        continue
      }
      var value = section.value[...]
      if place == 0, let (label, rest) = Self.splitCharset(value) { (charset, value) = (label, rest) }
      bytes += value.decodingHex(after: 0x25)
    }
    return (bytes, charset)
  }

  /// `utf-8'en'text`. Without both quotes the whole is text.
  private static func splitCharset(_ value: ArraySlice<UInt8>) -> (String?, ArraySlice<UInt8>)? {
    guard let first = value.firstIndex(of: 0x27),
      let second = value[(first + 1)...].firstIndex(of: 0x27)
    else { return nil }
    return (first == value.startIndex ? nil : value[..<first].plainText, value[(second + 1)...])
  }

  // MARK: - Parsing

  /// Longer values are neither a type nor a disposition, and are cut.
  private static let valueByteLimit = 256

  /// Splits a field into its value, without blanks and comments, and its parameters.
  static func parse(_ field: ArraySlice<UInt8>) -> (value: ArraySlice<UInt8>, parameters: MIMEParameters) {
    var cursor = FieldCursor(field)
    var value: [UInt8] = []
    var hasSlash = false
    while let byte = cursor.peek, byte != 0x3B {
      if cursor.skipBlanksAndComments() {
        // `text/plain charset=utf-8`: the semicolon was forgotten.
        if hasSlash, cursor.rest.prefix(128).prefix(while: { $0 != 0x3B }).contains(0x3D) {
          if value.last != 0x2F && cursor.peek != 0x2F { break }
        }
        continue
      }
      if byte == 0x2F { hasSlash = true }
      if value.count < valueByteLimit { value.append(byte) }
      cursor.advance()
    }
    return (value[...], MIMEParameters(cursor.rest))
  }
}

/// One piece of a value: `name`, `name*`, `name*2`, `name*2*`. A value in one piece has index 0.
private struct Section {
  /// Without asterisks.
  var name: ArraySlice<UInt8>
  var index: Int
  /// Percent-encoded, and section 0 names the charset.
  var isExtended: Bool
  /// Written with an asterisk.
  var isContinued: Bool
  /// As written, quotes included.
  var written: ArraySlice<UInt8>

  /// Reads what is at the cursor; `nil` when that is no section. Always moves the cursor.
  static func next(_ cursor: inout FieldCursor) -> Section? {
    while let byte = cursor.peek, byte == 0x3B || byte.isSpace { cursor.advance() }
    if cursor.skipBlanksAndComments() { return nil }
    let name = cursor.take { $0 != 0x3D && $0 != 0x3B }.trimmed
    guard cursor.peek == 0x3D else { return nil }
    cursor.advance()
    _ = cursor.skipBlanksAndComments()
    let written: ArraySlice<UInt8>
    if cursor.peek == 0x22 {
      written = cursor.skipQuoted()
      _ = cursor.take { $0 != 0x3B }
    } else {
      written = cursor.takeUnquotedValue()
    }
    return Section(name: name, written: written)
  }

  private init?(name: ArraySlice<UInt8>, written: ArraySlice<UInt8>) {
    var pieces = name.split(separator: 0x2A, maxSplits: 3, omittingEmptySubsequences: false)
    guard let base = pieces.first, !base.isEmpty, pieces.count <= 3 else { return nil }
    isExtended = pieces.count > 1 && pieces[pieces.count - 1].isEmpty
    if isExtended { pieces.removeLast() }
    index = pieces.count > 1 ? Int(String(decoding: pieces[1], as: UTF8.self)) ?? 0 : 0
    isContinued = isExtended || pieces.count > 1
    self.name = base.trimmed
    self.written = written
  }

  var value: [UInt8] {
    if written.first == 0x22 { return FieldCursor.unquoted(written) }
    let text = written.trimmed
    return text[..<(startOfComment(text) ?? text.endIndex)].filter { !$0.isLineEnd }
  }

  /// `us-ascii (Plain text)` has a comment, `report (1).pdf` has none.
  private func startOfComment(_ text: ArraySlice<UInt8>) -> Int? {
    guard !name.isNamed("name"), !name.isNamed("filename"), let open = text.firstIndex(of: 0x28) else { return nil }
    return text[..<open].lastIndex { !$0.isSpace }.map { $0 + 1 } ?? open
  }
}

extension FieldCursor {
  /// Up to the semicolon, or the fold after which another parameter starts because the semicolon was forgotten.
  fileprivate mutating func takeUnquotedValue() -> ArraySlice<UInt8> {
    let start = index
    while let byte = peek, byte != 0x3B {
      if byte.isLineEnd, startsParameter(rest.prefix(80)) { break }
      advance()
    }
    return bytes(from: start)
  }

  private func startsParameter(_ fold: ArraySlice<UInt8>) -> Bool {
    let line = fold.drop(while: \.isSpace)
    let name = line.prefix { $0.isFieldNameByte && $0 != 0x3D && $0 != 0x3B && $0 != 0x22 }
    return !name.isEmpty && line.dropFirst(name.count).first == 0x3D
  }
}
