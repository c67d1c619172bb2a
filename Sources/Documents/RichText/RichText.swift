import MailFormat

/// The text of Rich Text Format (Microsoft's specification 1.9.1): control words are followed as far as text needs them.
struct RichText {
  private static let maxDepth = 1_000
  /// Groups that hold no text of the document.
  private static let silent: Set<String> = [
    "fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "listtable", "listoverridetable", "rsidtbl",
    "generator",
    "themedata", "colorschememapping", "datastore", "latentstyles", "xmlnstbl", "filetbl", "revtbl", "fldinst",
    "bkmkstart",
    "bkmkend", "nonshppict",
  ]
  private static let lines: Set<String> = ["par", "line", "row", "page", "sect", "column"]
  private static let blanks: Set<String> = ["tab", "cell", "emspace", "enspace", "qmspace", "nestcell"]
  private static let characters: [String: String] = [
    "emdash": "\u{2014}", "endash": "\u{2013}", "bullet": "\u{2022}", "lquote": "\u{2018}", "rquote": "\u{2019}",
    "ldblquote": "\u{201C}", "rdblquote": "\u{201D}",
  ]

  private struct Group {
    var isSilent = false
    /// Bytes that follow a `\u` for readers that do not know it.
    var substituteCount = 1
  }

  private var group = Group()
  private var outer: [Group] = []
  private var depthBeyond = 0
  private var charset = "windows-1252"
  /// Bytes in that charset, of which several may be a character.
  private var bytes: [UInt8] = []
  private var substitutesToSkip = 0
  /// The first half of a character above U+FFFF.
  private var highSurrogate: UInt16?
  /// Behind `\*`: a group that is silent unless its word is known.
  private var isOptional = false

  static func read(_ input: [UInt8], into text: inout DocumentBuffer) -> ReadingProcess.Status {
    var reader = RichText()
    let isClosed = reader.read(input, into: &text)
    reader.flush(into: &text)
    return isClosed ? .whole : .cut
  }

  /// - Returns: whether every group was closed.
  private mutating func read(_ input: [UInt8], into text: inout DocumentBuffer) -> Bool {
    var index = 0
    while index < input.count, !text.isFull {
      let byte = input[index]
      index += 1
      switch byte {
      case UInt8(ascii: "{"): open(into: &text)
      case UInt8(ascii: "}"):
        close(into: &text)
        if outer.isEmpty { return true }
      case UInt8(ascii: "\\"): index = control(input, at: index, into: &text)
      case 0x0A, 0x0D: break
      default: take(byte)
      }
    }
    return outer.isEmpty
  }

  private mutating func open(into text: inout DocumentBuffer) {
    flush(into: &text)
    substitutesToSkip = 0
    if outer.count < Self.maxDepth { outer.append(group) } else { depthBeyond += 1 }
  }

  private mutating func close(into text: inout DocumentBuffer) {
    flush(into: &text)
    substitutesToSkip = 0
    isOptional = false
    if depthBeyond > 0 { depthBeyond -= 1 } else if let before = outer.popLast() { group = before }
  }

  /// - Returns: where what follows the control begins.
  private mutating func control(_ input: [UInt8], at start: Int, into text: inout DocumentBuffer) -> Int {
    guard start < input.count else { return start }
    let byte = input[start]
    guard Self.isLetter(byte) else {
      switch byte {
      case UInt8(ascii: "'"):
        if let value = Self.hex(input, at: start + 1) { take(value) }
        return min(start + 3, input.count)
      case UInt8(ascii: "*"): isOptional = true
      case UInt8(ascii: "~"): take(0x20)
      case UInt8(ascii: "_"): take(UInt8(ascii: "-"))
      case UInt8(ascii: "\\"), UInt8(ascii: "{"), UInt8(ascii: "}"): take(byte)
      case 0x0A, 0x0D: line(into: &text)
      default: break
      }
      return start + 1
    }
    var end = start
    while end < input.count, end - start < 32, Self.isLetter(input[end]) { end += 1 }
    let word = String(decoding: input[start..<end], as: UTF8.self)
    let (number, after) = Self.number(input, at: end)
    let next = after < input.count && input[after] == 0x20 ? after + 1 : after
    if word == "bin" { return min(input.count, next + max(0, number ?? 0)) }
    obey(word, number, into: &text)
    return next
  }

  private mutating func obey(_ word: String, _ number: Int?, into text: inout DocumentBuffer) {
    defer { isOptional = false }
    if Self.silent.contains(word) || isOptional {
      group.isSilent = true
    } else if word == "u", let number {
      takeUnicode(UInt16(truncatingIfNeeded: number), into: &text)
    } else if word == "uc" {
      group.substituteCount = min(max(number ?? 1, 0), 64)
    } else if word == "ansicpg", let number {
      charset = number == 65_001 ? "utf-8" : "windows-\(number)"
    } else if word == "mac" {
      charset = "macintosh"
    } else if let characters = Self.characters[word] {
      flush(into: &text)
      if !group.isSilent { text.append(characters) }
    } else if Self.lines.contains(word) {
      line(into: &text)
    } else if Self.blanks.contains(word) {
      flush(into: &text)
      text.blank()
    }
  }

  private mutating func line(into text: inout DocumentBuffer) {
    flush(into: &text)
    if !group.isSilent { text.line() }
  }

  private mutating func take(_ byte: UInt8) {
    if substitutesToSkip > 0 {
      substitutesToSkip -= 1
    } else if !group.isSilent {
      bytes.append(byte)
    }
  }

  private mutating func takeUnicode(_ unit: UInt16, into text: inout DocumentBuffer) {
    flush(into: &text)
    substitutesToSkip = group.substituteCount
    guard !group.isSilent else { return }
    if UTF16.isLeadSurrogate(unit) {
      highSurrogate = unit
    } else {
      let units = (highSurrogate.map { [$0] } ?? []) + [unit]
      text.append(String(decoding: units, as: UTF16.self))
      highSurrogate = nil
    }
  }

  private mutating func flush(into text: inout DocumentBuffer) {
    guard !bytes.isEmpty else { return }
    text.append(bytes.allSatisfy { $0 < 0x80 } ? String(decoding: bytes, as: UTF8.self) : decoded)
    bytes.removeAll(keepingCapacity: true)
  }

  private var decoded: String { UnlabelledText.decode(bytes, label: charset) }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

  private static func hex(_ input: [UInt8], at start: Int) -> UInt8? {
    guard start + 2 <= input.count else { return nil }
    return UInt8(String(decoding: input[start..<start + 2], as: UTF8.self), radix: 16)
  }

  /// The number behind a control word, and where it ends.
  private static func number(_ input: [UInt8], at start: Int) -> (Int?, Int) {
    var end = start
    if end < input.count, input[end] == UInt8(ascii: "-") { end += 1 }
    while end < input.count, end - start < 11, (0x30...0x39).contains(input[end]) { end += 1 }
    return (Int(String(decoding: input[start..<end], as: UTF8.self)), end)
  }
}
