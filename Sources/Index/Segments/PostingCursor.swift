import Bytes

/// Walks one term's postings in a part, newest first, and skips. Reads what it needs: of a common word's list the first
/// page, when the first hits are enough.
package struct PostingCursor {
  /// The ordinal past the last posting.
  package static let end = UInt32.max

  private let fields: UInt16
  private var blocks: PostingBlocks
  private var postings = PostingBlock.Postings()
  private var index = 0
  private var occurrences = PostingPositions()
  /// Whether `occurrences` are those of the block here.
  private var areOccurrencesRead = false
  /// Of the document here; `end` past the last one.
  package private(set) var ordinal = end
  /// The fields that hold the term in the document here.
  package private(set) var mask: UInt16 = 0

  /// - Parameter fields: postings without one of these fields are passed over.
  init(_ part: SegmentPart, _ entry: TermEntry, fields: UInt16) throws {
    self.fields = fields
    blocks = try PostingBlocks(part, entry)
    if case .lone(let lone) = entry.postings {
      postings.ordinals[0] = lone.ordinal
      postings.masks[0] = lone.mask
      postings.count = 1
      try part.decoding(at: part.fence.dictionaryOffset) { () throws(DecodingError) in
        try occurrences.decode(lone)
      }
      areOccurrencesRead = true
    }
    try settle()
  }

  package mutating func next() throws {
    index += 1
    try settle()
  }

  /// To the first posting at or after `target`.
  package mutating func advance(to target: UInt32) throws {
    guard ordinal < target else { return }
    if postings.ordinals[postings.count - 1] < target {
      let fields = fields
      _ = try readNextBlock { $0.lastOrdinal >= target && $0.mask & fields != 0 }
    }
    index = postings.firstIndex(notBelow: target, from: index)
    try settle()
  }

  /// Where the term stands in a field of the document here, ascending.
  package mutating func positions(in field: RecordField) throws -> ArraySlice<UInt32> {
    try readOccurrences()
    return occurrences.positions(of: index, mask: mask, field: RecordFields(field).rawValue)
  }

  /// For each field of the document here that holds the term how often, and where.
  mutating func allOccurrences() throws -> (counts: ArraySlice<UInt32>, positions: ArraySlice<UInt32>) {
    try readOccurrences()
    return (occurrences.counts(of: index), occurrences.positions(of: index))
  }

  private mutating func readOccurrences() throws {
    if areOccurrencesRead { return }
    try blocks.readPositions(of: postings, into: &occurrences)
    areOccurrencesRead = true
  }

  /// To the first posting at or after `index` that is wanted.
  private mutating func settle() throws {
    let fields = fields
    repeat {
      while index < postings.count {
        mask = postings.masks[index]
        if mask & fields != 0 {
          ordinal = postings.ordinals[index]
          return
        }
        index += 1
      }
    } while try readNextBlock { $0.mask & fields != 0 }
    ordinal = Self.end
  }

  /// The next block that is wanted.
  /// - Returns: false where there is none.
  private mutating func readNextBlock(_ isWanted: (PostingList.SkipEntry) -> Bool) throws -> Bool {
    index = 0
    postings.count = 0
    while try blocks.next() {
      guard isWanted(blocks.current) else { continue }
      try blocks.read(into: &postings)
      areOccurrencesRead = false
      return true
    }
    return false
  }
}
