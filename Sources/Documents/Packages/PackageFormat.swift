/// A format that is a ZIP archive of XML parts, and which of them hold its text.
enum PackageFormat {
  /// Office Open XML (ECMA-376).
  case wordprocessing, spreadsheet, presentation
  /// OpenDocument 1.3.
  case openDocument
  /// EPUB 3.
  case book
  /// HWPX.
  case hangul

  /// - Parameters:
  ///   - names: of all parts.
  ///   - mediaType: what the part `mimetype` says, which OpenDocument and EPUB begin with.
  init?(names: Set<String>, mediaType: String?) {
    if let mediaType, mediaType.hasPrefix("application/vnd.oasis.opendocument.") {
      self = .openDocument
    } else if mediaType == "application/epub+zip" {
      self = .book
    } else if mediaType == "application/hwp+zip" {
      self = .hangul
    } else if names.contains("word/document.xml") {
      self = .wordprocessing
    } else if names.contains("xl/workbook.xml") {
      self = .spreadsheet
    } else if names.contains("ppt/presentation.xml") {
      self = .presentation
    } else {
      return nil
    }
  }

  /// Where a part's text stands among those of the others; nil for a part without text.
  func place(of part: String) -> Place? {
    switch self {
    case .wordprocessing:
      place(part, ["word/document", "word/header", "word/footer", "word/footnotes", "word/endnotes", "word/comments"])
    case .spreadsheet:
      place(
        part, ["xl/workbook", "xl/sharedStrings", "xl/worksheets/sheet", "xl/comments", "xl/drawings/drawing"])
    case .presentation: place(part, ["ppt/slides/slide", "ppt/notesSlides/notesSlide", "ppt/comments/comment"])
    case .openDocument: place(part, ["content"])
    case .hangul: place(part, ["Contents/section"])
    // Chapters come in the order of the archive, which is nearly always that of reading.
    case .book:
      [".xhtml", ".html", ".htm"].contains { part.lowercased().hasSuffix($0) } ? Place(kind: 0, number: 0) : nil
    }
  }

  struct Place: Comparable {
    let kind: Int
    /// `slide10` comes after `slide9`.
    let number: Int

    static func < (left: Place, right: Place) -> Bool { (left.kind, left.number) < (right.kind, right.number) }
  }

  /// A part named by one of the beginnings and a number, or none: `word/header2.xml`.
  private func place(_ part: String, _ beginnings: [String]) -> Place? {
    guard part.hasSuffix(".xml") else { return nil }
    for (kind, beginning) in beginnings.enumerated() where part.hasPrefix(beginning) {
      let rest = part.dropFirst(beginning.count).dropLast(4)
      if rest.isEmpty { return Place(kind: kind, number: 0) }
      if let number = Int(rest), number >= 0 { return Place(kind: kind, number: number) }
    }
    return nil
  }

  var rules: XMLTextRules {
    switch self {
    case .wordprocessing: .wordprocessing
    case .spreadsheet, .presentation: .drawing
    case .openDocument: .openDocument
    case .book: .page
    case .hangul: .hangul
    }
  }
}
