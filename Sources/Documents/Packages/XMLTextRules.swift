/// What the elements of a format mean to its text, by their names without prefix.
struct XMLTextRules {
  /// Those whose text is read; nil for all.
  var texts: Set<String>?
  /// A line ends with them.
  var lines: Set<String>
  /// A blank stands where they end.
  var blanks: Set<String> = []
  /// Nothing inside is read.
  var skipped: Set<String> = []

  /// Adds the text of a part.
  /// - Returns: false where it is not well-formed; what stands before that was added.
  func read(_ xml: [UInt8], into text: inout DocumentBuffer) -> Bool {
    var textDepth = texts == nil ? 1 : 0
    var skippedDepth = 0
    let isWellFormed = XMLWalk.walk(xml) { event, _ in
      switch event {
      case .start(let name):
        if skipped.contains(name) { skippedDepth += 1 }
        if texts?.contains(name) ?? false { textDepth += 1 }
      case .end(let name):
        if skipped.contains(name) { skippedDepth -= 1 }
        if texts?.contains(name) ?? false { textDepth -= 1 }
        if lines.contains(name) { text.line() } else if blanks.contains(name) { text.blank() }
      case .text(let bytes):
        if textDepth > 0, skippedDepth == 0 { text.append(bytes) }
      }
      return !text.isFull
    }
    text.line()
    return isWellFormed
  }
}

extension XMLTextRules {
  /// ECMA-376, part 1, 17: WordprocessingML. What old readers are to show instead of a drawing (`Fallback`) is said twice.
  static let wordprocessing = XMLTextRules(
    texts: ["t"], lines: ["p", "br", "cr", "tr"], blanks: ["tab", "tc"], skipped: ["Fallback"])
  /// ECMA-376, part 1, 21: DrawingML, in which slides are written.
  static let drawing = XMLTextRules(texts: ["t"], lines: ["p", "br"], blanks: ["tc", "tab"])
  /// OpenDocument 1.3, part 3.
  static let openDocument = XMLTextRules(
    lines: ["p", "h", "line-break", "table-row"], blanks: ["tab", "s", "table-cell"],
    skipped: ["automatic-styles", "scripts", "tracked-changes"])
  /// XHTML.
  static let page = XMLTextRules(
    lines: [
      "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "tr", "br", "title", "blockquote", "section", "dt", "dd",
      "pre",
    ], blanks: ["td", "th"], skipped: ["script", "style"])
  /// OWPML (KS X 6101), in which Hangul documents are written.
  static let hangul = XMLTextRules(texts: ["t"], lines: ["p", "lineBreak"], blanks: ["tab", "tc"])
}
