/// What may follow the reverse path of MAIL: `SIZE=` (RFC 1870), `BODY=` (RFC 6152), `SMTPUTF8` (RFC 6531), `RET=` and
/// `ENVID=` (RFC 3461), `AUTH=` (RFC 4954 §5).
package struct MailParameters: Equatable, Sendable {
  /// `SIZE=`, clamped to `UInt64.max`; `nil` if not said.
  var declaredByteCount: UInt64?
  /// `BODY=8BITMIME`.
  var is8Bit = false
  var needsUTF8 = false
  var notification = MailNotification()
  /// Whether `AUTH=` was said as it must be; `nil` if it was not said. Who submitted a mail first matters to who sends it on, and
  /// believes who says it: to nobody here.
  var submitterIsWellFormed: Bool?

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
      case "RET": parameters.notification.returnedContent = try returnedContent(value)
      case "ENVID": parameters.notification.envelopeID = try envelopeID(value)
      case "AUTH": parameters.submitterIsWellFormed = isSubmitter(value)
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

  private static func returnedContent(_ value: [UInt8]?) throws(SMTPReply) -> MailNotification.ReturnedContent {
    switch value.map({ String(decoding: $0.map(\.asciiUppercased), as: UTF8.self) }) {
    case "FULL": return .full
    case "HDRS": return .headers
    default: throw .badParameter
    }
  }

  static let maxEnvelopeIDByteCount = 100

  /// Printable ASCII and white space when decoded (RFC 3461 §4.4); of white space no tab, which a header field folds at.
  private static func envelopeID(_ value: [UInt8]?) throws(SMTPReply) -> String {
    guard let value, value.count <= maxEnvelopeIDByteCount, let decoded = XText.decode(value),
      decoded.allSatisfy({ (32...126).contains($0) })
    else { throw .badParameter }
    return String(decoding: decoded, as: UTF8.self)
  }

  static let maxSubmitterByteCount = 500 - " AUTH=".utf8.count

  /// An address, or `<>` for somebody whom nobody vouches for, as `xtext` (RFC 4954 §5).
  private static func isSubmitter(_ value: [UInt8]?) -> Bool {
    guard let value, value.count <= maxSubmitterByteCount, let decoded = XText.decode(value),
      decoded.allSatisfy({ (32...126).contains($0) })
    else { return false }
    if decoded == Array("<>".utf8) { return true }
    var cursor = ByteCursor([UInt8(ascii: "<")] + decoded + [UInt8(ascii: ">")])
    guard case .some(.some) = PathParser.reversePath(&cursor) else { return false }
    return cursor.isAtEnd
  }

  private static func is8Bit(_ value: [UInt8]?) throws(SMTPReply) -> Bool {
    switch value.map({ String(decoding: $0.map(\.asciiUppercased), as: UTF8.self) }) {
    case "7BIT": return false
    case "8BITMIME": return true
    default: throw .badParameter
    }
  }
}
