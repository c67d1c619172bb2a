import Bytes

/// One user's part of a segment, opened: answers which of its documents hold a term.
package final class SegmentPart: Sendable {
  /// Positions between a field's values: a phrase that is shorter never spans two of them.
  package static let valueGap = PostingPositions.valueGap

  let segment: SegmentReader
  let fence: SegmentFences.Part
  let head: SegmentPartHead

  convenience init(_ segment: SegmentReader, _ fence: SegmentFences.Part) throws {
    self.init(segment, fence, try segment.readHead(fence))
  }

  init(_ segment: SegmentReader, _ fence: SegmentFences.Part, _ head: SegmentPartHead) {
    self.segment = segment
    self.fence = fence
    self.head = head
  }

  package var documentCount: Int { head.docIDs.count }
  /// By ordinal: newest first.
  package var docIDs: [UInt32] { head.docIDs }
  var documents: DocIDBitmap { head.documents }
  /// The ordinals of documents in which phrases are to be verified in the record, ascending.
  package var truncated: [UInt32] { head.truncated }

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

  /// Calls `body` with the entries of all terms that are wanted, in ascending order of the terms.
  /// - Parameters:
  ///   - mayBegin: whether some wanted term begins so: blocks of a hundred terms are passed over by what all of them begin with.
  ///   - onBlock: called for every block that is read; may throw to stop.
  package func forEachEntry(
    where isWanted: (Span<UInt8>) -> Bool, mayBegin: (Span<UInt8>) -> Bool, onBlock: () throws -> Void,
    _ body: (_ entry: TermEntry) throws -> Void
  ) throws {
    for index in 0..<head.firstTerms.count {
      if index + 1 < head.firstTerms.count {
        let beginning = Self.commonBeginning(head.firstTerms[index], head.firstTerms[index + 1])
        if !mayBegin(beginning.span) { continue }
      }
      try onBlock()
      do {
        try TermDictionary.forEachEntry(
          in: dictionaryBlock(index), documentLimit: documentCount, where: isWanted, body)
      } catch let error as DecodingError {
        throw IndexError.corrupt(segment.path, at: blockOffset(index) + UInt64(error.offset), error.message)
      }
    }
  }

  private static func commonBeginning(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var count = 0
    for (first, second) in zip(left, right) {
      if first != second { break }
      count += 1
    }
    return left.prefix(count)
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

  private func dictionaryBlock(_ index: Int) throws -> ArraySlice<UInt8> {
    let byteCount = Int(head.blockOffsets[index + 1] - head.blockOffsets[index])
    return try segment.read(at: blockOffset(index), byteCount: byteCount)
  }

  private func blockOffset(_ index: Int) -> UInt64 { fence.dictionaryOffset + head.blockOffsets[index] }

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

  /// Bytes of the part's posting lists.
  func readLists(at offset: UInt64, byteCount: Int) throws -> ArraySlice<UInt8> {
    guard offset <= fence.listsByteCount, UInt64(byteCount) <= fence.listsByteCount - offset else {
      throw IndexError.corrupt(segment.path, at: fence.offset, "a posting list beyond the lists' end")
    }
    return try segment.read(at: fence.offset + offset, byteCount: byteCount)
  }

  func decoding<Value>(at offset: UInt64, _ body: () throws(DecodingError) -> Value) throws(IndexError) -> Value {
    try IndexError.naming(segment.path, at: offset, body)
  }

  /// Reads all terms, all their postings and all columns.
  func verify() throws {
    var terms = try PartTerms(self)
    var previous: [UInt8]?
    while let entry = terms.entry {
      guard previous.map({ $0.precedes(terms.term) }) ?? true else {
        throw IndexError.corrupt(segment.path, at: fence.dictionaryOffset, "the terms are not ascending")
      }
      previous = terms.term
      var cursor = try postings(of: entry)
      while cursor.ordinal != PostingCursor.end {
        _ = try cursor.allOccurrences()
        try cursor.next()
      }
      try terms.next()
    }
    for column in PartColumn.allCases { _ = try decode(column) }
  }
}
