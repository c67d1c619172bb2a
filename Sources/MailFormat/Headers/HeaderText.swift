/// Unstructured text of a header field: unfolded (RFC 5322 §2.2.3), encoded words decoded (RFC 2047).
///
/// Lenient: encoded words inside quoted strings, without blanks between them, or with blanks inside; characters split
/// across words of one charset; unknown charsets; raw 8-bit bytes.
enum HeaderText {
  static func decode(_ field: ArraySlice<UInt8>, charsets: CharsetHints) -> String {
    let line = unfolded(field)
    guard line.contains(0x3D), containsWord(line) else { return charsets.decode(line[...], label: nil).shownLine }
    var builder = Builder(charsets: charsets)
    var index = 0
    var literalStart = 0
    var hasTerminators = true
    while hasTerminators, index + 1 < line.count {
      guard line[index] == 0x3D, line[index + 1] == 0x3F else {
        index += 1
        continue
      }
      switch EncodedWord.parse(line[index...]) {
      case .word(let word):
        builder.append(literal: line[literalStart..<index])
        builder.append(word)
        index = word.end
        literalStart = index
      case .noWord: index += 2
      case .noTerminator: hasTerminators = false
      }
    }
    builder.append(literal: line[literalStart...])
    return builder.finish().shownLine
  }

  /// Joins folded lines with one blank, drops NUL and blanks at the ends. A folded line loses its own blanks at the fold.
  static func unfolded(_ field: ArraySlice<UInt8>) -> [UInt8] {
    var line: [UInt8] = []
    line.reserveCapacity(field.count)
    var isAfterFold = true
    for byte in field {
      if byte.isLineEnd {
        isAfterFold = true
      } else if byte == 0 || isAfterFold && byte.isBlank {
        continue
      } else {
        if isAfterFold {
          while let last = line.last, last.isBlank { line.removeLast() }
          if !line.isEmpty { line.append(0x20) }
          isAfterFold = false
        }
        line.append(byte)
      }
    }
    while let last = line.last, last.isBlank { line.removeLast() }
    return line
  }

  private static func containsWord(_ line: [UInt8]) -> Bool {
    for index in line.indices.dropLast() where line[index] == 0x3D && line[index + 1] == 0x3F { return true }
    return false
  }

  /// Puts words and literals together. Words of one charset that follow each other are decoded as one, since people's
  /// programs split characters between them; blanks between two words are none (RFC 2047 §6.2).
  private struct Builder {
    let charsets: CharsetHints
    private var text = ""
    private var pendingCharset = ""
    private var pendingBytes: [UInt8] = []
    private var isAfterWord = false

    init(charsets: CharsetHints) { self.charsets = charsets }

    mutating func append(literal: ArraySlice<UInt8>) {
      if literal.isEmpty { return }
      if isAfterWord && literal.allSatisfy(\.isBlank) {
        pendingBlanks = literal
        return
      }
      flushWord()
      text += charsets.decode(literal, label: nil).text
      isAfterWord = false
    }

    mutating func append(_ word: EncodedWord) {
      pendingBlanks = []
      if isAfterWord && word.charset != pendingCharset { flushWord() }
      pendingCharset = word.charset
      pendingBytes += word.bytes
      isAfterWord = true
    }

    mutating func finish() -> String {
      flushWord()
      return text
    }

    private var pendingBlanks: ArraySlice<UInt8> = []

    private mutating func flushWord() {
      guard isAfterWord else { return }
      text += charsets.decode(pendingBytes[...], label: pendingCharset).text
      pendingBytes = []
      text += String(decoding: pendingBlanks, as: UTF8.self)
      pendingBlanks = []
      isAfterWord = false
    }
  }
}
