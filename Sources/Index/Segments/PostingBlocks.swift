import Bytes

/// The blocks of one posting list, one after another, known by their skip entries before they are read.
struct PostingBlocks {
  /// The page that was read last, and where among the lists it begins: a short list's parts lie in one, and so do many lists.
  struct Page {
    fileprivate var bytes: ArraySlice<UInt8> = []
    fileprivate var offset: Int64 = 0
  }

  /// Bytes of skip entries that are read at a time.
  private static let skipWindowByteCount = 1_024

  private let part: SegmentPart
  private let documentCount: Int
  private let blockCount: Int
  /// No posting of the list has other fields; of a list of one block nothing is known.
  private(set) var mask = UInt16.max
  private var skips = ByteReader([])
  /// Where the counts by field are, up to the skip entries.
  private var countsOffset: UInt64 = 0
  private var countsByteCount = 0
  /// Where the skip entries after `skips` begin, and where all end.
  private var nextSkipsOffset: UInt64 = 0
  private var skipsEnd: UInt64 = 0
  private var listEnd: UInt64 = 0
  private var blockOffset: UInt64 = 0
  private var positionsOffset: UInt64 = 0
  private var blocksEnd: UInt64 = 0
  private(set) var page: Page
  private var number = -1
  private var previous = -1
  /// The last block that was read, for a trace.
  private var lastRead = -1
  private(set) var current = PostingList.SkipEntry(
    lastOrdinal: .max, byteCount: 0, positionsByteCount: 0, mask: .max, count: 0)

  /// - Parameter page: of another list of the part: where the lists of many terms are read, these lie one after another.
  init(_ part: SegmentPart, _ entry: TermEntry, page: Page = Page()) throws {
    self.part = part
    self.page = page
    documentCount = entry.documentCount
    guard case .list(let offset, let byteCount) = entry.postings else {
      blockCount = 0
      return
    }
    blockCount = (documentCount + PostingBlock.limit - 1) / PostingBlock.limit
    part.trace?.noteList()
    guard offset <= part.fence.listsByteCount, byteCount <= part.fence.listsByteCount - offset else {
      throw IndexError.corrupt(part.segment.path, at: part.fence.offset, "a posting list beyond the lists' end")
    }
    listEnd = offset + byteCount
    blockOffset = offset
    guard blockCount > 1 else {
      current.byteCount = Int(byteCount)
      return
    }
    var reader = ByteReader(try bytes(at: offset, byteCount: Int(min(byteCount, UInt64(PostingList.Head.byteLimit)))))
    let head = try part.decoding(at: offset) { () throws(DecodingError) in try PostingList.Head(from: &reader) }
    mask = head.mask
    countsOffset = offset + UInt64(reader.offset)
    countsByteCount = head.countsByteCount
    nextSkipsOffset = countsOffset + UInt64(head.countsByteCount)
    skipsEnd = nextSkipsOffset + UInt64(head.skipsByteCount)
    blocksEnd = skipsEnd + UInt64(head.blocksByteCount)
    guard blocksEnd <= listEnd else { throw refused("skip entries and blocks beyond the list's end") }
    blockOffset = skipsEnd
    positionsOffset = blocksEnd
  }

  /// Documents of the part.
  var documentLimit: Int { part.documentCount }
  /// Postings of the blocks before the one here.
  var precedingCount: Int { max(0, number) * PostingBlock.limit }

  /// How many documents hold the term in one of the fields, where the list tells it without its blocks: for any one field, and
  /// for all that it has. `nil` for other fields, and for a list of one block.
  mutating func documentCount(in fields: UInt16) throws -> Int? {
    guard blockCount > 1 else { return nil }
    let wanted = mask & fields
    if wanted == mask { return documentCount }
    guard wanted.nonzeroBitCount <= 1 else { return nil }
    if wanted == 0 { return 0 }
    let (mask, documentCount) = (mask, documentCount)
    var reader = ByteReader(try bytes(at: countsOffset, byteCount: countsByteCount))
    let counts = try part.decoding(at: countsOffset) { () throws(DecodingError) in
      try PostingList.FieldCounts(from: &reader, mask: mask, limit: documentCount)
    }
    return Int(counts[wanted.trailingZeroBitCount])
  }

