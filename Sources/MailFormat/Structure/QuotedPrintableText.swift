/// Quoted-printable as it is found (RFC 2045 §6.7): lower-case digits, an equals sign that starts nothing, blanks between
/// a soft line break and its line end, and blanks that were added at the ends of lines on the way.
///
/// GMime's own decoder keeps those last, which belong to the text of nobody.
enum QuotedPrintableText {
  static func decode(_ content: ArraySlice<UInt8>, limit: Int) -> [UInt8] {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(min(content.count, limit))
    decode(content, limit: limit, into: &decoded)
    if decoded.count > limit { decoded.removeLast(decoded.count - limit) }
    return decoded
  }

  /// May go past `limit` by a run of blanks.
  static func decode(_ content: ArraySlice<UInt8>, limit: Int, into decoded: inout some DecodedOutput) {
    let input = content.span
    var index = 0
    while index < input.count && decoded.count < limit {
      let byte = input[index]
      if byte == 0x3D {
        index = decodeEscape(input, at: index, into: &decoded)
      } else if byte.isBlank {
        // Blanks before a line end are no part of the text (rule 3).
        let start = index
        while index < input.count, input[index].isBlank { index += 1 }
        if index < input.count, !input[index].isLineEnd {
          for blank in start..<index { decoded.append(input[blank]) }
        }
      } else {
        decoded.append(byte)
        index += 1
      }
    }
  }

  /// Decodes what starts with the equals sign at `start` and returns where it ends.
  private static func decodeEscape(
    _ input: Span<UInt8>, at start: Int, into decoded: inout some DecodedOutput
  ) -> Int {
    if start + 2 < input.count, let high = input[start + 1].hexValue, let low = input[start + 2].hexValue {
      decoded.append(high << 4 | low)
      return start + 3
    }
    var index = start + 1
    while index < input.count, input[index].isBlank { index += 1 }
    guard index < input.count else { return index }
    if input[index] == 0x0A { return index + 1 }
    if input[index] == 0x0D { return index + 1 < input.count && input[index + 1] == 0x0A ? index + 2 : index + 1 }
    decoded.append(0x3D)
    return start + 1
  }
}
