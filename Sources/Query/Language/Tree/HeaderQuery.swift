/// What `header:` asks: `x-mailer`, that there is such a field; `x-mailer:outlook express`, that one of them has these words
/// one after another; with a star the last may be begun only, with one at both ends they are a part of a word.
package struct HeaderQuery: Hashable, Sendable, CustomStringConvertible {
  /// A field name (RFC 5322 §2.2), in small letters.
  package let name: String
  /// As it was typed; `nil` where the field's being there is all that is asked.
  package let value: String?

  package static let maxNameLength = 256

  /// `nil` for what is no field's name, and for a colon with nothing behind it.
  package init?(_ text: String) {
    let colon = text.unicodeScalars.firstIndex { QueryScanner.plain($0) == ":" }
    let name = colon.map { String(text[..<$0]) } ?? text
    guard !name.isEmpty, name.utf8.count <= Self.maxNameLength, name.utf8.allSatisfy({ (33...126).contains($0) }) else {
      return nil
    }
    self.name = name.lowercased()
    guard let colon else {
      value = nil
      return
    }
    let rest = text.unicodeScalars[text.unicodeScalars.index(after: colon)...]
    let trimmed = rest.drop(while: QueryScanner.isBlank)
    guard !trimmed.isEmpty else { return nil }
    value = String(trimmed)
  }

  package var description: String { value.map { name + ":" + $0 } ?? name }
}
