import Bytes

/// Makes segments of the documents that users have in runs alone.
struct Inversion {
  private let step: CompactionStep
  private var index: ShardIndex { step.index }

  init(_ step: CompactionStep) { self.step = step }

  /// Ends early, with some users not done, when it has written as many files as are merged at a time.
  ///
  /// - Returns: for users who have too few pending documents after all, what had been estimated.
  func invert(_ users: [UserID]) throws -> [UserID: Int] {
    var unworthy: [UserID: Int] = [:]
    var files = SegmentFiles(index)
    let made: [SegmentReader]
    do {
      for user in users where !index.isRemoved(user) && files.count < index.options.compaction.fanIn {
        if try !invert(user, into: &files) {
          unworthy[user] = CompactionPlan.pendingEstimate(of: user, in: step.version)
        }
      }
      made = try index.writing { try files.finish() }
    } catch {
      files.discard()
      throw error
    }
    if made.isEmpty { return unworthy }
    let known = Set(step.version.runs.map(\.number))
    try index.replaceFiles(with: made.map { .segmentFile($0) }) { current in
      let later = current.runs.filter { !known.contains($0.number) }
      return IndexVersion(
        runs: current.runs, segments: current.segments + made,
        replaced: try replaced(by: later, in: made, current.replaced))
    }
    return unworthy
  }

  /// Records that came anew while their documents were inverted.
  private func replaced(
    by runs: [RunReader], in made: [SegmentReader], _ known: [UserID: DocIDBitmap]
  ) throws -> [UserID: DocIDBitmap] {
    var replaced = known
    for fence in made.flatMap(\.fences.parts) {
      let user = UserID(rawValue: fence.user)
      // DocIDs of new mail are above all that was there.
      let suspects = runs.flatMap { $0.fences.blocks(of: user) }.filter { $0.firstDocID <= fence.lastDocID }
      if suspects.isEmpty { continue }
      let documents = try RunRecords(user: user, runs, heads: index.caches.heads).documents()
      documents.forEach { docID in
        if docID.rawValue <= fence.lastDocID { replaced[user, default: DocIDBitmap()].insert(docID) }
      }
    }
    return replaced
  }

  /// - Returns: false where there is too little to do.
  private func invert(_ user: UserID, into files: inout SegmentFiles) throws -> Bool {
    let records = try step.records(of: user, in: step.version.runs)
    let keys = try step.source.documents(user)
    // What was replaced is still in a segment, as it was before: its time comes when a merge has dropped it there.
    let pending = try records.documents()
      .intersection(DocIDBitmap(unordered: keys.map(\.docID.rawValue)))
      .subtracting(records.covered).subtracting(step.replaced(user))
    guard pending.count >= index.options.compaction.pendingMails else { return false }
    // In parts of neighbours in arrival; a mailbox that was stored in the order of its dates is then in that order too.
    var rest = keys.filter { pending.contains($0.docID) }.sorted { $0.docID < $1.docID }[...]
    while !rest.isEmpty, files.count < index.options.compaction.fanIn {
      let part = try chunk(rest, records)
      rest = rest.dropFirst(part.count)
      try write(user, part.sorted { $0.key > $1.key }, records, into: &files)
    }
    return true
  }

  /// The first documents, as many as are inverted at a time. By their text as it is, not as it is compressed: a mail of one word
  /// a million times is a few bytes then.
  private func chunk(
    _ keys: ArraySlice<DocumentKey>, _ records: UserRecords
  ) throws -> [(key: DocumentKey, frame: [UInt8])] {
    var byteCount = 0
    var part: [(key: DocumentKey, frame: [UInt8])] = []
    for key in keys {
      let frame = try records.frame(key.docID)
      part.append((key, frame))
      byteCount += EncodedRecord.decodedByteCount(ofFrame: frame)
      if byteCount >= index.options.compaction.inversionByteCount { break }
    }
    return part
  }

  /// - Parameter part: newest first.
  private func write(
    _ user: UserID, _ part: [(key: DocumentKey, frame: [UInt8])], _ records: UserRecords,
    into files: inout SegmentFiles
  ) throws {
    var inverter = Inverter(index.analyzers)
    for (key, frame) in part {
      inverter.add(try records.open(frame, of: key.docID))
      try step.throttle(256)
    }
    try index.writing {
      try files.withWriter(for: user) { writer in
        writer.beginPart(of: user, docIDs: part.map(\.key.docID.rawValue))
        try inverter.write(to: &writer)
        try writer.endPart(inverter.columns, truncated: inverter.truncated)
      }
      try files.closeIfLarge(index.options.compaction.segmentByteCount)
    }
  }
}
