import Bytes

/// One user's part of a segment, opened: answers which of its documents hold a term.
package final class SegmentPart: Sendable {
  /// Positions between a field's values: a phrase that is shorter never spans two of them.
  package static let valueGap = PostingPositions.valueGap

  /// Positions kept of a term in a field of a document: one that has as many may stand there more often.
  package static let positionLimit = PostingPositions.limit

  let segment: SegmentReader
  let fence: SegmentFences.Part
  let head: SegmentPartHead
  /// Counts what is read, for a search that explains itself; `nil` for all others.
  let trace: PartTrace?

  convenience init(_ segment: SegmentReader, _ fence: SegmentFences.Part) throws {
    self.init(segment, fence, try segment.readHead(fence))
  }

  init(
    _ segment: SegmentReader, _ fence: SegmentFences.Part, _ head: SegmentPartHead, trace: PartTrace? = nil
  ) {
    self.segment = segment
    self.fence = fence
    self.head = head
    self.trace = trace
  }

  package var documentCount: Int { head.docIDs.count }
  /// By ordinal: newest first.
  package var docIDs: [UInt32] { head.docIDs }
  var documents: DocIDBitmap { head.documents }
  /// The ordinals of documents of which not all positions are kept, ascending: of some word, where that has `positionLimit` of
  /// them; of any, in what `mayLackAnyPosition`.
  package var truncated: [UInt32] { head.truncated }

  /// Whether a truncated document may be one of more than a million occurrences, behind which only the first of a word is kept.
  /// A place in a text has four at most (a word and a compound that begins there, both without accents too), and lengths are
  /// rounded down by an eighth.
  package func mayLackAnyPosition(_ ordinal: UInt32) throws -> Bool {
    try lengths().wordCount(at: Int(ordinal)) >= Inverter.documentLimit / 4 / 8 * 7
  }

  /// - Returns: `nil` where no document holds the term.
  package func entry(of term: [UInt8]) throws -> TermEntry? {
    guard let block = head.firstTerms.lastIndex(notAbove: term) else { return nil }
    let bytes = try dictionaryBlock(block)
    return try decoding(at: blockOffset(block)) { () throws(DecodingError) in
      try TermDictionary.find(term, in: bytes, documentLimit: documentCount)
    }
  }

  /// The entry of a `Message-ID:`.
  package func entry(ofMessageID id: String) throws -> TermEntry? { try entry(of: Inverter.messageIDTerm(id)) }

  /// Calls `body` with each term that begins with `prefix`, ascending, as long as it answers true.
  package func forEachEntry(
    beginningWith prefix: [UInt8], _ body: (_ term: [UInt8], _ entry: TermEntry) throws -> Bool
  ) throws {
    var goesOn = true
    for block in (head.firstTerms.lastIndex(notAbove: prefix) ?? 0)..<head.firstTerms.count where goesOn {
      try forEachEntry(inBlock: block) { term, entry in
        if term.starts(with: prefix) {
          goesOn = try body(term, entry)
        } else if prefix.precedes(term) {
          goesOn = false
        }
        return goesOn
      }
    }
  }

  private func forEachEntry(
    inBlock index: Int, _ body: (_ term: [UInt8], _ entry: TermEntry) throws -> Bool
  ) throws {
    var reader = try blockReader(index)
    while let entry = try decoding(at: blockOffset(index), { () throws(DecodingError) in try reader.next() }) {
      if try !body(reader.term, entry) { return }
    }
  }

  /// The entries of one block of the dictionary.
  func blockReader(_ index: Int) throws -> TermDictionary.BlockReader {
    let bytes = try dictionaryBlock(index)
    return try decoding(at: blockOffset(index)) { () throws(DecodingError) in
      try TermDictionary.BlockReader(bytes, documentLimit: documentCount)
    }
  }

  func dictionaryBlock(_ index: Int) throws -> ArraySlice<UInt8> {
    let byteCount = Int(head.blockOffsets[index + 1] - head.blockOffsets[index])
    trace?.noteDictionaryBlock(at: blockOffset(index), byteCount: byteCount)
    return try segment.read(at: blockOffset(index), byteCount: byteCount)
  }

  func blockOffset(_ index: Int) -> UInt64 { fence.dictionaryOffset + head.blockOffsets[index] }

  /// All postings of a term.
  func postings(of entry: TermEntry) throws -> PostingCursor { try PostingCursor(self, entry, fields: .max) }

  /// Those of documents that hold the term in one of the fields.
  package func postings(of entry: TermEntry, in fields: RecordFields) throws -> PostingCursor {
    try PostingCursor(self, entry, fields: fields.rawValue)
  }

  /// Those of a `Message-ID:`.
  package func postings(ofMessageID entry: TermEntry) throws -> PostingCursor {
    try PostingCursor(self, entry, fields: Inverter.messageIDMask)
  }

  /// Bytes of the part's posting lists, with what else the page holds: for who reads on.
  /// - Returns: them, and where they begin, counted from the part's lists on; that may be before them.
  func readListPage(around offset: UInt64, byteCount: Int) throws -> (bytes: ArraySlice<UInt8>, offset: Int64) {
    guard offset <= fence.listsByteCount, UInt64(byteCount) <= fence.listsByteCount - offset else {
      throw IndexError.corrupt(segment.path, at: fence.offset, "a posting list beyond the lists' end")
    }
    let (bytes, start) = try segment.readPage(around: fence.offset + offset, byteCount: byteCount)
    return (bytes, Int64(start) - Int64(fence.offset))
  }

  /// For a trace, where there is one.
  func noteListRead(at offset: UInt64, byteCount: Int) {
    trace?.noteListRead(at: fence.offset + offset, byteCount: byteCount)
  }

  func decoding<Value>(at offset: UInt64, _ body: () throws(DecodingError) -> Value) throws(IndexError) -> Value {
    try IndexError.naming(segment.path, at: offset, body)
  }

  /// Reads all terms, all their postings and all columns.
  func verify() throws {
    var terms = try PartTerms(self)
    var previous: [UInt8]?
    var postings = TermPostings()
    while let entry = terms.entry {
      guard previous.map({ $0.precedes(terms.term) }) ?? true else {
        throw IndexError.corrupt(segment.path, at: fence.dictionaryOffset, "the terms are not ascending")
      }
      previous = terms.term
      if case .lone(let lone) = entry.postings {
        try decoding(at: fence.dictionaryOffset) { () throws(DecodingError) in try lone.forEach { _, _ in } }
      } else {
        postings.removeAll()
        try terms.readList(of: entry, into: &postings)
        guard postings.isAscending, postings.isInRange else {
          throw IndexError.corrupt(segment.path, at: fence.offset, "a posting list out of range")
        }
      }
      try terms.next()
    }
    for column in PartColumn.allCases { _ = try decode(column) }
  }
}
