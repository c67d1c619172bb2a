/// `\x{F6}`, by which an address of type `utf-8` is said in ASCII (RFC 6533 §3).
enum EmbeddedUnicode {
  /// `nil` for a backslash that begins no character, and for what is no UTF-8.
  static func decode(_ text: [UInt8]) -> String? {
    var decoded: [UInt8] = []
    var rest = text[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\") {
        guard let character = character(&rest) else { return nil }
        decoded += Array(String(character).utf8)
      } else {
        decoded.append(byte)
      }
    }
    return String(validating: decoded, as: UTF8.self)
  }

  /// `x{`, 2 to 6 capital hexadecimal digits, `}`.
  private static func character(_ rest: inout ArraySlice<UInt8>) -> Unicode.Scalar? {
    guard rest.starts(with: Array("x{".utf8)), let end = rest.firstIndex(of: UInt8(ascii: "}")) else { return nil }
    let digits = rest[(rest.startIndex + 2)..<end]
    guard (2...6).contains(digits.count), digits.allSatisfy({ XText.digit($0) != nil }) else { return nil }
    rest = rest[(end + 1)...]
    let value = digits.reduce(UInt32(0)) { $0 << 4 | UInt32(XText.digit($1) ?? 0) }
    return Unicode.Scalar(value)
  }
}
