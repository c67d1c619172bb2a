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
  private var positions: [UInt32] = []
  /// For each posting, where its counts begin and where its positions do; one more than there are postings.
  private var countStarts = [Int32](repeating: 0, count: PostingBlock.limit + 1)
  private var positionStarts = [Int](repeating: 0, count: PostingBlock.limit + 1)

  init() {}

  /// - Parameter masks: of the block's postings.
  mutating func decode(from reader: inout ByteReader, masks: ArraySlice<UInt16>) throws(DecodingError) {
    let countCount = masks.reduce(0) { $0 + $1.nonzeroBitCount }
    try PackedNumbers.decode(from: &reader, count: countCount, into: &counts)
    let positionCount = Self.addUp(&counts, masks.span, &countStarts, &positionStarts)
    // 128 take a byte at least: a damaged count must not make room for more.
    guard positionCount <= reader.remaining * BitPacking.count else {
      throw DecodingError(offset: reader.offset, message: "\(positionCount) positions")
    }
    try PackedNumbers.decode(from: &reader, count: positionCount, into: &positions)
    guard Self.addUp(gaps: &positions, counts, countCount) else {
      throw DecodingError(offset: reader.offset, message: "a position out of range")
    }
  }

  /// - Returns: how many positions there are.
  private static func addUp(
    _ counts: inout [UInt32], _ masks: Span<UInt16>, _ countStarts: inout [Int32], _ positionStarts: inout [Int]
  ) -> Int {
    var counts = counts.mutableSpan
    var countStarts = countStarts.mutableSpan
    var positionStarts = positionStarts.mutableSpan
    var (countStart, positionStart) = (0, 0)
    for index in masks.indices {
      countStarts[index] = Int32(countStart)
      positionStarts[index] = positionStart
      for _ in 0..<masks[index].nonzeroBitCount {
        let count = Int(counts[countStart]) + 1
        counts[countStart] = UInt32(truncatingIfNeeded: count)
        countStart += 1
        positionStart += count
      }
    }
    countStarts[masks.count] = Int32(countStart)
    positionStarts[masks.count] = positionStart
    return positionStart
  }

  /// - Returns: false where a position is beyond 32 bits.
  private static func addUp(gaps: inout [UInt32], _ counts: [UInt32], _ countCount: Int) -> Bool {
    let counts = counts.span
    var positions = gaps.mutableSpan
    var place = 0
    var greatest = 0
    for list in 0..<countCount {
      var next = 0
      for index in place..<place + Int(counts[list]) {
        next += Int(positions[index])
        positions[index] = UInt32(truncatingIfNeeded: next)
        next += 1
      }
      greatest = max(greatest, next)
      place += Int(counts[list])
    }
    return greatest <= Int(UInt32.max)
  }

  /// Those of a term in one document.
  mutating func decode(_ lone: LonePosting) throws(DecodingError) {
    counts = [UInt32](repeating: 0, count: lone.mask.nonzeroBitCount)
    positions.removeAll(keepingCapacity: true)
    try lone.forEach { field, position in
      counts[field] += 1
      positions.append(position)
    }
    countStarts[1] = Int32(counts.count)
    positionStarts[1] = positions.count
  }

  func counts(of index: Int) -> ArraySlice<UInt32> { counts[Int(countStarts[index])..<Int(countStarts[index + 1])] }
  func positions(of index: Int) -> ArraySlice<UInt32> { positions[positionStarts[index]..<positionStarts[index + 1]] }

  /// Those of the posting in one of its fields.
  func positions(of index: Int, mask: UInt16, field: UInt16) -> ArraySlice<UInt32> {
    guard mask & field != 0 else { return [] }
    let before = (mask & (field - 1)).nonzeroBitCount
    let first = Int(countStarts[index])
    let start = counts[first..<first + before].reduce(positionStarts[index]) { $0 + Int($1) }
    return positions[start..<start + Int(counts[first + before])]
  }
}
