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
    let (start, end) = (postings.starts[range.lowerBound], postings.end(of: range.upperBound - 1))
    PackedNumbers.encode(postings.repeats.span.extracting(start.count..<end.count), into: &writer)
    PackedNumbers.encode(postings.gaps.span.extracting(start.gap..<end.gap), into: &writer)
  }

  /// Those that are filled have more room than is used.
  private var counts: [UInt32] = []
  /// Chunk by chunk as they are asked for: a phrase looks at few documents of a block.
  private var gaps = LazyNumbers()
  private var summed: [UInt32] = []
  /// For each of the first `addedUp` postings, where its counts begin and where its positions do; and where those behind do.
  private var addedUp = 0
  private var countStarts: [Int32] = []
  private var positionStarts: [Int] = []

  /// Takes memory only when something is decoded.
  init() {}

  private mutating func makeRoom() {
    if !countStarts.isEmpty { return }
    countStarts = [Int32](repeating: 0, count: PostingBlock.limit + 1)
    positionStarts = [Int](repeating: 0, count: PostingBlock.limit + 1)
  }

  /// - Parameters:
  ///   - reader: holds the positions of the block and nothing else.
  ///   - masks: of the block's postings.
  mutating func decode(from reader: inout ByteReader, masks: ArraySlice<UInt16>) throws(DecodingError) {
    makeRoom()
    let countCount = masks.reduce(0) { $0 + $1.nonzeroBitCount }
    try PackedNumbers.decode(from: &reader, count: countCount, into: &counts)
    guard let positionCount = Self.raise(&counts, countCount) else {
      throw DecodingError(offset: reader.offset, message: "a term more than \(Self.limit) times in a field")
    }
    // 128 take a byte at least: a damaged count must not make room for more.
    guard positionCount <= reader.remaining * BitPacking.count else {
      throw DecodingError(offset: reader.offset, message: "\(positionCount) positions")
    }
    addedUp = 0
    try gaps.open(&reader, count: positionCount)
  }

  /// Makes counts of counts less one.
  /// - Returns: how many positions there are; `nil` where a field has more than may be.
  private static func raise(_ counts: inout [UInt32], _ count: Int) -> Int? {
    var counts = counts.mutableSpan
    var (sum, union): (UInt64, UInt32) = (0, 0)
    for index in 0..<count {
      union |= counts[index]
      counts[index] &+= 1
      sum &+= UInt64(counts[index])
    }
    // One that is over it has a bit that none below it has: it is a power of two.
    return union >= limit ? nil : Int(sum)
  }

  /// Up to the end of a posting, as far as that was not done: who looks for the newest looks at few.
  private mutating func addUp(to index: Int, _ masks: [UInt16]) {
    if index < addedUp { return }
    Self.addUp(addedUp...index, counts, masks, &countStarts, &positionStarts)
    addedUp = index + 1
  }

  private static func addUp(
    _ range: ClosedRange<Int>, _ counts: [UInt32], _ masks: [UInt16], _ countStarts: inout [Int32],
    _ positionStarts: inout [Int]
  ) {
    let (counts, masks) = (counts.span, masks.span)
    var countStarts = countStarts.mutableSpan
    var positionStarts = positionStarts.mutableSpan
    var (place, position) = (Int(countStarts[range.lowerBound]), positionStarts[range.lowerBound])
    for index in range {
      for _ in 0..<masks[index].nonzeroBitCount {
        position &+= Int(counts[place])
        place &+= 1
      }
      countStarts[index &+ 1] = Int32(truncatingIfNeeded: place)
      positionStarts[index &+ 1] = position
    }
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
    addedUp = 1
    countStarts[1] = Int32(counts.count)
    positionStarts[1] = known.count
    gaps.set(known)
  }

  /// For each field of a posting's mask how often the term occurs, and where.
  /// - Parameter masks: of the block's postings.
  mutating func occurrences(
    of index: Int, masks: [UInt16]
  ) throws(DecodingError) -> (counts: ArraySlice<UInt32>, positions: ArraySlice<UInt32>) {
    addUp(to: index, masks)
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
  /// - Parameter masks: of the block's postings.
  mutating func append(
    positionsOf index: Int, masks: [UInt16], field: UInt16, to positions: inout [UInt32]
  ) throws(DecodingError) {
    let mask = masks[index]
    guard mask & field != 0 else { return }
    addUp(to: index, masks)
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
