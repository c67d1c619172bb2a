/// A few bytes that inflate to very many: zeros, as DEFLATE's longest matches (RFC 1951) in one block of fixed codes.
///
/// A match of 258 bytes at distance 1 takes 13 bits, so a bomb is a 158th of what it becomes.
enum DeflateBomb {
  /// RFC 1952. The check value is wrong, which is known only to who has inflated it all.
  static func gzip(plainByteCount: Int) -> [UInt8] {
    [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + deflated(plainByteCount) + littleEndian(0) + littleEndian(plainByteCount)
  }

  /// One file `bomb` in an archive (APPNOTE 4.3): local header, content, central directory and its end.
  static func zip(plainByteCount: Int) -> [UInt8] {
    let content = deflated(plainByteCount)
    let name = Array("bomb".utf8)
    let common =
      [20, 0, 0, 0, 8, 0] + littleEndian(0) + littleEndian(0) + littleEndian(content.count)
      + littleEndian(plainByteCount) + [UInt8(name.count), 0, 0, 0]
    let local = Array("PK\u{3}\u{4}".utf8) + common + name + content
    let central = Array("PK\u{1}\u{2}".utf8) + [20, 0] + common + [UInt8](repeating: 0, count: 14) + name
    let end =
      Array("PK\u{5}\u{6}".utf8) + [0, 0, 0, 0, 1, 0, 1, 0] + littleEndian(central.count) + littleEndian(local.count)
      + [0, 0]
    return local + central + end
  }

  private static func deflated(_ plainByteCount: Int) -> [UInt8] {
    // Eight matches end on a whole byte, so the middle of the stream is 13 bytes again and again.
    var bits = BitWriter()
    bits.append(0b011, count: 3)
    bits.append(reversed: 0b0011_0000, count: 8)
    while bits.count % 8 != 0 { bits.appendMatch() }
    var middle = BitWriter()
    for _ in 0..<8 { middle.appendMatch() }
    var end = BitWriter()
    end.append(0, count: 7)
    var bytes = bits.bytes
    for _ in 0..<plainByteCount / (8 * 258) { bytes += middle.bytes }
    return bytes + end.bytes
  }

  private static func littleEndian(_ value: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// Packs from the lowest bit of each byte, as DEFLATE does.
  private struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private(set) var count = 0

    mutating func append(_ value: Int, count bits: Int) {
      for bit in 0..<bits {
        if count % 8 == 0 { bytes.append(0) }
        bytes[count / 8] |= UInt8((value >> bit) & 1) << (count % 8)
        count += 1
      }
    }

    /// Huffman codes go in from their highest bit.
    mutating func append(reversed value: Int, count bits: Int) {
      for bit in (0..<bits).reversed() { append((value >> bit) & 1, count: 1) }
    }

    /// Length 258 (code 285) at distance 1 (code 0).
    mutating func appendMatch() {
      append(reversed: 0b1100_0101, count: 8)
      append(reversed: 0, count: 5)
    }
  }
}
