/// Message identifiers (RFC 5322 §3.6.4), without their angle brackets.
enum MessageIDs {
  /// Longer ones are no identifiers but attacks on whoever keeps them.
  private static let byteLimit = 2_048

  /// All identifiers of a field such as References, in order. Over `limit` the first and the latest are kept, since
  /// threading needs the root and the parent most.
  static func all(_ field: ArraySlice<UInt8>, limit: Int) -> (identifiers: [String], isCut: Bool) {
    var identifiers: [String] = []
    var isCut = false
    var cursor = FieldCursor(field)
    while !cursor.isAtEnd {
      _ = cursor.take { $0 != 0x3C }
      guard cursor.peek == 0x3C else { break }
      cursor.advance()
      let inside = cursor.take { $0 != 0x3E && $0 != 0x3C }
      guard cursor.peek == 0x3E, let identifier = text(inside) else { continue }
      identifiers.append(identifier)
      if identifiers.count >= 2 * limit {
        identifiers.removeSubrange(1...limit)
        isCut = true
      }
    }
    if identifiers.isEmpty { identifiers = bareWords(field) }
    guard identifiers.count > limit else { return (identifiers, isCut) }
    identifiers.removeSubrange(1...(identifiers.count - limit))
    return (identifiers, true)
  }

  /// The identifier of a Message-ID field.
  static func first(_ field: ArraySlice<UInt8>) -> String? {
    if let start = field.firstIndex(of: 0x3C) {
      let inside = field[(start + 1)...].prefix { $0 != 0x3E }
      if let identifier = text(inside) { return identifier }
    }
    return text(field.trimmed)
  }

  /// Words that look like identifiers whose brackets were forgotten.
  private static func bareWords(_ field: ArraySlice<UInt8>) -> [String] {
    field.split(whereSeparator: { $0.isSpace || $0 == 0x2C })
      .compactMap { $0.contains(0x40) && !$0.contains(0x3C) && !$0.contains(0x22) ? text($0) : nil }
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String? {
    guard bytes.count <= byteLimit else { return nil }
    let kept = bytes.trimmed.filter { !$0.isLineEnd }
    return kept.isEmpty ? nil : kept[...].plainText.shownLine
  }
}
