/// The shown body of a mail.
struct Body {
  var text: String
  var html: String?

  /// - Parameter limit: UTF-8 bytes of the text.
  static func read(_ shown: ShownParts, tree: MIMETree, reader: inout PartReader, limit: Int) -> Body {
    var pages: [Int: String] = [:]
    for part in shown.html + shown.text where tree.isHTML(part) {
      if pages[part] == nil { pages[part] = reader.html(part) }
    }

    let text = joined(shown.text, tree: tree, reader: &reader, pages: pages, limit: limit)
    let html = shown.html.compactMap { pages[$0] }
    var body = Body(text: text, html: html.isEmpty ? nil : html.joined(separator: "\n"))
    // A plain version that says nothing is no alternative.
    if body.html != nil, body.text.allSatisfy(\.isWhitespace) {
      body.text = joined(shown.html, tree: tree, reader: &reader, pages: pages, limit: limit)
    }
    return body
  }

  private static func joined(
    _ parts: [Int], tree: MIMETree, reader: inout PartReader, pages: [Int: String], limit: Int
  ) -> String {
    var text = ""
    for part in parts {
      let rest = limit - text.utf8.count - 1
      guard rest > 0 else {
        reader.noteCut()
        break
      }
      if !text.isEmpty && !text.utf8.lazy.suffix(1).elementsEqual([0x0A]) { text += "\n" }
      if let page = pages[part] {
        text += reader.visibleText(ofHTML: page, limit: rest)
      } else {
        text += reader.plainText(part, limit: rest)
      }
    }
    return text
  }
}
