extension JSONObjectReader {
  /// As the mailboxes have it.
  private static let maxNameByteCount = 255

  /// The name of a folder or a search, without blanks around it.
  mutating func nameText(_ key: String) throws -> String? {
    guard let given = try string(key) else { return nil }
    let name = String(given.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    guard !name.isEmpty, name.utf8.count <= Self.maxNameByteCount,
      name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
    else {
      throw Problem.invalid(key, "must be 1 to \(Self.maxNameByteCount) bytes, none of them a control character")
    }
    return name
  }
}
