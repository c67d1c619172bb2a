package import Bytes

/// One user's text records in one snapshot: arena and runs together. Opened once for a search; a value, used by one
/// thread at a time or many.
///
/// The reader's seam: what answers "which documents may hold this term" (here filters, later postings) and "give me the
/// record of this document".
package struct UserRecords: Sendable {
  package let user: UserID
  /// Oldest first; the later one counts, and all count before the runs.
  let arenas: [UserArena]
  let directory: RecordDirectory

  /// The documents that have a record.
  package var documents: DocIDBitmap {
    var all = directory.documents
    for arena in arenas { arena.forEach { docID, _ in all.insert(docID) } }
    return all
  }

  /// The documents that may hold the term: all that do, and few others.
  package func candidates(for termHash: UInt32) -> DocIDBitmap {
    var candidates = directory.candidates(for: termHash)
    for arena in arenas {
      arena.forEach { docID, record in candidates.set(docID, record.mayContain(termHash)) }
    }
    return candidates
  }

  /// - Throws: `IndexError` with code `.missingRecord` or `.corrupt`; `FileError`.
  package func record(_ docID: DocID) throws -> ExtractedTextRecord {
    do {
      return try EncodedRecord.open(frame(docID))
    } catch let error as DecodingError {
      throw IndexError(code: .corrupt, message: "the text record of user \(user), document \(docID): \(error)")
    }
  }

  /// The compressed record.
  package func frame(_ docID: DocID) throws -> [UInt8] {
    if let record = arenaRecord(docID) { return record.frame }
    guard let (block, index) = directory.find(docID) else {
      throw IndexError(
        code: .missingRecord, message: "user \(user), document \(docID) has no text record; `reindex` makes it again")
    }
    return try block.run.readFrame(block.fence, block.head, index)
  }

  private func arenaRecord(_ docID: DocID) -> EncodedRecord? {
    for arena in arenas.reversed() {
      if let record = arena.record(docID) { return record }
    }
    return nil
  }
}
