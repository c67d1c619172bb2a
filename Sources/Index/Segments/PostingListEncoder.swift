import Bytes

/// Encodes one posting list after another, and keeps the room that they take meanwhile.
struct PostingListEncoder {
  private var list = ByteWriter()
  private var counts = ByteWriter()
  private var skips = ByteWriter()
  private var blocks = ByteWriter()
  private var positions = ByteWriter()

  /// The list that was encoded last.
  var bytes: [UInt8] { list.bytes }

  /// - Parameter postings: two or more, ascending.
  mutating func encode(_ postings: TermPostings) {
    list.removeAll()
    guard postings.count > PostingBlock.limit else {
      PostingBlock.encode(postings.ordinals.span, postings.masks.span, after: -1, into: &list)
      return PostingPositions.encode(postings, 0..<postings.count, into: &list)
    }
    skips.removeAll()
    blocks.removeAll()
    positions.removeAll()
    var previous = -1
    var union: UInt16 = 0
    for start in stride(from: 0, to: postings.count, by: PostingBlock.limit) {
      let range = start..<min(start + PostingBlock.limit, postings.count)
      union |= encodeBlock(postings, range, after: previous)
      previous = Int(postings.ordinals[range.upperBound - 1])
    }
    counts.removeAll()
    if union.nonzeroBitCount > 1 { PostingList.FieldCounts(postings.masks.span).encode(union, into: &counts) }
    list.writeVarint(UInt64(union))
    list.writeVarint(skips.count)
    list.writeVarint(blocks.count)
    list.writeVarint(counts.count)
    list.write(counts.bytes)
    list.write(skips.bytes)
    list.write(blocks.bytes)
    list.write(positions.bytes)
  }

  /// - Returns: the union of the block's masks.
  private mutating func encodeBlock(_ postings: TermPostings, _ range: Range<Int>, after previous: Int) -> UInt16 {
    let (blockStart, positionsStart) = (blocks.count, positions.count)
    let masks = postings.masks.span.extracting(range)
    PostingBlock.encode(postings.ordinals.span.extracting(range), masks, after: previous, into: &blocks)
    PostingPositions.encode(postings, range, into: &positions)
    var union: UInt16 = 0
    for index in masks.indices { union |= masks[index] }
    skips.writeVarint(UInt64(Int(postings.ordinals[range.upperBound - 1]) - previous))
    skips.writeVarint(blocks.count - blockStart)
    skips.writeVarint(positions.count - positionsStart)
    skips.writeVarint(UInt64(union))
    return union
  }
}
