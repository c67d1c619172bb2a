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

  private var counts: [UInt32] = []
  private var positions: [UInt32] = []
  /// For each posting, where its counts begin and where its positions do; one more than there are postings.
  private var countStarts: [Int] = []
  private var positionStarts: [Int] = []

  init() {}

  /// - Parameter masks: of the block's postings.
  mutating func decode(from reader: inout ByteReader, masks: ArraySlice<UInt16>) throws(DecodingError) {
    let countCount = masks.reduce(0) { $0 + $1.nonzeroBitCount }
    try PackedNumbers.decode(from: &reader, count: countCount, into: &counts)
    countStarts.removeAll(keepingCapacity: true)
    positionStarts.removeAll(keepingCapacity: true)
    var (countStart, positionStart) = (0, 0)
    for mask in masks {
      countStarts.append(countStart)
      positionStarts.append(positionStart)
      for _ in 0..<mask.nonzeroBitCount {
        let count = Int(counts[countStart]) + 1
        counts[countStart] = UInt32(truncatingIfNeeded: count)
        countStart += 1
        positionStart += count
      }
    }
    countStarts.append(countStart)
    positionStarts.append(positionStart)
    // 128 take a byte at least: a damaged count must not make room for more.
    guard positionStart <= reader.remaining * BitPacking.count else {
      throw DecodingError(offset: reader.offset, message: "\(positionStart) positions")
    }
    try PackedNumbers.decode(from: &reader, count: positionStart, into: &positions)
    try sumGaps(offset: reader.offset)
  }

  /// Those of a term in one document.
  mutating func decode(_ lone: LonePosting) throws(DecodingError) {
    counts = [UInt32](repeating: 0, count: lone.mask.nonzeroBitCount)
    positions.removeAll(keepingCapacity: true)
    try lone.forEach { field, position in
      counts[field] += 1
      positions.append(position)
    }
    countStarts = [0, counts.count]
    positionStarts = [0, positions.count]
  }

  private mutating func sumGaps(offset: Int) throws(DecodingError) {
    var place = 0
    for count in counts {
      for index in place + 1..<max(place + 1, place + Int(count)) {
        let (sum, overflows) = positions[index].addingReportingOverflow(positions[index - 1])
        guard !overflows, sum < .max else { throw DecodingError(offset: offset, message: "a position out of range") }
        positions[index] = sum + 1
      }
      place += Int(count)
    }
  }

  func counts(of index: Int) -> ArraySlice<UInt32> { counts[countStarts[index]..<countStarts[index + 1]] }
  func positions(of index: Int) -> ArraySlice<UInt32> { positions[positionStarts[index]..<positionStarts[index + 1]] }

  /// Those of the posting in one of its fields.
  func positions(of index: Int, mask: UInt16, field: UInt16) -> ArraySlice<UInt32> {
    guard mask & field != 0 else { return [] }
    let before = (mask & (field - 1)).nonzeroBitCount
    let first = countStarts[index]
    let start = counts[first..<first + before].reduce(positionStarts[index]) { $0 + Int($1) }
    return positions[start..<start + Int(counts[first + before])]
  }
}
