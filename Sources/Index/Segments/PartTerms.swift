import Bytes

/// Walks all terms of a part, ascending, with their postings: what merges and statistics read.
struct PartTerms {
  private let part: SegmentPart
  private var dictionary: SequentialPages
  private var lists: SequentialPages
  private var decoder = PostingListDecoder()
  private var block = 0
  private var reader: TermDictionary.BlockReader?
  private(set) var entry: TermEntry?

  /// The term here; not used past the last one.
  var term: [UInt8] { reader?.term ?? [] }

  /// Stands on the first term.
  init(_ part: SegmentPart) throws {
    self.part = part
    dictionary = SequentialPages(part.segment, upTo: part.fence.columnsOffset)
    lists = SequentialPages(part.segment, upTo: part.fence.dictionaryOffset)
    try next()
  }

  /// To the next term; `entry` is `nil` past the last one.
  mutating func next() throws {
    repeat {
      do {
        entry = try reader?.next()
      } catch {
        throw IndexError.corrupt(part.segment.path, at: part.fence.dictionaryOffset, "\(error)")
      }
      if entry != nil { return }
    } while try readBlock()
  }

  private mutating func readBlock() throws -> Bool {
    guard block < part.head.firstTerms.count else { return false }
    let byteCount = Int(part.head.blockOffsets[block + 1] - part.head.blockOffsets[block])
    let offset = part.blockOffset(block)
    let bytes = try dictionary.read(at: offset, byteCount: byteCount)
    reader = try part.decoding(at: offset) { () throws(DecodingError) in
      try TermDictionary.BlockReader(bytes, documentLimit: part.documentCount)
    }
    block += 1
    return true
  }

  /// Adds the postings of the term here, which has a list.
  mutating func readList(of entry: TermEntry, into postings: inout TermPostings) throws {
    guard case .list(let offset, let byteCount) = entry.postings else { preconditionFailure("a term without a list") }
    guard offset <= part.fence.listsByteCount, byteCount <= part.fence.listsByteCount - offset else {
      throw IndexError.corrupt(part.segment.path, at: part.fence.offset, "a posting list beyond the lists' end")
    }
    let place = part.fence.offset + offset
    let bytes = try lists.read(at: place, byteCount: Int(byteCount))
    do {
      try decoder.decode(bytes, count: entry.documentCount, limit: UInt32(part.documentCount), into: &postings)
    } catch {
      throw IndexError.corrupt(part.segment.path, at: place, "\(error)")
    }
  }
}
