import Bytes

/// Decodes whole posting lists: for merges and verification, which read all of them. Searches walk lists by `PostingCursor`.
struct PostingListDecoder {
  private var block = PostingBlock.Postings()

  /// - Parameters:
  ///   - bytes: of the list, all of them.
  ///   - count: of its documents, two or more.
  ///   - limit: one more than the greatest ordinal there can be.
  ///   - postings: what is in the list is added to it.
  mutating func decode(
    _ bytes: ArraySlice<UInt8>, count: Int, limit: UInt32, into postings: inout TermPostings
  ) throws(DecodingError) {
    var reader = ByteReader(bytes)
    if count <= PostingBlock.limit {
      try PostingBlock.decode(from: &reader, count: count, after: -1, limit: limit, into: &block)
      try postings.append(block, positions: &reader)
    } else {
      try decodeBlocks(&reader, count: count, limit: limit, into: &postings)
    }
    guard reader.isAtEnd else { throw DecodingError(offset: reader.offset, message: "bytes behind a posting list") }
  }

  private mutating func decodeBlocks(
    _ reader: inout ByteReader, count: Int, limit: UInt32, into postings: inout TermPostings
  ) throws(DecodingError) {
    let head = try PostingList.Head(from: &reader)
    var countBytes = ByteReader(try reader.readBytes(head.countsByteCount))
    var skips = ByteReader(try reader.readBytes(head.skipsByteCount))
    var blocks = ByteReader(try reader.readBytes(head.blocksByteCount))
    let firstPosting = postings.count
    var previous = -1
    var union: UInt16 = 0
    for start in stride(from: 0, to: count, by: PostingBlock.limit) {
      let entry = try PostingList.decodeSkip(&skips, after: previous, limit: limit)
      var bytes = ByteReader(try blocks.readBytes(entry.byteCount))
      let blockCount = min(PostingBlock.limit, count - start)
      try PostingBlock.decode(from: &bytes, count: blockCount, after: previous, limit: limit, into: &block)
      var positions = ByteReader(try reader.readBytes(entry.positionsByteCount))
      let first = postings.count
      try postings.append(block, positions: &positions)
      let blockMask = postings.masks[first...].reduce(0, |)
      guard bytes.isAtEnd, positions.isAtEnd, postings.ordinals[postings.count - 1] == entry.lastOrdinal,
        blockMask == entry.mask
      else { throw DecodingError(offset: blocks.offset, message: "a block that is not what the list says") }
      previous = Int(entry.lastOrdinal)
      union |= blockMask
    }
    let masks = postings.masks.span.extracting(droppingFirst: firstPosting)
    guard skips.isAtEnd, blocks.isAtEnd, union == head.mask,
      try Self.areCounts(&countBytes, of: masks, union)
    else { throw DecodingError(offset: reader.offset, message: "a list that is not what it says of itself") }
  }

  /// Whether the list's counts by field are those of its documents.
  private static func areCounts(
    _ reader: inout ByteReader, of masks: Span<UInt16>, _ union: UInt16
  ) throws(DecodingError) -> Bool {
    if union.nonzeroBitCount == 1 { return reader.isAtEnd }
    return try PostingList.FieldCounts(from: &reader, mask: union, limit: masks.count) == PostingList.FieldCounts(masks)
  }
}
