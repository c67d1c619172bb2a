/// Where an address begins and ends: a unit is made of words, an address of all characters that its parts may hold
/// (RFC 5322 §3.2.3, RFC 6531 §3.3). `_alice@example.com` and `prvs=1234=alice@example.com` are not
/// `alice@example.com`.
extension MailWords {
  /// What is looked at on either side of a unit, which bounds the work on hostile text.
  private static let addressReach = 255

  /// The address around a unit with an `@`. Punctuation that stands on both sides (`'alice@example.com'`) is no part of
  /// it, nor is punctuation at its end.
  func addressRange(around unit: Unit, in bytes: Span<UInt8>) -> Range<Int> {
    var start = addressStart(before: unit.range.lowerBound, in: bytes)
    let end = addressEnd(after: unit.range.upperBound, in: bytes)
    var closing = end
    while start < unit.range.lowerBound, closing < bytes.count, isPair(bytes, start, closing) {
      start += 1
      closing += 1
    }
    return start..<end
  }

  /// A text that is the beginning of an address up to its `@`, or `nil`: what `bob@*` asks for.
  func addressBeginning(_ text: NormalizedText) -> [UInt8]? {
    let bytes = text.bytes.span
    let end = bytes.count - 1
    guard end > 0, bytes[end] == UInt8(ascii: "@") else { return nil }
    var last = end - 1
    while last > 0, bytes[last] & 0xC0 == 0x80 { last -= 1 }
    guard classify(bytes, at: last).0.isWordish else { return nil }
    guard addressStart(before: end, in: bytes) == 0 else { return nil }
    let term = bytes.extracting(first: UTF8Scalar.prefixLength(of: bytes, limit: definition.maxTermByteCount))
    return term.indices.map { term[$0] }
  }

  private func addressStart(before limit: Int, in bytes: Span<UInt8>) -> Int {
    var start = limit
    while start > max(0, limit - Self.addressReach) {
      var previous = start - 1
      while previous > 0, bytes[previous] & 0xC0 == 0x80 { previous -= 1 }
      guard isAddressCharacter(bytes, at: previous) else { break }
      start = previous
    }
    return start
  }

  /// The end of the last word that belongs to the address.
  private func addressEnd(after start: Int, in bytes: Span<UInt8>) -> Int {
    var end = start
    var index = start
    while index < min(bytes.count, start + Self.addressReach), isAddressCharacter(bytes, at: index) {
      let (characterClass, byteCount) = classify(bytes, at: index)
      index += byteCount
      if characterClass.isWordish { end = index }
    }
    return end
  }

  private func isAddressCharacter(_ bytes: Span<UInt8>, at index: Int) -> Bool {
    switch bytes[index] {
    case UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
      UInt8(ascii: "-")...UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "@"),
      UInt8(ascii: "^")...UInt8(ascii: "`"), UInt8(ascii: "{")...UInt8(ascii: "~"):
      true
    default: classify(bytes, at: index).0.isWordish
    }
  }

  private func isPair(_ bytes: Span<UInt8>, _ opening: Int, _ closing: Int) -> Bool {
    if bytes[opening] == UInt8(ascii: "{") { return bytes[closing] == UInt8(ascii: "}") }
    return bytes[opening] == bytes[closing] && !classify(bytes, at: opening).0.isWordish
  }
}
