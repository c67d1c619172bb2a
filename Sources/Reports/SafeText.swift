/// Makes what clients said fit for one line of a report: nothing that it holds ends the line or begins a field.
enum SafeText {
  enum Characters {
    case ascii
    /// RFC 6533: as they are.
    case unicode
  }

  /// Addresses have up to 256 bytes, and half of a line is enough for them in any form.
  static let maxByteCount = 900

  /// Control characters, line separators of Unicode among them, become question marks. Where ASCII is wanted, other characters are
  /// said as RFC 6533 §3 has it, `\x{F6}`. Longer text is cut, between characters.
  static func line(_ text: String, _ characters: Characters, limit: Int = maxByteCount) -> String {
    var line = ""
    var byteCount = 0
    let isEscaped = characters == .ascii && !text.isASCII
    for scalar in text.unicodeScalars {
      let said = isEscaped && scalar == "\\" ? "\\x{5C}" : said(scalar, characters)
      byteCount += said.utf8.count
      if byteCount > limit { break }
      line += said
    }
    return line
  }

  private static func said(_ scalar: Unicode.Scalar, _ characters: Characters) -> String {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: "?"
    default: scalar.isASCII || characters == .unicode ? String(scalar) : "\\x{\(hexadecimal(scalar.value))}"
    }
  }

  private static func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return digits.utf8.count < 2 ? "0" + digits : digits
  }
}

extension StringProtocol {
  var isASCII: Bool { utf8.allSatisfy { $0 < 0x80 } }
}
