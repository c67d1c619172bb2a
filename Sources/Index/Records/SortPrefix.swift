/// The beginning of a sort key as one number: keys compare as their numbers do, and where the numbers are equal the keys are,
/// unless both are longer than seven bytes.
///
/// The first seven bytes, the first of them the highest, and below them how long the key is, 8 for anything longer.
package struct SortPrefix: Hashable, Sendable, Comparable {
  package let rawValue: UInt64

  package init(rawValue: UInt64) { self.rawValue = rawValue }

  package init(_ key: some Collection<UInt8>) {
    var value: UInt64 = 0
    var count = 0
    for byte in key.prefix(7) {
      value = value << 8 | UInt64(byte)
      count += 1
    }
    value <<= UInt64(8 * (7 - count))
    rawValue = value << 8 | UInt64(min(key.count, 8))
  }

  /// Whether the number is the whole key.
  package var isWhole: Bool { rawValue & 0xFF < 8 }

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
