import Bytes

/// The documents that hold one term, ascending by ordinal: newest first.
///
///     list := block, positions                        for 2 to 128 documents
///             varint union of all field masks, varint bytes of the skip entries, varint bytes of the blocks,
///             skip entry*, block*, positions*         for more: one of each for every 128, the last for the rest
///     skip entry := varint last ordinal of the block less that of the block before (counted from -1), varint bytes of
///             the block, varint bytes of its positions, varint union of its field masks
///
/// How many documents there are says the dictionary. What holds a word is known without reading a position.
enum PostingList {
  struct SkipEntry: Equatable {
    var lastOrdinal: UInt32
    var byteCount: Int
    var positionsByteCount: Int
    var mask: UInt16
    /// Postings of the block; not written, as all but the last are full.
    var count = PostingBlock.limit
  }

  /// The most bytes that a skip entry takes: a difference, a size below 64 KiB, one below 4 GiB, a mask.
  static let skipEntryByteLimit = 16

  /// - Parameters:
  ///   - previous: the last ordinal of the block before, -1 for the first block.
  ///   - limit: one more than the greatest ordinal there can be.
  static func decodeSkip(
    _ reader: inout ByteReader, after previous: Int, limit: UInt32
  ) throws(DecodingError) -> SkipEntry {
    let delta = try reader.readVarint()
    let byteCount = try reader.readVarint()
    let positionsByteCount = try reader.readVarint()
    let mask = try reader.readVarint()
    guard delta > 0, delta <= UInt64(limit), previous + Int(delta) < Int(limit), byteCount <= 1 << 16,
      positionsByteCount <= UInt64(UInt32.max), let mask = UInt16(exactly: mask)
    else { throw DecodingError(offset: reader.offset, message: "a skip entry out of range") }
    return SkipEntry(
      lastOrdinal: UInt32(previous + Int(delta)), byteCount: Int(byteCount),
      positionsByteCount: Int(positionsByteCount), mask: mask)
  }
}
