import Bytes

/// Walks one term's postings in a part, newest first, and skips. Reads what it needs: of a common word's list the first
/// page, when the first hits are enough.
package struct PostingCursor {
  /// The ordinal past the last posting.
  package static let end = UInt32.max

  private let fields: UInt16
  /// Postings of the whole list.
  private let documentCount: Int
  private var blocks: PostingBlocks
  private var postings = PostingBlock.Postings()
  private var index = 0
  private var occurrences = PostingPositions()
  /// The only posting, where there is one only.
  private var lone: LonePosting?
  /// Whether `occurrences` are those of the block here.
  private var areOccurrencesRead = false
  /// Whether the masks of the block here need not be looked at.
  private var isEveryPostingWanted = false
  /// Of the document here; `end` past the last one.
  package private(set) var ordinal = end
  /// The fields that hold the term in the document here.
  package mutating func fieldsHere() throws -> RecordFields { RecordFields(rawValue: try mask()) }

  /// - Parameter fields: postings without one of these fields are passed over.
  init(_ part: SegmentPart, _ entry: TermEntry, fields: UInt16) throws {
    self.fields = fields
    documentCount = entry.documentCount
    blocks = try PostingBlocks(part, entry)
    if case .lone(let lone) = entry.postings {
      postings = PostingBlock.Postings(lone)
      self.lone = lone
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
    // The one behind this one: most steps of a word that many documents hold.
    if isEveryPostingWanted, index + 1 < postings.count, postings.ordinals[index + 1] >= target {
      index += 1
      ordinal = postings.ordinals[index]
      return
    }
    if postings.count == 0 || postings.ordinals[postings.count - 1] < target {
      let fields = fields
      _ = try readNextBlock { $0.lastOrdinal >= target && $0.mask & fields != 0 }
    }
    index = postings.firstIndex(notBelow: target, from: index)
    try settle()
  }

  /// Adds to a window the postings from here on, and moves behind the window.
  package mutating func fill(_ window: inout OrdinalWindow) throws {
    let fields = fields
    while ordinal < window.end {
      if isEveryPostingWanted {
        index = window.insert(postings.ordinals.span.extracting(first: postings.count), from: index)
      } else {
        while index < postings.count, postings.ordinals[index] < window.end {
          if postings.masks[index] & fields != 0 { window.insert(postings.ordinals[index]) }
          index += 1
        }
      }
      if index < postings.count { return try settle() }
      guard try readNextBlock({ $0.mask & fields != 0 }) else {
        ordinal = Self.end
        return
      }
      ordinal = postings.ordinals[0]
    }
    try settle()
  }

  /// How many postings are left below `end`, the one here included: told by the dictionary where every posting of the list is
  /// wanted; of blocks that lie below it whole, and in which every posting is wanted, only the skip entries are read.
  package mutating func count(below end: UInt32) throws -> Int {
    if ordinal == Self.end { return 0 }
    if blocks.mask & ~fields == 0, Int(end) >= blocks.documentLimit {
      ordinal = Self.end
      return documentCount - blocks.precedingCount - index
    }
    var count = 0
    while ordinal < end {
      while index < postings.count, postings.ordinals[index] < end {
        if isEveryPostingWanted || postings.masks[index] & fields != 0 { count += 1 }
        index += 1
      }
      if index < postings.count { break }
      let fields = fields
      var skipped = 0
      let hasNext = try readNextBlock { entry in
        if entry.lastOrdinal < end, entry.mask & ~fields == 0 {
          skipped += entry.count
          return false
        }
        return entry.mask & fields != 0
      }
      count += skipped
      if !hasNext { break }
    }
    ordinal = Self.end
    return count
  }

  /// How many postings of the whole list are wanted, wherever the cursor stands; `nil` where the list does not tell.
  package mutating func total() throws -> Int? { try blocks.documentCount(in: fields) }

  /// The mask of the document here.
  mutating func mask() throws -> UInt16 {
    if postings.encodedMasks != nil {
      try blocks.decoding { () throws(DecodingError) in try postings.decodeMasks() }
    }
    return postings.masks[index]
  }

  /// Where the term stands in a field of the document here, ascending.
  package mutating func appendPositions(in field: RecordField, to positions: inout PositionList) throws {
    try readOccurrences()
    do {
      try occurrences.append(
        positionsOf: index, masks: postings.masks, field: RecordFields(field).rawValue, to: &positions)
    } catch {
      throw blocks.refused(error.message)
    }
  }

  /// How often the term stands in a field of the document here.
  package mutating func occurrenceCount(in field: RecordField) throws -> Int {
    try readOccurrences()
    return occurrences.count(of: index, masks: postings.masks, field: RecordFields(field).rawValue)
  }

  /// For each field of the document here that holds the term how often, and where.
  mutating func allOccurrences() throws -> (counts: [UInt32], positions: [UInt32]) {
    try readOccurrences()
    do {
      return try occurrences.occurrences(of: index, masks: postings.masks)
    } catch {
      throw blocks.refused(error.message)
    }
  }

  private mutating func readOccurrences() throws {
    if areOccurrencesRead { return }
    _ = try mask()
    if let lone {
      try blocks.decoding { () throws(DecodingError) in try occurrences.decode(lone) }
    } else {
      try blocks.readPositions(of: postings, into: &occurrences)
    }
    areOccurrencesRead = true
  }

  /// To the first posting at or after `index` that is wanted.
  private mutating func settle() throws {
    let fields = fields
    repeat {
      while index < postings.count {
        if isEveryPostingWanted || postings.masks[index] & fields != 0 {
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
      isEveryPostingWanted = blocks.current.mask & ~fields == 0
      try blocks.read(into: &postings, wantsMasks: !isEveryPostingWanted)
      areOccurrencesRead = false
      return true
    }
    return false
  }
}
