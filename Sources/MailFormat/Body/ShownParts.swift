/// Which parts of a mail are its text, which its HTML, and which are attachments: the walk of RFC 8621 §4.1.4 (JMAP), but
/// that pictures and sounds are always attachments.
struct ShownParts {
  /// Parts to show where plain text is wanted: plain where there is some, else HTML.
  private(set) var text: [Int] = []
  /// Parts to show where HTML is wanted.
  private(set) var html: [Int] = []
  /// Leaves and nested mails that are neither.
  private(set) var attachments: [Int] = []

  private let tree: MIMETree

  init(_ tree: MIMETree, root: Int = MIMETree.root) {
    self.tree = tree
    var (isText, isHTML) = (true, true)
    add([root], in: "mixed", isInAlternative: false, isText: &isText, isHTML: &isHTML)
    let shown = Set(text + html)
    attachments.removeAll { shown.contains($0) }
  }

  /// `isText` and `isHTML` say whether the branch of an alternative still belongs to that version.
  private mutating func add(
    _ parts: [Int], in multipart: String, isInAlternative: Bool, isText: inout Bool, isHTML: inout Bool
  ) {
    let (textCount, htmlCount) = (text.count, html.count)
    for (place, part) in parts.enumerated() {
      if tree.parts[part].kind == .multipart {
        let subtype = tree.parts[part].contentType.subtype
        var (isPartText, isPartHTML) = (isText, isHTML)
        add(
          tree.parts[part].children, in: subtype, isInAlternative: isInAlternative || subtype == "alternative",
          isText: &isPartText, isHTML: &isPartHTML)
        if multipart != "alternative" { (isText, isHTML) = (isPartText, isPartHTML) }
      } else if isBody(part, place: place, in: multipart) {
        let isHTMLPart = tree.isHTML(part)
        if multipart == "alternative" {
          if isHTMLPart {
            html.append(part)
          } else if tree.parts[part].contentType.subtype == "plain" || text.count == textCount {
            text.append(part)
          } else {
            attachments.append(part)  // another way of writing the same
          }
          continue
        }
        if isInAlternative {
          if isHTMLPart { isText = false } else { isHTML = false }
        }
        if isText { text.append(part) }
        if isHTML { html.append(part) }
      } else {
        attachments.append(part)
      }
    }
    guard multipart == "alternative", isText, isHTML else { return }
    // Only one version was offered: it serves for both.
    if text.count == textCount && html.count > htmlCount { text += html[htmlCount...] }
    if html.count == htmlCount && text.count > textCount { html += text[textCount...] }
  }

  private func isBody(_ part: Int, place: Int, in multipart: String) -> Bool {
    guard tree.parts[part].kind == .leaf, tree.isShownText(part), !tree.isDeclaredAttachment(part) else { return false }
    if place == 0 { return true }
    return multipart != "related" && !tree.hasFilename(part)
  }
}

extension MIMETree {
  func isHTML(_ part: Int) -> Bool { parts[part].contentType.fullName == "text/html" }

  /// Types that are read as text. Outside a multipart any text is: there is nothing else to show.
  fileprivate func isShownText(_ part: Int) -> Bool {
    let type = parts[part].contentType
    guard type.type == "text" else { return false }
    switch type.subtype {
    case "plain", "html", "enriched", "richtext", "x-markdown", "markdown": return true
    default: return parts[part].parent == nil
    }
  }

  /// Content-Disposition: attachment (RFC 2183 §2.2). A disposition that nobody knows means the same (§2.8); what is no
  /// disposition at all (nothing, or a parameter in its place) means none.
  func isDeclaredAttachment(_ part: Int) -> Bool {
    guard let field = field("content-disposition", of: part) else { return false }
    let value = MIMEParameters.parse(field).value
    let isDisposition = !value.isEmpty && value.allSatisfy { $0.isFieldNameByte && $0 != 0x3D && $0 != 0x22 }
    return isDisposition && !value.isNamed("inline")
  }

  func hasFilename(_ part: Int) -> Bool {
    if let field = field("content-disposition", of: part),
      MIMEParameters.parse(field).parameters.bytes("filename") != nil
    {
      return true
    }
    return parts[part].contentType.parameters.bytes("name") != nil
  }
}
