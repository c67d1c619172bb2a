/// The text of a SpreadsheetML workbook (ECMA-376, part 1, 18): names of sheets, then each row as a line, with the values as
/// they are stored: a formula's last result, a date as a number.
struct SpreadsheetText {
  /// Of the shared strings, which cells name by number.
  private static let maxSharedByteCount = 64 << 20

  private var shared: [[UInt8]] = []

  /// Adds a part, the workbook and the shared strings first.
  /// - Returns: false where it is not well-formed.
  mutating func read(_ name: String, _ xml: [UInt8], into text: inout DocumentBuffer) -> Bool {
    if name.hasPrefix("xl/workbook") { return readSheetNames(xml, into: &text) }
    if name.hasPrefix("xl/sharedStrings") { return readShared(xml) }
    if name.hasPrefix("xl/worksheets/") { return readSheet(xml, into: &text) }
    return XMLTextRules(texts: ["t"], lines: ["comment"]).read(xml, into: &text)
  }

  private func readSheetNames(_ xml: [UInt8], into text: inout DocumentBuffer) -> Bool {
    XMLWalk.walk(xml) { event, attributes in
      if case .start("sheet") = event, let name = attributes["name"] {
        text.append(name)
        text.line()
      }
      return !text.isFull
    }
  }

  private mutating func readShared(_ xml: [UInt8]) -> Bool {
    var strings: [[UInt8]] = []
    var current: [UInt8] = []
    var byteCount = 0
    var isInText = false
    // How a word is spoken is no part of the cell.
    var isInPhonetic = false
    let isWellFormed = XMLWalk.walk(xml) { event, _ in
      switch event {
      case .start(let name):
        isInText = name == "t"
        if name == "rPh" { isInPhonetic = true }
      case .end(let name):
        isInText = false
        if name == "rPh" { isInPhonetic = false }
        if name == "si" {
          strings.append(current)
          byteCount += current.count
          current = []
        }
      case .text(let bytes):
        if isInText, !isInPhonetic { current += bytes }
      }
      return byteCount <= Self.maxSharedByteCount
    }
    shared = strings
    return isWellFormed && byteCount <= Self.maxSharedByteCount
  }

  private func readSheet(_ xml: [UInt8], into text: inout DocumentBuffer) -> Bool {
    var type = ""
    var value: [UInt8] = []
    var isInValue = false
    return XMLWalk.walk(xml) { event, attributes in
      switch event {
      case .start("c"):
        type = attributes["t"] ?? ""
        value = []
      // The result, or a text that stands in the cell itself.
      case .start(let name): isInValue = name == "v" || name == "t"
      case .end("c"):
        append(value, type, to: &text)
        text.blank()
      case .end("row"): text.line()
      case .end: isInValue = false
      case .text(let bytes):
        if isInValue { value += bytes }
      }
      return !text.isFull
    }
  }

  private func append(_ value: [UInt8], _ type: String, to text: inout DocumentBuffer) {
    guard type == "s" else { return text.append(value) }
    guard let index = Int(String(decoding: value, as: UTF8.self)), shared.indices.contains(index) else { return }
    text.append(shared[index])
  }
}
