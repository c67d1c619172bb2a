import Foundation

/// The part of a subject that replies keep (RFC 5256 §2.1), in lower case: equal for a mail and its answers.
///
/// Beyond the RFC's `Re:`, `Fw:` and `Fwd:`, the prefixes that mail programs write in other languages count, with a
/// colon of either width and a count as in `Re[2]:`, `Re(2):` or `Re^2:`. Prefixes and `[list]` tags are taken off in
/// any order and number; a tag that would leave nothing stays.
package struct BaseSubject: Hashable, Sendable {
  package let text: String
  /// Whether anything that marks an answer or a forwarded mail was taken off.
  package let isReply: Bool

  /// A subject is as long as its sender likes; what replies share is at its beginning.
  private static let maxScalars = 1_000

  package init(_ subject: String) {
    // Step 1: one space for each run of white space; case does not count.
    let lowered = Self.composed(subject.lowercased())
    var scalars: [Unicode.Scalar] = []
    for scalar in lowered.unicodeScalars.prefix(Self.maxScalars) {
      if !scalar.properties.isWhitespace {
        scalars.append(scalar)
      } else if scalars.last != " " {
        scalars.append(" ")
      }
    }
    var rest = scalars[...]
    var isReply = false
    repeat {
      if Self.dropTrailers(&rest) { isReply = true }
      if Self.dropLeaders(&rest) { isReply = true }
    } while Self.unwrapForward(&rest, &isReply)
    var text = String.UnicodeScalarView()
    text.append(contentsOf: rest)
    self.text = String(text)
    self.isReply = isReply
  }

  /// Canonically composed, so that the same letters are the same bytes.
  private static func composed(_ text: String) -> String {
    text.utf8.allSatisfy { $0 < 0x80 } ? text : text.precomposedStringWithCanonicalMapping
  }

  // MARK: The RFC's steps

  /// Step 2: `(fwd)` and white space at the end.
  private static func dropTrailers(_ rest: inout ArraySlice<Unicode.Scalar>) -> Bool {
    var found = false
    while let last = rest.last {
      if last == " " {
        rest.removeLast()
      } else if rest.suffix(5).elementsEqual("(fwd)".unicodeScalars) {
        rest.removeLast(5)
        found = true
      } else {
        break
      }
    }
    return found
  }

  /// Steps 3 to 5: prefixes, each maybe after tags, and tags that something follows.
  private static func dropLeaders(_ rest: inout ArraySlice<Unicode.Scalar>) -> Bool {
    var found = false
    while true {
      while rest.first == " " { rest.removeFirst() }
      if let after = afterPrefix(afterTags(rest)) {
        rest = after
        found = true
      } else if let after = afterTag(rest), !after.isEmpty {
        rest = after
      } else {
        return found
      }
    }
  }

  /// Step 6: `[fwd: …]` around all of it.
  private static func unwrapForward(_ rest: inout ArraySlice<Unicode.Scalar>, _ isReply: inout Bool) -> Bool {
    for opening in ["[fwd:", "[fw:"] where rest.starts(with: opening.unicodeScalars) && rest.last == "]" {
      rest = rest.dropFirst(opening.unicodeScalars.count).dropLast()
      isReply = true
      return true
    }
    return false
  }

  // MARK: Its words

  /// After one `[tag]` and the spaces behind it. `[fwd:` is no tag.
  private static func afterTag(_ text: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar>? {
    guard text.first == "[", !text.starts(with: "[fwd:".unicodeScalars), !text.starts(with: "[fw:".unicodeScalars),
      let end = text.dropFirst().firstIndex(where: { $0 == "]" || $0 == "[" }), text[end] == "]"
    else { return nil }
    return text[(end + 1)...].drop { $0 == " " }
  }

  private static func afterTags(_ text: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
    var rest = text
    while let after = afterTag(rest) { rest = after }
    return rest
  }

  /// After a reply's or forward's prefix, its count and its colon.
  private static func afterPrefix(_ text: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar>? {
    guard let colon = text.prefix(maxPrefixLength).firstIndex(where: { $0 == ":" || $0 == "\u{FF1A}" }) else {
      return nil
    }
    var word = text[..<colon]
    while let last = word.last, last == " " || isCountMark(last) { word.removeLast() }
    guard prefixes.contains(Array(word)) else { return nil }
    return text[(colon + 1)...]
  }

  private static func isCountMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "0"..."9", "[", "]", "(", ")", "^", "*": true
    default: false
    }
  }

  /// The longest prefix with a count of several digits and spaces.
  private static let maxPrefixLength = 24

  private static let prefixes: Set<[Unicode.Scalar]> = Set(
    [
      "re", "fw", "fwd",  // RFC 5256
      "aw", "antwort", "wg",  // German
      "antw", "doorst",  // Dutch
      "sv", "vs", "vb", "vl",  // Swedish, Norwegian, Danish, Finnish
      "ré", "rép", "réf", "tr",  // French
      "res", "enc", "rv", "reenv",  // Portuguese, Spanish
      "rif", "inoltra",  // Italian
      "odp", "pd",  // Polish
      "ynt", "ilt",  // Turkish
      "vá", "továbbítás",  // Hungarian
      "απ", "πρθ", "σχετ",  // Greek
      "отв", "ha", "пересл", "fwd",  // Russian
      "השב", "הועבר",  // Hebrew
      "رد",  // Arabic
      "답장", "회신", "전달",  // Korean
      "返信", "転送",  // Japanese
      "回复", "答复", "转发", "回覆", "答覆", "轉寄", "轉發",  // Chinese
    ].map { Array(composed($0).unicodeScalars) })
}
