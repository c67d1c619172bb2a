/// One encoded word of RFC 2047: `=?utf-8?Q?Gr=C3=BC=C3=9Fe?=`, with the language of RFC 2231 dropped.
struct EncodedWord {
  enum Result {
    case word(EncodedWord)
    case noWord
    /// Nothing from here on ends a word: looking further is in vain.
    case noTerminator
  }

  /// Lower case.
  var charset: String
  /// In that charset.
  var bytes: [UInt8]
  /// The index after the word.
  var end: Int

  /// The word at the start of `line`, which starts with `=?`.
  static func parse(_ line: ArraySlice<UInt8>) -> Result {
    let charsetStart = line.startIndex + 2
    let window = line[charsetStart...].prefix(80)
    guard let charsetEnd = window.firstIndex(of: 0x3F), charsetEnd > charsetStart,
      window[..<charsetEnd].allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      charsetEnd + 2 < line.endIndex, line[charsetEnd + 2] == 0x3F
    else { return .noWord }
    let encoding = line[charsetEnd + 1].lowercasedASCII
    guard encoding == 0x62 || encoding == 0x71 else { return .noWord }
    let textStart = charsetEnd + 3
    guard let textEnd = terminator(in: line, from: textStart) else { return .noTerminator }
    let text = line[textStart..<textEnd]
    let name = line[charsetStart..<charsetEnd].prefix { $0 != 0x2A }
    return .word(
      EncodedWord(
        charset: name.lowercasedText,
        bytes: encoding == 0x62
          ? Base64Text.decode(text, limit: text.count) : text.decodingHex(after: 0x3D, isUnderscoreBlank: true),
        end: textEnd + 2))
  }

  private static func terminator(in line: ArraySlice<UInt8>, from start: Int) -> Int? {
    var index = start
    while index + 1 < line.endIndex {
      if line[index] == 0x3F && line[index + 1] == 0x3D { return index }
      index += 1
    }
    return nil
  }
}