  /// Moves to the next block, whose entry is `current` then.
  /// - Returns: false past the last one.
  mutating func next() throws -> Bool {
    number += 1
    guard number < blockCount else {
      if number == blockCount { part.trace?.noteEnd(skipped: blockCount - 1 - lastRead) }
      return false
    }
    if blockCount == 1 { return true }
    if number > 0 {
      previous = Int(current.lastOrdinal)
      blockOffset += UInt64(current.byteCount)
      positionsOffset += UInt64(current.positionsByteCount)
    }
    try fillSkips()
    let (previous, limit) = (previous, UInt32(part.documentCount))
    var reader = skips
    current = try part.decoding(at: nextSkipsOffset) { () throws(DecodingError) in
      try PostingList.decodeSkip(&reader, after: previous, limit: limit)
    }
    current.count = min(PostingBlock.limit, documentCount - number * PostingBlock.limit)
    skips = reader
    guard UInt64(current.byteCount) <= blocksEnd - blockOffset,
      UInt64(current.positionsByteCount) <= listEnd - positionsOffset
    else { throw refused("a block beyond the list's end") }
    return true
  }

  private mutating func fillSkips() throws {
    guard skips.remaining < PostingList.skipEntryByteLimit, nextSkipsOffset < skipsEnd else { return }
    // What is left of the last entries is read again.
    let start = nextSkipsOffset - UInt64(skips.remaining)
    var byteCount = Int(min(UInt64(Self.skipWindowByteCount), skipsEnd - start))
    // Those of the page here are enough, where there are any.
    let rest = Int(page.offset + Int64(page.bytes.count) - Int64(start))
    if rest >= PostingList.skipEntryByteLimit { byteCount = min(byteCount, rest) }
    skips = ByteReader(try bytes(at: start, byteCount: byteCount))
    nextSkipsOffset = start + UInt64(byteCount)
  }

  private mutating func bytes(at offset: UInt64, byteCount: Int) throws -> ArraySlice<UInt8> {
    part.noteListRead(at: offset, byteCount: byteCount)
    var start = Int(Int64(offset) - page.offset)
    if start < 0 || byteCount > page.bytes.count - start {
      (page.bytes, page.offset) = try part.readListPage(around: offset, byteCount: byteCount)
      start = Int(Int64(offset) - page.offset)
    }
    return page.bytes[(page.bytes.startIndex + start)...].prefix(byteCount)
  }

  /// - Parameter wantsMasks: see `PostingBlock.decode`; in a list of one block they are decoded all the same.
  mutating func read(into postings: inout PostingBlock.Postings, wantsMasks: Bool = true) throws {
    part.trace?.noteBlock(skipped: number - 1 - lastRead)
    lastRead = number
    let wantsMasks = wantsMasks || blockCount == 1
    let isLast = number == blockCount - 1
    let count = isLast ? documentCount - number * PostingBlock.limit : PostingBlock.limit
    var reader = ByteReader(try bytes(at: blockOffset, byteCount: current.byteCount))
    do {
      try PostingBlock.decode(
        from: &reader, count: count, after: previous, limit: UInt32(part.documentCount),
        wantsMasks: wantsMasks, into: &postings)
    } catch {
      throw refused(error.message)
    }
    if blockCount == 1 {
      positionsOffset = blockOffset + UInt64(reader.offset)
      current.positionsByteCount = reader.remaining
      return
    }
    guard reader.isAtEnd || !wantsMasks, postings.ordinals[count - 1] == current.lastOrdinal else {
      throw refused("a block that is not what the list says")
    }
  }

  /// - Parameter postings: the block, as it was read.
  mutating func readPositions(of postings: PostingBlock.Postings, into positions: inout PostingPositions) throws {
    var reader = ByteReader(try bytes(at: positionsOffset, byteCount: current.positionsByteCount))
    do {
      try positions.decode(from: &reader, masks: postings.masks[..<postings.count])
    } catch {
      throw refused(error.message)
    }
  }

  func decoding(_ body: () throws(DecodingError) -> Void) throws(IndexError) {
    try part.decoding(at: part.fence.dictionaryOffset, body)
  }

  func refused(_ message: String) -> IndexError {
    IndexError.corrupt(part.segment.path, at: part.fence.offset + blockOffset, message)
  }
}
