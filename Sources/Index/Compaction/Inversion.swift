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
    var files = SegmentFiles(index, onWrite: index.meter.noteWritten)
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
        replaced: current.replaced.merging(try index.replaced(by: later, in: made)) { $0.union($1) })
    }
    return unworthy
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
    var rest = keys.filter { pending.contains($0.docID) }.sorted { $0.docID < $1.docID }[...]
    while !rest.isEmpty, files.count < index.options.compaction.fanIn {
      var batch = InversionBatch(index, of: user)
      while let key = rest.first, !batch.isFull {
        let frame = try records.frame(key.docID)
        index.meter.noteRead(frame.count)
        batch.append(
          key, try UserRecords.open(frame, of: key.docID, user),
          byteCount: EncodedRecord.decodedByteCount(ofFrame: frame))
        rest = rest.dropFirst()
      }
      try batch.write(to: &files, throttle: step.throttle)
    }
    return true
  }
}
