import Bytes

/// Where a term stands in the documents of one block of its postings, field by field.
///
///     positions := counts, gaps
///     counts    := numbers: for each posting and each field of its mask, how often less one
///     gaps      := numbers: for each of these its first position, then each difference from the one before less one
///
/// For `numbers` see `PackedNumbers`. The positions are those that the field's analyzer gives; those of a field's second and
/// later values go on `valueGap` behind the value before, so that no phrase shorter than that spans two of them.
struct PostingPositions {
  static let valueGap = 32
  /// How often a term is noted in one field of a document. Documents that hold one more often are listed in the part's head, and
  /// phrases are verified in their records.
  static let limit = 16_384

  /// The positions after the last token of a value at which the next value begins.
  static func start(after last: Int) -> Int { last + 1 + valueGap }

  static func encode(_ postings: TermPostings, _ range: Range<Int>, into writer: inout ByteWriter) {
    let start = postings.starts[range.lowerBound]
    let end =
      range.upperBound < postings.count
      ? postings.starts[range.upperBound] : (postings.counts.count, postings.positions.count)
    let counts = postings.counts[start.count..<end.0]
    PackedNumbers.encode(counts.map { $0 - 1 }[...], into: &writer)
    var gaps: [UInt32] = []
    gaps.reserveCapacity(end.1 - start.position)
    var place = start.position
    for count in counts {
      gaps.append(postings.positions[place])
      for index in place + 1..<place + Int(count) {
        gaps.append(postings.positions[index] - postings.positions[index - 1] - 1)
      }
      place += Int(count)
    }
    PackedNumbers.encode(gaps[...], into: &writer)
  }

  /// Those that are filled have more room than is used.
  private var counts: [UInt32] = []
  /// Chunk by chunk as they are asked for: a phrase looks at few documents of a block.
  private var gaps = LazyNumbers()
  private var summed: [UInt32] = []
  /// For each posting, where its counts begin and where its positions do; one more than there are postings.
  private var countStarts: [Int32] = []
  private var positionStarts: [Int] = []

  /// Takes memory only when something is decoded.
  init() {}

  private mutating func makeRoom() {
    if !countStarts.isEmpty { return }
    countStarts = [Int32](repeating: 0, count: PostingBlock.limit + 1)
    positionStarts = [Int](repeating: 0, count: PostingBlock.limit + 1)
  }

  /// - Parameter masks: of the block's postings.
  mutating func decode(from reader: inout ByteReader, masks: ArraySlice<UInt16>) throws(DecodingError) {
    makeRoom()
    let countCount = masks.reduce(0) { $0 + $1.nonzeroBitCount }
    try PackedNumbers.decode(from: &reader, count: countCount, into: &counts)
    guard let positionCount = Self.addUp(&counts, masks.span, &countStarts, &positionStarts) else {
      throw DecodingError(offset: reader.offset, message: "a term more than \(Self.limit) times in a field")
    }
    // 128 take a byte at least: a damaged count must not make room for more.
    guard positionCount <= reader.remaining * BitPacking.count else {
      throw DecodingError(offset: reader.offset, message: "\(positionCount) positions")
    }
    try gaps.open(&reader, count: positionCount)
  }

  /// - Returns: how many positions there are; `nil` where a field has more than may be.
  private static func addUp(
    _ counts: inout [UInt32], _ masks: Span<UInt16>, _ countStarts: inout [Int32], _ positionStarts: inout [Int]
  ) -> Int? {
    var counts = counts.mutableSpan
    var countStarts = countStarts.mutableSpan
    var positionStarts = positionStarts.mutableSpan
    var (countStart, positionStart) = (0, 0)
    for index in masks.indices {
      countStarts[index] = Int32(countStart)
      positionStarts[index] = positionStart
      for _ in 0..<masks[index].nonzeroBitCount {
        let count = Int(counts[countStart]) + 1
        if count > limit { return nil }
        counts[countStart] = UInt32(truncatingIfNeeded: count)
        countStart += 1
        positionStart += count
      }
    }
    countStarts[masks.count] = Int32(countStart)
    positionStarts[masks.count] = positionStart
    return positionStart
  }

  /// Those of a term in one document.
  mutating func decode(_ lone: LonePosting) throws(DecodingError) {
    makeRoom()
    counts = [UInt32](repeating: 0, count: lone.mask.nonzeroBitCount)
    var known: [UInt32] = []
    var next: UInt32 = 0
    try lone.forEach { field, position in
      if counts[field] == 0 { next = 0 }
      counts[field] += 1
      known.append(position - next)
      next = position + 1
    }
    countStarts[1] = Int32(counts.count)
    positionStarts[1] = known.count
    gaps.set(known)
  }

  /// For each field of a posting's mask how often the term occurs, and where.
  mutating func occurrences(
    of index: Int
  ) throws(DecodingError) -> (counts: ArraySlice<UInt32>, positions: ArraySlice<UInt32>) {
    let counts = counts[Int(countStarts[index])..<Int(countStarts[index + 1])]
    summed.removeAll(keepingCapacity: true)
    try gaps.decode(positionStarts[index]..<positionStarts[index + 1])
    var place = positionStarts[index]
    for count in counts {
      guard append(place..<place + Int(count), to: &summed) else {
        throw DecodingError(offset: 0, message: "a position out of range")
      }
      place += Int(count)
    }
    return (counts, summed[...])
  }

  /// Where the term occurs in one of the fields of a posting.
  mutating func append(
    positionsOf index: Int, mask: UInt16, field: UInt16, to positions: inout [UInt32]
  ) throws(DecodingError) {
    guard mask & field != 0 else { return }
    let before = (mask & (field - 1)).nonzeroBitCount
    let first = Int(countStarts[index])
    var start = positionStarts[index]
    for list in first..<first + before { start += Int(counts[list]) }
    let range = start..<start + Int(counts[first + before])
    try gaps.decode(range)
    _ = append(range, to: &positions)
  }

  /// - Returns: false where a position is beyond 32 bits, which is cut then.
  private func append(_ range: Range<Int>, to positions: inout [UInt32]) -> Bool {
    var next = 0
    let gaps = gaps.numbers.span
    for place in range {
      next += Int(gaps[place])
      positions.append(UInt32(truncatingIfNeeded: next))
      next += 1
    }
    return next <= Int(UInt32.max)
  }
}
