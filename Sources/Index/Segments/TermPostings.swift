import Bytes

/// All postings of one term, as they are gathered before they are encoded.
struct TermPostings: Equatable {
  /// Where the counts of a document begin, and where its gaps do.
  struct Start: Equatable {
    var count: Int
    var gap: Int
  }

  /// Of the documents that hold the term, ascending once they are encoded.
  private(set) var ordinals: [UInt32] = []
  /// Beside them, the fields that hold it: `RecordFields.rawValue`, none 0.
  private(set) var masks: [UInt16] = []
  /// For each document and each field of it that holds the term, fields ascending: how often, less one.
  private(set) var repeats: [UInt32] = []
  /// For each of these the first position, then each difference from the one before less one.
  private(set) var gaps: [UInt32] = []
  /// One for each document.
  private(set) var starts: [Start] = []
  /// The position that was added last.
  private var last: UInt32 = 0

  var count: Int { ordinals.count }
  var isEmpty: Bool { ordinals.isEmpty }

  static func == (left: Self, right: Self) -> Bool {
    left.ordinals == right.ordinals && left.masks == right.masks && left.repeats == right.repeats
      && left.gaps == right.gaps
  }

  mutating func removeAll() {
    ordinals.removeAll(keepingCapacity: true)
    masks.removeAll(keepingCapacity: true)
    repeats.removeAll(keepingCapacity: true)
    gaps.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
  }

  /// Where the document's counts and gaps end, which is where those of the next begin.
  func end(of index: Int) -> Start {
    index + 1 < count ? starts[index + 1] : Start(count: repeats.count, gap: gaps.count)
  }

  /// Adds one occurrence. They come by ordinal, within a document by field and within a field by position.
  mutating func append(_ ordinal: UInt32, field: UInt8, position: UInt32) {
    let bit: UInt16 = 1 << UInt16(field)
    if ordinals.last != ordinal {
      beginDocument(ordinal, mask: bit)
    } else if masks[masks.count - 1] & bit != 0 {
      // Written with accents and without, a word may stand twice at one place.
      if last == position { return }
      repeats[repeats.count - 1] += 1
      gaps.append(position - last - 1)
      last = position
      return
    } else {
      masks[masks.count - 1] |= bit
    }
    repeats.append(0)
    gaps.append(position)
    last = position
  }

  private mutating func beginDocument(_ ordinal: UInt32, mask: UInt16) {
    starts.append(Start(count: repeats.count, gap: gaps.count))
    ordinals.append(ordinal)
    masks.append(mask)
  }

  /// Adds a term's only posting under another ordinal.
  mutating func append(_ lone: LonePosting, as ordinal: UInt32) throws(DecodingError) {
    beginDocument(ordinal, mask: lone.mask)
    var field = -1
    try lone.forEachGap { next, gap in
      if next != field {
        repeats.append(0)
        field = next
      } else {
        repeats[repeats.count - 1] += 1
      }
      gaps.append(gap)
    }
  }

  /// Adds documents under other ordinals.
  /// - Parameter places: the new ordinal of each one; `UInt32.max` for a document that is left out.
  mutating func append(_ other: TermPostings, as places: [UInt32]) {
    var kept = 0
    while kept < other.count {
      guard places[Int(other.ordinals[kept])] != .max else {
        kept += 1
        continue
      }
      // Those between two that are left out go together.
      let first = kept
      while kept < other.count, places[Int(other.ordinals[kept])] != .max {
        ordinals.append(places[Int(other.ordinals[kept])])
        kept += 1
      }
      append(other, first..<kept)
    }
  }

  /// Adds all but the ordinals of some documents.
  private mutating func append(_ other: TermPostings, _ range: Range<Int>) {
    let (start, end) = (other.starts[range.lowerBound], other.end(of: range.upperBound - 1))
    for index in range {
      let own = other.starts[index]
      starts.append(Start(count: repeats.count + own.count - start.count, gap: gaps.count + own.gap - start.gap))
    }
    masks += other.masks[range]
    repeats += other.repeats[start.count..<end.count]
    gaps += other.gaps[start.gap..<end.gap]
  }

  /// Brings documents that were added in another order into that of their ordinals.
  func sorted() -> TermPostings {
    var sorted = TermPostings()
    let keys = ordinals.indices.map { UInt64(ordinals[$0]) << 32 | UInt64($0) }.sorted()
    for key in keys {
      let index = Int(key & 0xFFFF_FFFF)
      sorted.ordinals.append(ordinals[index])
      sorted.append(self, index..<index + 1)
    }
    return sorted
  }

  /// Whether the ordinals ascend, each once.
  var isAscending: Bool {
    let ordinals = ordinals.span
    for index in 1..<max(1, ordinals.count) where ordinals[index - 1] >= ordinals[index] { return false }
    return true
  }

  /// Whether no position is beyond 32 bits, and no word in a field more often than `PostingPositions.limit`.
  var isInRange: Bool {
    var gap = 0
    for more in repeats {
      if more >= PostingPositions.limit { return false }
      var next = 0
      for index in gap...gap + Int(more) { next += Int(gaps[index]) + 1 }
      if next > Int(UInt32.max) { return false }
      gap += Int(more) + 1
    }
    return true
  }
}

// MARK: Decoding

extension TermPostings {
  /// Adds a block and its positions.
  /// - Parameters:
  ///   - block: decoded, with its masks.
  ///   - reader: stands before the positions.
  mutating func append(_ block: PostingBlock.Postings, positions reader: inout ByteReader) throws(DecodingError) {
    let (firstDocument, firstCount, firstGap) = (count, repeats.count, gaps.count)
    ordinals += block.ordinals.prefix(block.count)
    masks += block.masks.prefix(block.count)
    var countCount = 0
    for index in firstDocument..<masks.count { countCount += masks[index].nonzeroBitCount }
    try PackedNumbers.decode(from: &reader, count: countCount, appendingTo: &repeats)
    var (place, gapCount) = (firstCount, 0)
    for index in firstDocument..<masks.count {
      starts.append(Start(count: place, gap: firstGap + gapCount))
      for _ in 0..<masks[index].nonzeroBitCount {
        guard repeats[place] < PostingPositions.limit else {
          throw DecodingError(
            offset: reader.offset, message: "a term more than \(PostingPositions.limit) times in a field")
        }
        gapCount += Int(repeats[place]) + 1
        place += 1
      }
    }
    // 128 take a byte at least: a damaged count must not make room for more.
    guard gapCount <= reader.remaining * BitPacking.count else {
      throw DecodingError(offset: reader.offset, message: "\(gapCount) positions")
    }
    try PackedNumbers.decode(from: &reader, count: gapCount, appendingTo: &gaps)
  }
}
