/// Appends integers, varints and strings to a byte array. The twin of `ByteReader`.
///
/// Fixed-width integers are little-endian. Varints are LEB128: seven bits a byte, least significant first, the high
/// bit set on all but the last.
package struct ByteWriter: Sendable {
  package private(set) var bytes: [UInt8] = []

  package init(reserving byteCount: Int = 0) { bytes.reserveCapacity(byteCount) }

  package var count: Int { bytes.count }

  package mutating func write(_ value: UInt8) { bytes.append(value) }

  package mutating func write(_ value: UInt32) {
    unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  package mutating func write(_ value: UInt64) {
    unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  /// Four words one after another.
  package mutating func write(_ words: SIMD4<UInt32>) {
    let words = SIMD4(words.x.littleEndian, words.y.littleEndian, words.z.littleEndian, words.w.littleEndian)
    unsafe withUnsafeBytes(of: words) { unsafe bytes.append(contentsOf: $0) }
  }

  /// Keeps the room.
  package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  package mutating func writeVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  package mutating func writeVarint(_ value: Int) { writeVarint(UInt64(value)) }

  /// Zigzag, so that small negative numbers stay short.
  package mutating func writeSignedVarint(_ value: Int64) {
    writeVarint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  package mutating func write(_ raw: [UInt8]) { bytes.append(contentsOf: raw) }
  package mutating func write(_ raw: ArraySlice<UInt8>) { bytes.append(contentsOf: raw) }

  /// A varint length, then the bytes.
  package mutating func writeLengthPrefixed(_ raw: [UInt8]) {
    writeVarint(raw.count)
    bytes.append(contentsOf: raw)
  }

  /// A varint length in UTF-8 bytes, then the bytes.
  package mutating func writeLengthPrefixed(_ text: String) {
    writeVarint(text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }

  /// Overwrites four bytes written before, for lengths and checksums known only afterwards.
  package mutating func overwrite(at offset: Int, with value: UInt32) {
    for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index)) }
  }
}
