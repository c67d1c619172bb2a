/// The content lines of calendars and address cards (RFC 5545, section 3.1; RFC 6350, section 3.2; and the older vCard 2.1).
enum ContentLines {
  /// What the values say to a reader, a line each: folded lines put together, escapes and quoted-printable undone; pictures, and
  /// properties that say nothing to people, left out. Of people (`ATTENDEE;CN=…`) the name too.
  static func text(_ file: String) -> String {
    var text: [UInt8] = []
    for line in unfolded(Array(file.utf8)).split(separator: newline) { append(line, to: &text) }
    return String(decoding: text, as: UTF8.self)
  }

  private static let newline = UInt8(ascii: "\n")

  /// Of bytes: lines may be folded between a letter and its marks.
  private static func unfolded(_ bytes: [UInt8]) -> [UInt8] {
    var unfolded: [UInt8] = []
    unfolded.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let next = index + 1 < bytes.count ? bytes[index + 1] : 0
      if bytes[index] == newline, next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") {
        index += 2
      } else {
        unfolded.append(bytes[index])
        index += 1
      }
    }
    return unfolded
  }

  /// Properties whose values are for programs.
  private static let technical: Set<String> = [
    "BEGIN", "END", "VERSION", "PRODID", "METHOD", "CALSCALE", "CLASS", "STATUS", "TRANSP", "SEQUENCE", "UID", "REV",
    "PRIORITY", "TZID", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "TRIGGER", "ACTION", "KEY", "PHOTO", "LOGO", "SOUND",
  ]

  private static func append(_ line: ArraySlice<UInt8>, to text: inout [UInt8]) {
    guard let colon = colon(in: line) else { return }
    let parameters = String(decoding: line[..<colon], as: UTF8.self).split(separator: ";").map(String.init)
    let name = parameters.first.map { $0.split(separator: ".").last.map(String.init) ?? $0 } ?? ""
    let flags = parameters.dropFirst().map { $0.uppercased() }
    var value = line[(colon + 1)...]
    if technical.contains(name.uppercased()) || isBinary(flags, value) { return }
    if let person = parameters.first(where: { $0.uppercased().hasPrefix("CN=") }) {
      text += Array(person.dropFirst(3).filter { $0 != "\"" }.utf8) + [UInt8(ascii: " ")]
    }
    if flags.contains("QUOTED-PRINTABLE") || flags.contains("ENCODING=QUOTED-PRINTABLE") {
      value = quotedPrintable(value)[...]
    }
    appendUnescaped(value, to: &text)
    text.append(newline)
  }

  /// The first one outside of quotes.
  private static func colon(in line: ArraySlice<UInt8>) -> Int? {
    var isQuoted = false
    for index in line.indices {
      if line[index] == UInt8(ascii: "\"") { isQuoted.toggle() }
      if line[index] == UInt8(ascii: ":"), !isQuoted { return index }
    }
    return nil
  }

  /// Whether the value is bytes in base64: `X;ENCODING=b;TYPE=JPEG:…`, `X:data:image/jpeg;base64,…`.
  private static func isBinary(_ flags: [String], _ value: ArraySlice<UInt8>) -> Bool {
    let isEncoded = flags.contains { ["ENCODING=B", "ENCODING=BASE64", "BASE64", "VALUE=BINARY"].contains($0) }
    return isEncoded || String(decoding: value.prefix(5), as: UTF8.self).lowercased() == "data:"
  }

  private static func quotedPrintable(_ value: ArraySlice<UInt8>) -> [UInt8] {
    var decoded: [UInt8] = []
    var index = value.startIndex
    while index < value.endIndex {
      let digits = String(decoding: value[index...].dropFirst().prefix(2), as: UTF8.self)
      if value[index] == UInt8(ascii: "="), digits.utf8.count == 2, let byte = UInt8(digits, radix: 16) {
        decoded.append(byte)
        index += 3
      } else {
        decoded.append(value[index])
        index += 1
      }
    }
    return decoded
  }

  private static func appendUnescaped(_ value: ArraySlice<UInt8>, to text: inout [UInt8]) {
    var isEscaped = false
    for byte in value {
      if isEscaped {
        text.append(byte == UInt8(ascii: "n") || byte == UInt8(ascii: "N") ? newline : byte)
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else {
        text.append(byte)
      }
    }
  }
}
