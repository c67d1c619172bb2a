/// Reads the contents of parts as text, within one budget for the whole mail, and notes what was wrong with them.
struct PartReader {
  private let tree: MIMETree
  private let charsets: CharsetHints
  /// Bytes of HTML that may still be read.
  private(set) var htmlByteCount: Int
  private(set) var defects = DefectSet()

  init(_ tree: MIMETree, charsets: CharsetHints, htmlByteCount: Int) {
    self.tree = tree
    self.charsets = charsets
    self.htmlByteCount = htmlByteCount
  }

  /// Something was not read, for want of room.
  mutating func noteCut() { defects.note(.sizeLimit) }

  /// A text part as it is written, lines by LF.
  mutating func plainText(_ part: Int, limit: Int) -> String {
    let text = decoded(part, limit: limit)
    let parameters = tree.parts[part].contentType.parameters
    guard parameters.text("format", charsets: charsets)?.lowercased() == "flowed" else { return text }
    return FlowedText.unfolded(
      text, deletesSpaces: parameters.text("delsp", charsets: charsets)?.lowercased() == "yes")
  }

  mutating func html(_ part: Int) -> String {
    let html = decoded(part, limit: htmlByteCount)
    htmlByteCount -= min(html.utf8.count, htmlByteCount)
    return html
  }

  mutating func visibleText(ofHTML html: String, limit: Int) -> String {
    let result = HTMLText.extract(html, limit: limit)
    if result.isStructureLost { defects.note(.htmlLimit) }
    if result.isCut { noteCut() }
    return result.text
  }

  private mutating func decoded(_ part: Int, limit: Int) -> String {
    let content = tree.content(part)
    let encoding = tree.parts[part].encoding
    if !encoding.isKept(by: content) { defects.note(.brokenEncoding) }
    // Each character takes at least a byte, and at most four of UTF-8.
    let (bytes, isCut) = encoding.decodeStart(content, limit: limit)
    let decoded = charsets.decode(bytes[...], label: label(of: part, bytes), limit: limit)
    if isCut || decoded.isCut { noteCut() }
    if let defect = decoded.defect { defects.note(defect) }
    return decoded.text.withLineFeeds
  }

  /// The declared charset; for HTML also that of its `meta` element.
  private func label(of part: Int, _ bytes: [UInt8]) -> String? {
    let type = tree.parts[part].contentType
    if let label = type.parameters.bytes("charset"), !label[...].trimmed.isEmpty { return label[...].plainText }
    guard type.subtype == "html" else { return nil }
    return Self.metaCharset(bytes.prefix(4_096))
  }

  private static func metaCharset(_ start: ArraySlice<UInt8>) -> String? {
    let text = String(decoding: start.map { $0 < 0x80 ? $0.lowercasedASCII : 0x3F }, as: UTF8.self)
    guard let meta = text.utf8.firstRange(of: "<meta".utf8),
      let found = text[meta.upperBound...].utf8.firstRange(of: "charset=".utf8)
    else { return nil }
    let label = text[found.upperBound...].drop { $0 == "\"" || $0 == "'" || $0 == " " }
      .prefix { $0.isLetter || $0.isNumber || "-_.:".contains($0) }
    // Pages speak of UTF-16 in ASCII: the label cannot be true where it could be read.
    return label.isEmpty || label.hasPrefix("utf-16") ? nil : String(label)
  }
}

extension String {
  /// CRLF and lone CR become LF.
  fileprivate var withLineFeeds: String {
    guard contains(byte: 0x0D) else { return self }
    var output: [UInt8] = []
    output.reserveCapacity(utf8.count)
    var isAfterReturn = false
    for byte in utf8 {
      if byte == 0x0D {
        output.append(0x0A)
      } else if byte != 0x0A || !isAfterReturn {
        output.append(byte)
      }
      isAfterReturn = byte == 0x0D
    }
    return String(decoding: output, as: UTF8.self)
  }
}
