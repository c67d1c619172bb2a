package import Bytes

/// One user's text in one snapshot: arena, runs and segments together. Opened once for a search; a value, used by one
/// thread at a time or many.
///
/// The reader's seam. Documents in segments are `covered`: the postings of the parts say exactly which of them hold a term. The
/// others are pending: filters say which of them may.
package struct UserRecords: Sendable {
  package let user: UserID
  /// Oldest first; the later one counts, and all count before the runs.
  let arenas: [UserArena]
  let runs: RunRecords
  package let parts: [SegmentPart]
  let analyzerHash: UInt64
  package let covered: DocIDBitmap

  init(
    user: UserID, arenas: [UserArena], runs: RunRecords, parts: [SegmentPart], replaced: DocIDBitmap,
    analyzerHash: UInt64
  ) {
    self.user = user
    self.arenas = arenas
    self.runs = runs
    self.parts = parts
    self.analyzerHash = analyzerHash
    var covered = parts.reduce(DocIDBitmap()) { $0.union($1.documents) }.subtracting(replaced)
    // A record in the arena came after what a segment was made from.
    for arena in arenas {
      arena.forEach { docID, _ in covered.remove(docID) }
    }
    self.covered = covered
  }

  /// All documents that have a record. Reads the heads of all blocks.
  package func documents() throws -> DocIDBitmap {
    var all = try runs.documents()
    for arena in arenas { arena.forEach { docID, _ in all.insert(docID) } }
    return all
  }

  /// Those of the documents that no segment holds.
  package func pending(_ documents: DocIDBitmap) throws -> PendingRecords {
    try PendingRecords(documents.subtracting(covered), arenas: arenas, runs: runs, analyzerHash: analyzerHash)
  }

  /// - Throws: `IndexError` with code `.missingRecord` or `.corrupt`; `FileError`.
  package func record(_ docID: DocID) throws -> ExtractedTextRecord {
    try Self.open(frame(docID), of: docID, user)
  }

  /// Subject and people of the record, for who needs no more of it.
  /// - Throws: as `record`.
  package func head(_ docID: DocID) throws -> RecordHead {
    let frame = try frame(docID)
    return try Self.naming(docID, user) { () throws(DecodingError) in try EncodedRecord.openHead(frame) }
  }

  /// The record in a frame that `frame` gave.
  static func open(_ frame: [UInt8], of docID: DocID, _ user: UserID) throws -> ExtractedTextRecord {
    try naming(docID, user) { () throws(DecodingError) in try EncodedRecord.open(frame) }
  }

  private static func naming<Value>(
    _ docID: DocID, _ user: UserID, _ open: () throws(DecodingError) -> Value
  ) throws(IndexError) -> Value {
    do {
      return try open()
    } catch {
      throw IndexError(code: .corrupt, message: "the text record of user \(user), document \(docID): \(error)")
    }
  }

  /// The compressed record.
  package func frame(_ docID: DocID) throws -> [UInt8] {
    for arena in arenas.reversed() {
      if let record = arena.record(docID) { return record.frame }
    }
    guard let (block, index) = try runs.find(docID) else {
      throw IndexError(
        code: .missingRecord, message: "user \(user), document \(docID) has no text record; `reindex` makes it again")
    }
    return try block.run.readFrame(block.fence, block.head, index)
  }
}
