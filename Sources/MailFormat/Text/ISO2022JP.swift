/// Japanese mail's own charset (RFC 1468), as it is really sent: with the NEC and IBM extensions and half-width katakana
/// that Windows programs put into it. ICU's converter knows neither, but its converter for Shift_JIS does, and the two
/// hold the same characters in another arrangement.
enum ISO2022JP {
  private enum Mode { case ascii, katakana, kanji }

  /// The same text in Shift_JIS with the Windows extensions; `nil` when it uses other sets (JIS X 0212, Chinese, …).
  static func shiftJIS(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var mode = Mode.ascii
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let byte = bytes[index]
      if byte == 0x1B {
        guard let (next, length) = escape(bytes[index...].prefix(4)) else { return nil }
        mode = next
        index += length
      } else if byte.isLineEnd {
        mode = .ascii  // a line that forgot to switch back ends with itself
        output.append(byte)
        index += 1
      } else if mode == .kanji, isHalf(byte) {
        if index + 1 < bytes.endIndex, isHalf(bytes[index + 1]) {
          output += doubleByte(byte, bytes[index + 1])
          index += 2
        } else {
          // Half a character: what follows (an escape, a line end) is read for itself.
          output += noCharacter
          index += 1
        }
      } else {
        output.append(mode == .katakana && byte >= 0x21 && byte <= 0x5F ? byte | 0x80 : byte)
        index += 1
      }
    }
    return output
  }

  private static func escape(_ sequence: ArraySlice<UInt8>) -> (Mode, Int)? {
    let bytes = Array(sequence.dropFirst())
    if bytes.starts(with: Array("(B".utf8)) || bytes.starts(with: Array("(J".utf8)) { return (.ascii, 3) }
    if bytes.starts(with: Array("(I".utf8)) { return (.katakana, 3) }
    if bytes.starts(with: Array("$B".utf8)) || bytes.starts(with: Array("$@".utf8)) { return (.kanji, 3) }
    return nil
  }

  /// Well-formed in Shift_JIS, but no character: counted as an error, and shown as U+FFFD.
  private static let noCharacter: [UInt8] = [0x81, 0xAD]

  /// The row or the cell of a character.
  private static func isHalf(_ byte: UInt8) -> Bool { byte >= 0x21 && byte <= 0x7E }

  /// JIS X 0208 row and cell to Shift_JIS.
  private static func doubleByte(_ row: UInt8, _ cell: UInt8) -> [UInt8] {
    let lead = (row - 0x21) / 2 + 0x81
    let trail = row % 2 == 1 ? cell + (cell >= 0x60 ? 0x20 : 0x1F) : cell + 0x7E
    return [lead >= 0xA0 ? lead + 0x40 : lead, trail]
  }
}
