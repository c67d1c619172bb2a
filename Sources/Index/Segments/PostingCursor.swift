import Bytes

/// Walks one term's postings in a part, newest first, and skips. Reads what it needs: of a common word's list the first
/// page, when the first hits are enough.
struct PostingCursor {
  private let part: SegmentPart
  private let documentCount: Int
  private var blocks: PostingBlocks
  private var postings = PostingBlock.Postings()
  private var index = 0

  init(_ part: SegmentPart, _ entry: TermEntry) throws {
    self.part = part
    documentCount = entry.documentCount
    blocks = try PostingBlocks(part, entry)
    if case .inline(let ordinal, let mask) = entry.postings {
      postings.ordinals[0] = ordinal
      postings.masks[0] = mask
      postings.count = 1
    } else if try blocks.next() {
      try blocks.read(into: &postings)
    }
  }

  /// The posting here; `nil` past the last one.
  var ordinal: UInt32? { index < postings.count ? postings.ordinals[index] : nil }
  /// The fields that hold the term in the document here.
  var mask: UInt16 { postings.masks[index] }

  mutating func next() throws {
    index += 1
    if index == postings.count { try readNextBlock { _ in true } }
  }

  /// To the first posting at or after `ordinal`.
  mutating func advance(to ordinal: UInt32) throws {
    guard let here = self.ordinal, here < ordinal else { return }
    if postings.ordinals[postings.count - 1] < ordinal { try readNextBlock { $0.lastOrdinal >= ordinal } }
    while index < postings.count, postings.ordinals[index] < ordinal { index += 1 }
  }

  /// Calls `body` with all postings left whose mask has a bit of `fields`. Blocks without one are not read.
  mutating func forEach(fields: UInt16, _ body: (UInt32) -> Void) throws {
    while index < postings.count {
      for place in index..<postings.count where postings.masks[place] & fields != 0 { body(postings.ordinals[place]) }
      try readNextBlock { $0.mask & fields != 0 }
    }
  }

  /// The next block that is wanted; the end where there is none.
  private mutating func readNextBlock(_ isWanted: (PostingList.SkipEntry) -> Bool) throws {
    index = 0
    postings.count = 0
    while try blocks.next() {
      guard isWanted(blocks.current) else { continue }
      return try blocks.read(into: &postings)
    }
  }
}

/// The blocks of one posting list, one after another, known by their skip entries before they are read.
struct PostingBlocks {
  /// Bytes of skip entries that are read at a time.
  private static let skipWindowByteCount = 1_024

  private let part: SegmentPart
  private let documentCount: Int
  private let blockCount: Int
  private var skips = ByteReader([])
  /// Where the skip entries after `skips` begin, and where all end.
  private var nextSkipsOffset: UInt64 = 0
  private var skipsEnd: UInt64 = 0
  private var listEnd: UInt64 = 0
  private var blockOffset: UInt64 = 0
  private var number = -1
  private var previous = -1
  private(set) var current = PostingList.SkipEntry(lastOrdinal: 0, byteCount: 0, mask: .max)

  init(_ part: SegmentPart, _ entry: TermEntry) throws {
    self.part = part
    documentCount = entry.documentCount
    guard case .list(let offset, let byteCount) = entry.postings else {
      blockCount = 0
      return
    }
    blockCount = (documentCount + PostingBlock.limit - 1) / PostingBlock.limit
    listEnd = offset + byteCount
    blockOffset = offset
    guard blockCount > 1 else {
      current.byteCount = Int(byteCount)
      return
    }
    var reader = ByteReader(try part.readLists(at: offset, byteCount: Int(min(byteCount, 10))))
    let skipByteCount = try part.decoding(at: offset) { () throws(DecodingError) in try reader.readVarint() }
    nextSkipsOffset = offset + UInt64(reader.offset)
    guard skipByteCount <= listEnd - nextSkipsOffset else { throw refused("skip entries beyond the list's end") }
    skipsEnd = nextSkipsOffset + skipByteCount
    blockOffset = skipsEnd
  }

  /// Moves to the next block, whose entry is `current` then.
  /// - Returns: false past the last one.
  mutating func next() throws -> Bool {
    number += 1
    guard number < blockCount else { return false }
    if blockCount == 1 { return true }
    if number > 0 {
      previous = Int(current.lastOrdinal)
      blockOffset += UInt64(current.byteCount)
    }
    try fillSkips()
    let (previous, limit) = (previous, UInt32(part.documentCount))
    var reader = skips
    current = try part.decoding(at: nextSkipsOffset) { () throws(DecodingError) in
      try PostingList.decodeSkip(&reader, after: previous, limit: limit)
    }
    skips = reader
    guard UInt64(current.byteCount) <= listEnd - blockOffset else { throw refused("a block beyond the list's end") }
    return true
  }

  private mutating func fillSkips() throws {
    guard skips.remaining < PostingList.skipEntryByteLimit, nextSkipsOffset < skipsEnd else { return }
    // What is left of the last entries is read again.
    let start = nextSkipsOffset - UInt64(skips.remaining)
    let byteCount = Int(min(UInt64(Self.skipWindowByteCount), skipsEnd - start))
    skips = ByteReader(try part.readLists(at: start, byteCount: byteCount))
    nextSkipsOffset = start + UInt64(byteCount)
  }

  func read(into postings: inout PostingBlock.Postings) throws {
    let isLast = number == blockCount - 1
    let count = isLast ? documentCount - number * PostingBlock.limit : PostingBlock.limit
    var reader = ByteReader(try part.readLists(at: blockOffset, byteCount: current.byteCount))
    do {
      try PostingBlock.decode(
        from: &reader, count: count, after: previous, limit: UInt32(part.documentCount), into: &postings)
    } catch {
      throw refused(error.message)
    }
    let isAsListed = blockCount == 1 || postings.ordinals[count - 1] == current.lastOrdinal
    guard reader.isAtEnd, isAsListed else { throw refused("a block that is not what the list says") }
  }

  private func refused(_ message: String) -> IndexError {
    IndexError.corrupt(part.segment.path, at: part.fence.offset + blockOffset, message)
  }
}
