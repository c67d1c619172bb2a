import Bytes

/// The documents that hold one term, ascending by ordinal: newest first.
///
///     list := block                                   for 2 to 128 documents
///             varint bytes of the skip entries, skip entry*, block*
///                                                     for more: an entry for each block, all blocks but the last full
///     skip entry := varint last ordinal of the block less that of the block before (counted from -1), varint bytes of
///             the block, varint union of its field masks
///
/// How many documents there are says the dictionary.
enum PostingList {
  struct SkipEntry: Equatable {
    var lastOrdinal: UInt32
    var byteCount: Int
    var mask: UInt16
  }

  static func encode(_ ordinals: [UInt32], _ masks: [UInt16], into writer: inout ByteWriter) {
    let limit = PostingBlock.limit
    guard ordinals.count > limit else {
      PostingBlock.encode(ordinals[...], masks[...], after: -1, into: &writer)
      return
    }
    var skips = ByteWriter()
    var blocks = ByteWriter(reserving: ordinals.count * 2)
    var previous = -1
    for start in stride(from: 0, to: ordinals.count, by: limit) {
      let range = start..<min(start + limit, ordinals.count)
      let offset = blocks.count
      PostingBlock.encode(ordinals[range], masks[range], after: previous, into: &blocks)
      let last = Int(ordinals[range.upperBound - 1])
      skips.writeVarint(UInt64(last - previous))
      skips.writeVarint(blocks.count - offset)
      skips.writeVarint(UInt64(masks[range].reduce(0, |)))
      previous = last
    }
    writer.writeVarint(skips.count)
    writer.write(skips.bytes)
    writer.write(blocks.bytes)
  }

  /// The most bytes that a skip entry takes: a difference, a size below 64 KiB, a mask.
  static let skipEntryByteLimit = 11

  /// - Parameters:
  ///   - previous: the last ordinal of the block before, -1 for the first block.
  ///   - limit: one more than the greatest ordinal there can be.
  static func decodeSkip(
    _ reader: inout ByteReader, after previous: Int, limit: UInt32
  ) throws(DecodingError) -> SkipEntry {
    let delta = try reader.readVarint()
    let byteCount = try reader.readVarint()
    let mask = try reader.readVarint()
    guard delta > 0, delta <= UInt64(limit), previous + Int(delta) < Int(limit), byteCount <= 1 << 16,
      let mask = UInt16(exactly: mask)
    else { throw DecodingError(offset: reader.offset, message: "a skip entry out of range") }
    return SkipEntry(lastOrdinal: UInt32(previous + Int(delta)), byteCount: Int(byteCount), mask: mask)
  }
}
