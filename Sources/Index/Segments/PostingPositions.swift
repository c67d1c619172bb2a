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

  /// For each posting and each field of its mask how often, less one. There is more room than is used.
  private var repeats: [UInt32] = []
  /// Chunk by chunk as they are asked for: a phrase looks at few documents of a block.
  private var gaps = LazyNumbers()
  private var here = Place()

  /// A posting, and where its repeats and its gaps begin. Who walks a block asks for its postings in their order, so that only
  /// what lies between two of them is added up.
  private struct Place {
    var posting = 0
    var repeats = 0
    var gaps = 0
  }

  /// Takes memory only when something is decoded.
  init() {}

  /// - Parameters:
  ///   - reader: holds the positions of the block and nothing else.
  ///   - masks: of the block's postings.
  mutating func decode(from reader: inout ByteReader, masks: ArraySlice<UInt16>) throws(DecodingError) {
    let count = Self.fieldCount(masks.span)
    try PackedNumbers.decode(from: &reader, count: count, into: &repeats)
    guard Self.union(repeats.span.extracting(first: count)) < Self.limit else {
      throw DecodingError(offset: reader.offset, message: "a term more than \(Self.limit) times in a field")
    }
    let positionCount = count + Self.sum(repeats.span.extracting(first: count))
    // 128 take a byte at least: a damaged count must not make room for more.
    guard positionCount <= reader.remaining * BitPacking.count else {
      throw DecodingError(offset: reader.offset, message: "\(positionCount) positions")
    }
    here = Place()
    try gaps.open(&reader, count: positionCount)
  }

  /// Those of a term in one document.
  mutating func decode(_ lone: LonePosting) throws(DecodingError) {
    repeats.removeAll(keepingCapacity: true)
    var known: [UInt32] = []
    var field = -1
    try lone.forEachGap { next, gap in
      if next == field {
        repeats[repeats.count - 1] += 1
      } else {
        repeats.append(0)
        field = next
      }
      known.append(gap)
    }
    here = Place()
    gaps.set(known)
  }

  // MARK: Sums, eight or four numbers at a time

  /// Of a block's postings: what is summed fits in 16 bits.
  private static func fieldCount(_ masks: Span<UInt16>) -> Int {
    var sum: UInt16 = 0
    for index in masks.indices { sum &+= UInt16(truncatingIfNeeded: masks[index].nonzeroBitCount) }
    return Int(sum)
  }

  /// A number that is over `limit` has a bit that none below it has: it is a power of two.
  private static func union(_ numbers: Span<UInt32>) -> UInt32 {
    var union: UInt32 = 0
    for index in numbers.indices { union |= numbers[index] }
    return union
  }

  /// Of numbers below `limit`, 16 for each posting of a block at most.
  private static func sum(_ numbers: Span<UInt32>) -> Int {
    var sum: UInt32 = 0
    for index in numbers.indices { sum &+= numbers[index] }
    return Int(sum)
  }

  private mutating func move(to posting: Int, _ masks: [UInt16]) {
    if posting == here.posting { return }
    if posting < here.posting { here = Place() }
    let count = Self.fieldCount(masks.span.extracting(here.posting..<posting))
    here.gaps += count + Self.sum(repeats.span.extracting(here.repeats..<here.repeats + count))
    here.repeats += count
    here.posting = posting
  }

  // MARK: Positions

  /// For each field of a posting's mask how often the term occurs, and where.
  /// - Parameter masks: of the block's postings.
  mutating func occurrences(
    of index: Int, masks: [UInt16]
  ) throws(DecodingError) -> (counts: [UInt32], positions: [UInt32]) {
    move(to: index, masks)
    let counts = repeats[here.repeats...].prefix(masks[index].nonzeroBitCount).map { $0 + 1 }
    var positions = PositionList()
    var place = here.gaps
    for count in counts {
      let range = place..<place + Int(count)
      try gaps.decode(range)
      guard positions.append(addingUp: gaps.numbers.span.extracting(range)) else {
        throw DecodingError(offset: 0, message: "a position out of range")
      }
      place = range.upperBound
    }
    return (counts, Array(positions.positions))
  }

  /// How often the term occurs in one of the fields of a posting.
  /// - Parameter masks: of the block's postings.
  mutating func count(of index: Int, masks: [UInt16], field: UInt16) -> Int {
    let mask = masks[index]
    guard mask & field != 0 else { return 0 }
    move(to: index, masks)
    return Int(repeats[here.repeats + (mask & (field - 1)).nonzeroBitCount]) + 1
  }

  /// Where the term occurs in one of the fields of a posting.
  /// - Parameter masks: of the block's postings.
  mutating func append(
    positionsOf index: Int, masks: [UInt16], field: UInt16, to positions: inout PositionList
  ) throws(DecodingError) {
    let mask = masks[index]
    guard mask & field != 0 else { return }
    move(to: index, masks)
    let before = (mask & (field - 1)).nonzeroBitCount
    let start = here.gaps + before + Self.sum(repeats.span.extracting(here.repeats..<here.repeats + before))
    let range = start..<start + Int(repeats[here.repeats + before]) + 1
    try gaps.decode(range)
    guard positions.append(addingUp: gaps.numbers.span.extracting(range)) else {
      throw DecodingError(offset: 0, message: "a position out of range")
    }
  }
}
