/// The first three bytes of a record's terms, as bits: says of most beginnings that no term has them. Kept in memory beside records that
/// are in no file yet.
package struct BeginningSet: Sendable, Hashable {
  /// What is shorter may begin anything.
  private static let byteCount = 3
  private static let bitCount = 2_048

  private var words = [UInt64](repeating: 0, count: bitCount / 64)

  package init() {}

  static var memoryByteCount: Int { bitCount / 8 }

  @inline(__always)
  mutating func insert(_ term: Span<UInt8>) {
    guard term.count >= Self.byteCount else { return }
    let bit = Self.bit(term[0], term[1], term[2])
    words[bit >> 6] |= 1 << UInt64(bit & 63)
  }

  /// Whether a term may begin so.
  package func mayContain(_ beginning: [UInt8]) -> Bool {
    guard beginning.count >= Self.byteCount else { return true }
    let bit = Self.bit(beginning[0], beginning[1], beginning[2])
    return words[bit >> 6] >> UInt64(bit & 63) & 1 != 0
  }

  @inline(__always)
  private static func bit(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Int {
    let bytes = UInt32(first) << 16 | UInt32(second) << 8 | UInt32(third)
    // The high bits of a product by the golden ratio (Knuth, The Art of Computer Programming, section 6.4).
    return Int((bytes &* 2_654_435_769) >> 21)
  }
}
