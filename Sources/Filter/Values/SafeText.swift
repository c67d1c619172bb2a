/// Text from filters, made safe to store, log and write into headers and replies: one line, of printable characters, and not
/// longer than said.
enum SafeText {
  /// RFC 5322 §2.1.1 has 998 bytes for a line with its name.
  static let headerValueByteCount = 900
  static let headerNameByteCount = 76
  static let symbolByteCount = 128
  static let reasonByteCount = 512
  static let replyByteCount = 400

  /// - Returns: with each run of white space and control characters as one space, and none at the ends.
  static func line(_ text: String, limit: Int) -> String {
    var line = String.UnicodeScalarView()
    var byteCount = 0
    var isSpacePending = false
    for scalar in text.unicodeScalars {
      if scalar.properties.isWhitespace || scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
        isSpacePending = !line.isEmpty
        continue
      }
      let size = UTF8.width(scalar) + (isSpacePending ? 1 : 0)
      guard byteCount + size <= limit else { break }
      if isSpacePending { line.append(" ") }
      isSpacePending = false
      line.append(scalar)
      byteCount += size
    }
    return String(line)
  }

  /// Printable ASCII, as replies need (RFC 5321 §4.2): other characters become question marks.
  static func reply(_ text: String) -> String {
    let ascii = text.unicodeScalars.map { $0.isASCII ? Character($0) : "?" }
    return line(String(ascii), limit: replyByteCount)
  }

  /// - Returns: nil for what is no name of a header field (RFC 5322 §3.6.8), or says where the mail went, which filters have
  ///   no part in.
  static func header(_ name: String, _ value: String) -> FilterHeader? {
    let isName = !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x3A }
    guard isName, name.utf8.count <= headerNameByteCount, !traceFields.contains(name.lowercased()) else { return nil }
    return FilterHeader(name: name, value: line(value, limit: headerValueByteCount))
  }

  private static let traceFields: Set<String> = ["received", "return-path", "dkim-signature"]
}
