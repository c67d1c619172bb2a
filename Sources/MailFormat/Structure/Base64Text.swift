/// Base64 as it is found (RFC 2045 §6.8): bytes outside the alphabet are skipped, padding may be missing at the end or
/// stand in the middle, where two encoded pieces were put together.
///
/// GMime's own decoder loses what follows such padding, and the last bytes where it is missing.
enum Base64Text {
  static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The value of each character; 64 for padding, 65 for blanks and line ends, 66 for all others.
  static let values: [UInt8] = {
    var values = [UInt8](repeating: 66, count: 256)
    for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
    values[0x3D] = 64
    for blank in [0x20, 0x09, 0x0A, 0x0D] { values[blank] = 65 }
    return values
  }()

  static func decode(_ content: ArraySlice<UInt8>, limit: Int) -> [UInt8] {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(min(content.count / 4 * 3 + 3, limit))
    decode(content, limit: limit, into: &decoded)
    if decoded.count > limit { decoded.removeLast(decoded.count - limit) }
    return decoded
  }

  /// Stops a few bytes after `limit`.
  static func decode(_ content: ArraySlice<UInt8>, limit: Int, into decoded: inout some DecodedOutput) {
    let input = content.span
    let values = values.span
    var bits: UInt32 = 0
    var digitCount = 0
    var index = 0
    while index < input.count && decoded.count < limit {
      let value = values[Int(input[index])]
      index &+= 1
      if value < 64 {
        bits = bits << 6 | UInt32(value)
        digitCount &+= 1
        guard digitCount == 4 else { continue }
        decoded.append(UInt8(truncatingIfNeeded: bits >> 16))
        decoded.append(UInt8(truncatingIfNeeded: bits >> 8))
        decoded.append(UInt8(truncatingIfNeeded: bits))
        digitCount = 0
      } else if value == 64 {
        appendRest(bits, digitCount, to: &decoded)
        digitCount = 0
      }
    }
    appendRest(bits, digitCount, to: &decoded)
  }

  /// The one or two bytes of a group that was not filled.
  private static func appendRest(_ bits: UInt32, _ digitCount: Int, to decoded: inout some DecodedOutput) {
    if digitCount == 2 { decoded.append(UInt8(truncatingIfNeeded: bits >> 4)) }
    if digitCount == 3 {
      decoded.append(UInt8(truncatingIfNeeded: bits >> 10))
      decoded.append(UInt8(truncatingIfNeeded: bits >> 2))
    }
  }

  /// Whether there is nothing but base64, padding and blanks.
  static func isClean(_ content: ArraySlice<UInt8>) -> Bool {
    let values = values.span
    for byte in content where values[Int(byte)] > 65 { return false }
    return true
  }
}
