/// Base64 as mail programs write it: lines of one length, the last one shorter, padded.
enum Base64Lines {
  static let maxLineLength = 1 << 20

  static func encode(_ content: [UInt8], lineLength: Int, isCRLF: Bool) -> [UInt8] {
    let characterCount = (content.count + 2) / 3 * 4
    let lineCount = lineLength > 0 ? characterCount / lineLength : 0
    var output: [UInt8] = []
    output.reserveCapacity(characterCount + 2 * lineCount)
    let table = Base64Text.alphabet
    let alphabet = table.span
    let content = content.span
    var index = 0
    var column = 0
    while index < content.count {
      if lineLength > 0 && column == lineLength {
        if isCRLF { output.append(0x0D) }
        output.append(0x0A)
        column = 0
      }
      let rest = content.count - index
      let group =
        UInt32(content[index]) << 16 | (rest > 1 ? UInt32(content[index + 1]) << 8 : 0)
        | (rest > 2 ? UInt32(content[index + 2]) : 0)
      output.append(alphabet[Int(group >> 18)])
      output.append(alphabet[Int(group >> 12 & 63)])
      output.append(rest > 1 ? alphabet[Int(group >> 6 & 63)] : 0x3D)
      output.append(rest > 2 ? alphabet[Int(group & 63)] : 0x3D)
      index += 3
      column += 4
    }
    return output
  }

  /// The content of the lines that start at `range`, how they are written, and where they end; `nil` when they are not
  /// regular base64. What follows the last line (line ends, mostly) is left out.
  static func decode(_ bytes: [UInt8], in range: Range<Int>) -> (content: [UInt8], encoding: BodyEncoding, end: Int)? {
    let (lineLength, isCRLF) = lineShape(bytes, in: range)
    guard lineLength % 4 == 0, lineLength <= maxLineLength else { return nil }
    let end = end(bytes.span, in: range, lineLength: lineLength, lineEndLength: isCRLF ? 2 : 1)
    let content = Base64Text.decode(bytes[range.lowerBound..<end], limit: .max)
    return content.isEmpty ? nil : (content, .base64(lineLength: lineLength, isCRLF: isCRLF), end)
  }

  /// Where the groups of four end that stand in lines of that length: before a group that is none, or after padding.
  private static func end(_ bytes: Span<UInt8>, in range: Range<Int>, lineLength: Int, lineEndLength: Int) -> Int {
    let values = Base64Text.values
    let table = values.span
    var index = range.lowerBound
    var column = 0
    while index + 4 <= range.upperBound {
      if lineLength > 0 && column == lineLength {
        index += lineEndLength
        column = 0
        continue
      }
      if table[Int(bytes[index])] | table[Int(bytes[index + 1])] > 63 { break }
      let isPadded = table[Int(bytes[index + 2])] | table[Int(bytes[index + 3])] > 63
      index += 4
      column += 4
      if isPadded { break }
    }
    // A line end that was stepped over, with no group after it, is not part of the lines.
    return column == 0 && index > range.lowerBound ? index - lineEndLength : index
  }

  /// Length and line end of the first line; length 0 when there is only one.
  private static func lineShape(_ bytes: [UInt8], in range: Range<Int>) -> (lineLength: Int, isCRLF: Bool) {
    guard let end = bytes[range].firstIndex(of: 0x0A) else { return (0, false) }
    let isCRLF = end > range.lowerBound && bytes[end - 1] == 0x0D
    return (end - range.lowerBound - (isCRLF ? 1 : 0), isCRLF)
  }
}
