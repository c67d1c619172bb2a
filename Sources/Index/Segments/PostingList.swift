import Bytes

/// The documents that hold one term, ascending by ordinal: newest first.
///
///     list := block, positions                        for 2 to 128 documents
///             head, skip entry*, block*, positions*   for more: one of each for every 128, the last for the rest
///     head := varint union of all field masks, varint bytes of the skip entries, varint bytes of the blocks, varint bytes
///             of the counts, counts: for each field of the union varint documents that hold the term there; none where
///             the union is of one field
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

  /// How a list of more than one block begins.
  struct Head {
    /// The most bytes that it takes: a mask and three sizes.
    static let byteLimit = 33

    var mask: UInt16
    var skipsByteCount: Int
    var blocksByteCount: Int
    var countsByteCount: Int

    init(from reader: inout ByteReader) throws(DecodingError) {
      let mask = try reader.readVarint()
      guard mask > 0, let mask = UInt16(exactly: mask) else {
        throw DecodingError(offset: reader.offset, message: "the field mask \(mask)")
      }
      self.mask = mask
      skipsByteCount = try Self.readSize(&reader)
      blocksByteCount = try Self.readSize(&reader)
      countsByteCount = try Self.readSize(&reader)
    }

    private static func readSize(_ reader: inout ByteReader) throws(DecodingError) -> Int {
      let size = try reader.readVarint()
      guard size <= UInt64(UInt32.max) else {
        throw DecodingError(offset: reader.offset, message: "\(size) bytes of a posting list")
      }
      return Int(size)
    }
  }

  /// In how many documents each field holds a term.
  struct FieldCounts: Equatable {
    private var counts = InlineArray<16, UInt32>(repeating: 0)

    subscript(field: Int) -> UInt32 { counts[field] }

    init(_ masks: Span<UInt16>) {
      for index in masks.indices {
        var mask = masks[index]
        while mask != 0 {
          counts[mask.trailingZeroBitCount] += 1
          mask &= mask &- 1
        }
      }
    }

    /// - Parameters:
    ///   - reader: holds the counts and nothing else.
    ///   - mask: the fields of which there are counts: two or more.
    ///   - limit: how many documents hold the term.
    init(from reader: inout ByteReader, mask: UInt16, limit: Int) throws(DecodingError) {
      var rest = mask
      while rest != 0 {
        let count = try reader.readVarint()
        guard count > 0, count <= UInt64(limit) else {
          throw DecodingError(offset: reader.offset, message: "a field with a term in \(count) of \(limit) documents")
        }
        counts[rest.trailingZeroBitCount] = UInt32(truncatingIfNeeded: count)
        rest &= rest &- 1
      }
      guard reader.isAtEnd else { throw DecodingError(offset: reader.offset, message: "bytes behind the counts") }
    }

    /// - Parameter mask: see above.
    func encode(_ mask: UInt16, into writer: inout ByteWriter) {
      var rest = mask
      while rest != 0 {
        writer.writeVarint(UInt64(counts[rest.trailingZeroBitCount]))
        rest &= rest &- 1
      }
    }

    static func == (left: Self, right: Self) -> Bool {
      for field in 0..<16 where left.counts[field] != right.counts[field] { return false }
      return true
    }
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
