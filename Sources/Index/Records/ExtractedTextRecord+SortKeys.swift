/// What mails are sorted and counted by. Segments keep it: another way to fold is another version of their format.
extension ExtractedTextRecord {
  /// Bytes of a key.
  package static let sortKeyLimit = 128
  /// Characters of a text that its key is made from.
  private static let foldedLimit = 256
  /// Bytes of a sender's address; one of RFC 5321 has 254 at most.
  package static let senderAddressLimit = 255

  /// By the first sender's display name, or address where there is none, without regard to case.
  package var senderSortKey: [UInt8] {
    guard let sender = from.first else { return [] }
    let name = sender.name ?? ""
    return Self.sortKey(name.isEmpty ? sender.address : name)
  }

  /// By the subject without `Re:`, `Fwd:` and the like (RFC 5256 §2.1), without regard to case.
  package var subjectSortKey: [UInt8] {
    if let key = ASCIISubject.sortKey(subject) { return key }
    var rest = subject.prefix(1_024).drop(while: \.isWhitespace)
    while let colon = rest.firstIndex(of: ":"), Self.replyMarks.contains(rest[..<colon].lowercased()) {
      rest = rest[rest.index(after: colon)...].drop(while: \.isWhitespace)
    }
    return Self.sortKey(String(rest))
  }

  /// The first sender's address, folded; empty where there is none.
  package var senderAddress: String { Self.senderAddress(from.first?.address ?? "") }

  /// Without regard to case, and cut between scalars.
  package static func senderAddress(_ address: String) -> String {
    var folded = address.lowercased()
    guard folded.utf8.count > senderAddressLimit else { return folded }
    var end = folded.utf8.index(folded.startIndex, offsetBy: senderAddressLimit)
    while end > folded.startIndex && folded.utf8[end] & 0xC0 == 0x80 { end = folded.utf8.index(before: end) }
    folded = String(folded[..<end])
    return folded
  }

  /// The same of UTF-8.
  package static func senderAddress(_ address: ArraySlice<UInt8>) -> [UInt8] {
    guard address.count <= senderAddressLimit, address.allSatisfy({ $0 < 0x80 }) else {
      return Array(senderAddress(String(decoding: address, as: UTF8.self)).utf8)
    }
    return address.map { $0 | ($0 &- 65 < 26 ? 32 : 0) }
  }

  private static func sortKey(_ text: String) -> [UInt8] {
    Array(text.prefix(foldedLimit).lowercased().utf8.prefix(sortKeyLimit))
  }

  /// What replies and forwards put before a subject, in the languages met most.
  static let replyMarks: Set<String> = [
    "re", "fw", "fwd", "aw", "wg", "sv", "vs", "antw", "tr", "rif", "답장", "전달", "回复", "转发", "返信", "转寄",
  ]
}
