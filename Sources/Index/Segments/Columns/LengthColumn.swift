import Bytes

/// How many words each document of a part has, to within an eighth, for relevance.
///
///     lengths := document × u8 length
package struct LengthColumn: Sendable {
  private let bytes: [UInt8]

  var byteCount: Int { bytes.count }

  init(from reader: inout ByteReader, documentCount: Int) throws(DecodingError) {
    bytes = Array(try reader.readBytes(documentCount))
  }

  package func wordCount(at ordinal: Int) -> Int { WordCount(rawValue: bytes[ordinal]).value }

  /// The length that the column has of so many words.
  package static func nearestBelow(_ wordCount: Int) -> Int { WordCount(wordCount).value }

  func length(at ordinal: Int) -> WordCount { WordCount(rawValue: bytes[ordinal]) }

  static func encode(_ lengths: [WordCount], into writer: inout ByteWriter) {
    for length in lengths { writer.write(length.rawValue) }
  }
}

/// A number in one byte: exact up to 16, above that its four highest bits, rounded down (a floating-point number of three bits
/// and five, after Lucene's `SmallFloat`).
struct WordCount: Hashable, Sendable {
  let rawValue: UInt8

  init(rawValue: UInt8) { self.rawValue = rawValue }

  init(_ count: Int) {
    let count = UInt64(clamping: count)
    let shift = max(0, 60 - count.leadingZeroBitCount)
    let high = UInt64(shift) << 3 + (count >> UInt64(shift))
    rawValue = UInt8(clamping: high)
  }

  var value: Int {
    // Below 16 the number itself; then `high` has its fourth bit in the shift already.
    guard rawValue >= 16 else { return Int(rawValue) }
    let shift = Int(rawValue >> 3) - 1
    return (Int(rawValue & 7) | 8) << shift
  }
}
