import Bytes

/// What one user takes in a shard's index.
package struct UserIndexStatistics: Sendable, Hashable {
  /// The user's part of one file.
  package struct Part: Sendable, Hashable {
    package var file: String
    /// Of the file: those of one level are merged, and make one of the next.
    package var level: Int
    package var documents = 0
    /// Documents that are no more, or are answered from elsewhere.
    package var deadDocuments = 0
    package var byteCount: UInt64 = 0
    /// Of a segment.
    package var terms = 0
  }

  package var liveDocuments = 0
  /// Live documents that postings answer for, and those that only filters are known of.
  package var coveredDocuments = 0
  package var pendingDocuments = 0
  /// Live documents without a text record: searches fail until `verify --repair` has made it.
  package var missingDocuments = 0
  /// Live documents whose record is in memory alone.
  package var unflushedDocuments = 0
  /// Of the text records of live documents, compressed, and before.
  package var recordByteCount: UInt64 = 0
  package var textByteCount: UInt64 = 0
  /// Of the dictionaries of all parts; a term of two parts counts twice.
  package var terms = 0
  package var loadedByteCount = 0
  package var runs: [Part] = []
  package var segments: [Part] = []

  package init() {}
}

extension ShardIndex {
  /// Reads the dictionaries of the user's parts, and of each record the first bytes.
  package func statistics(of snapshot: UserSnapshot) throws -> UserIndexStatistics {
    let text = try snapshot.text()
    var statistics = UserIndexStatistics()
    statistics.liveDocuments = snapshot.attributes.live.count
    statistics.coveredDocuments = text.covered.count
    statistics.pendingDocuments = text.pending.documents.count
    statistics.missingDocuments = text.missing.count
    statistics.loadedByteCount = loadedByteCount(of: snapshot.user)
    for run in text.records.runs.runs { statistics.runs.append(part(of: run, snapshot.user)) }
    for (part, searchable) in zip(text.records.parts, text.searchable) {
      let own = try self.part(of: part, searchable)
      statistics.terms += own.terms
      statistics.segments.append(own)
    }
    try measureRecords(text.records, snapshot.attributes.live, &statistics)
    return statistics
  }

  private func loadedByteCount(of user: UserID) -> Int {
    state.withLock { state in state.users[user].map { $0.byteCount + $0.textByteCount } ?? 0 }
  }

  private func part(of run: RunReader, _ user: UserID) -> UserIndexStatistics.Part {
    var part = UserIndexStatistics.Part(file: IndexFileFormat.run.fileName(run.number), level: level(run.byteCount))
    for block in run.fences.blocks(of: user) { part.byteCount += block.end - block.offset }
    return part
  }

  private func part(of part: SegmentPart, _ searchable: LiveOrdinals?) throws -> UserIndexStatistics.Part {
    var own = UserIndexStatistics.Part(file: part.fileName, level: level(part.segment.byteCount))
    own.documents = part.documentCount
    own.deadDocuments = searchable.map { part.documentCount - $0.documents.count } ?? 0
    own.byteCount = part.fence.byteCount
    var terms = try PartTerms(part)
    while terms.entry != nil {
      own.terms += 1
      try terms.next()
    }
    return own
  }

  private func measureRecords(
    _ records: UserRecords, _ live: DocIDBitmap, _ statistics: inout UserIndexStatistics
  ) throws {
    var rest = live
    for arena in records.arenas.reversed() {
      arena.forEach { docID, record in
        guard rest.remove(docID) else { return }
        statistics.unflushedDocuments += 1
        statistics.recordByteCount += UInt64(record.frame.count)
        statistics.textByteCount += UInt64(EncodedRecord.decodedByteCount(ofFrame: record.frame))
      }
    }
    for run in statistics.runs.indices { statistics.runs[run].documents = 0 }
    try records.runs.forEachBlock(holding: rest) { block, active in
      var count = 0
      for index in block.head.docIDs.indices where active & 1 << UInt32(index) != 0 {
        count += 1
        let byteCount = block.head.frameOffsets[index + 1] - block.head.frameOffsets[index]
        statistics.recordByteCount += byteCount
        let start = try block.run.read(
          at: block.fence.framesOffset + block.head.frameOffsets[index],
          byteCount: Int(min(byteCount, Self.frameHeaderLimit)))
        statistics.textByteCount += UInt64(EncodedRecord.decodedByteCount(ofFrame: start))
      }
      let file = IndexFileFormat.run.fileName(block.run.number)
      guard let run = statistics.runs.firstIndex(where: { $0.file == file }) else { return }
      statistics.runs[run].documents += count
      statistics.runs[run].deadDocuments += block.head.docIDs.count - count
    }
  }

  /// A zstd frame says within so many bytes how long its content is (RFC 8878 §3.1.1.1).
  private static let frameHeaderLimit: UInt64 = 18

  private func level(_ byteCount: UInt64) -> Int { CompactionPlan.level(byteCount, options.compaction.fanIn) }
}

extension CompactionPlan {
  /// How often a file of this size was merged, if all of its inputs were of one size: 0 for those of a flush.
  static func level(_ byteCount: UInt64, _ fanIn: Int) -> Int {
    var (level, limit) = (0, smallestTier)
    while byteCount > limit {
      level += 1
      limit *= UInt64(fanIn)
    }
    return level
  }
}
