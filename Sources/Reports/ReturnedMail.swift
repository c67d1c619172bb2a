/// What a report shows of the mail that it is about: all of it, or its header.
struct ReturnedMail {
  /// `message/rfc822`, `text/rfc822-headers` (RFC 6522 §4), or those of RFC 6533 §6.
  let mediaType: String
  let bytes: [UInt8]
  let is8Bit: Bool
  /// Its header holds characters that need SMTPUTF8.
  let isInternational: Bool

  /// - Parameters:
  ///   - isWhole: whether all of it is wanted; what is over `limit`, or cannot be carried as lines, is not shown so.
  ///   - needsUTF8: whether the mail came with SMTPUTF8.
  init(_ mail: [UInt8], isWhole: Bool, needsUTF8: Bool, limit: Int) {
    let header = Self.header(of: mail, limit: min(limit, Self.maxHeaderByteCount))
    let isWhole = isWhole && mail.count <= limit && Self.hasCleanLines(mail)
    bytes = isWhole ? mail : header
    is8Bit = bytes.contains { $0 >= 0x80 }
    isInternational =
      needsUTF8 && header.contains { $0 >= 0x80 } && String(validating: header, as: UTF8.self) != nil
    mediaType =
      switch (isWhole, isInternational) {
      case (true, false): "message/rfc822"
      case (true, true): "message/global"
      case (false, false): "text/rfc822-headers"
      case (false, true): "message/global-headers"
      }
  }

  private static let maxHeaderByteCount = 64 << 10
  static let maxLineByteCount = 998

  /// The header section as far as it is one, its lines made clean, without the empty line; cut between lines at the limit.
  static func header(of mail: [UInt8], limit: Int) -> [UInt8] {
    var header: [UInt8] = []
    var rest = mail[...]
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      var line = rest[..<end]
      rest = rest[min(end + 1, rest.endIndex)...]
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      guard isOfHeader(line, isFirst: header.isEmpty) else { break }
      let clean = cleaned(line)
      guard header.count + clean.count + 2 <= limit else { break }
      header += clean + Array("\r\n".utf8)
    }
    return header
  }

  /// A field's first line, or one that goes on with it.
  private static func isOfHeader(_ line: ArraySlice<UInt8>, isFirst: Bool) -> Bool {
    guard let first = line.first else { return false }
    if first == UInt8(ascii: " ") || first == 9 { return !isFirst }
    let name = line.prefix { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: ":") }
    return !name.isEmpty && line.dropFirst(name.count).drop { $0 == 32 || $0 == 9 }.first == UInt8(ascii: ":")
  }

  /// Without what no line may hold, and not too long.
  private static func cleaned(_ line: ArraySlice<UInt8>) -> [UInt8] {
    line.prefix(maxLineByteCount).map { $0 == 0 || $0 == 13 ? UInt8(ascii: "?") : $0 }
  }

  /// Whether it is lines that SMTP carries (RFC 5321 §4.5.3.1.6), without NUL.
  private static func hasCleanLines(_ mail: [UInt8]) -> Bool {
    var length = 0
    var previous: UInt8 = 0
    for byte in mail {
      if byte == 0 || (byte == 10) != (previous == 13) { return false }
      if byte == 10 { length = 0 } else if byte != 13 { length += 1 }
      if length > maxLineByteCount { return false }
      previous = byte
    }
    return previous != 13
  }
}
