import Bytes

/// One small number for each document of a part, found by ordinal: all of one width, so that nothing is unpacked.
///
///     numbers := u8 width (0 to 32), the numbers in so many bits each, from the least significant bit of each byte on
package struct PackedColumn: Sendable {
  package let count: Int
  private let width: Int
  private let mask: UInt64
  /// The bits from the least significant on, and one word more.
  private let words: [UInt64]

  /// Memory that it keeps.
  var byteCount: Int { words.count * 8 }

  package subscript(index: Int) -> UInt32 {
    precondition(index >= 0 && index < count)
    let bit = index &* width
    let (word, shift) = (bit >> 6, UInt64(bit & 63))
    // Of the next word nothing where the shift is 0: by one and by 63 more is by 64.
    let bits = words[word] &>> shift | (words[word &+ 1] &<< 1) &<< (63 &- shift)
    return UInt32(truncatingIfNeeded: bits & mask)
  }

  static func encode(_ numbers: [UInt32], into writer: inout ByteWriter) {
    let width = 32 - (numbers.max() ?? 0).leadingZeroBitCount
    writer.write(UInt8(width))
    PackedNumbers.writeBits(numbers.span, width, into: &writer)
  }

  /// - Parameters:
  ///   - count: of the numbers.
  ///   - limit: all are below it.
  init(from reader: inout ByteReader, count: Int, below limit: Int) throws(DecodingError) {
    let width = Int(try reader.readUInt8())
    guard width <= 32 else { throw DecodingError(offset: reader.offset, message: "numbers of \(width) bits") }
    let bytes = try reader.readBytes((count * width + 7) / 8)
    var words = [UInt64](repeating: 0, count: bytes.count / 8 + 2)
    var index = 0
    for byte in bytes {
      words[index >> 3] |= UInt64(byte) << UInt64(8 * (index & 7))
      index += 1
    }
    self.words = words
    self.count = count
    self.width = width
    mask = width == 0 ? 0 : UInt64.max >> UInt64(64 - width)
    for index in 0..<count where self[index] >= limit {
      throw DecodingError(offset: reader.offset, message: "number \(self[index]) of \(limit)")
    }
  }
}
