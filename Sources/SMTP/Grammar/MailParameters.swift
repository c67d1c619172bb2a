/// What may follow the reverse path of MAIL: `SIZE=` (RFC 1870), `BODY=` (RFC 6152), `SMTPUTF8` (RFC 6531).
package struct MailParameters: Equatable, Sendable {
  /// `SIZE=`, clamped to `UInt64.max`; `nil` if not said.
  var declaredByteCount: UInt64?
  /// `BODY=8BITMIME`.
  var is8Bit = false
  var needsUTF8 = false

  /// Parses what is left of the line, which is nothing or begins with a space.
  static func parse(_ cursor: inout ByteCursor) throws(SMTPReply) -> MailParameters {
    var parameters = MailParameters()
    var seen: Set<String> = []
    while let (keyword, value) = try nextParameter(&cursor) {
      guard seen.insert(keyword).inserted else { throw .badParameter }
      switch keyword {
      case "SIZE": parameters.declaredByteCount = try size(value)
      case "BODY": parameters.is8Bit = try is8Bit(value)
      case "SMTPUTF8":
        guard value == nil else { throw .badParameter }
        parameters.needsUTF8 = true
      default: throw .unknownParameter
      }
    }
    return parameters
  }

  /// The next `keyword[=value]`, its keyword in capitals, or `nil` at the end of the line (RFC 5321 §4.1.2,
  /// `esmtp-param`).
  static func nextParameter(_ cursor: inout ByteCursor) throws(SMTPReply) -> (keyword: String, value: [UInt8]?)? {
    if cursor.isAtEnd { return nil }
    guard cursor.skip(" ") else { throw .badParameter }
    while cursor.skip(" ") {}
    if cursor.isAtEnd { return nil }
    let keyword = cursor.take { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") }
    guard let first = keyword.first, first.isLetterOrDigit else { throw .badParameter }
    var value: [UInt8]?
    if cursor.skip("=") {
      let bytes = cursor.take { $0 > 32 && $0 != UInt8(ascii: "=") && $0 != 127 }
      guard !bytes.isEmpty else { throw .badParameter }
      value = Array(bytes)
    }
    guard cursor.isAtEnd || cursor.next == UInt8(ascii: " ") else { throw .badParameter }
    return (String(decoding: keyword.map(\.asciiUppercased), as: UTF8.self), value)
  }

  /// 1 to 20 digits (RFC 1870 §4).
  private static func size(_ value: [UInt8]?) throws(SMTPReply) -> UInt64 {
    guard let value, value.count <= 20, value.allSatisfy(\.isDigit) else { throw .badParameter }
    return UInt64(String(decoding: value, as: UTF8.self)) ?? .max
  }

  private static func is8Bit(_ value: [UInt8]?) throws(SMTPReply) -> Bool {
    switch value.map({ String(decoding: $0.map(\.asciiUppercased), as: UTF8.self) }) {
    case "7BIT": return false
    case "8BITMIME": return true
    default: throw .badParameter
    }
  }
}
