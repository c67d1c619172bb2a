import Bytes

/// What a shadow build writes: runs, segments, and the state that lists those that are finished.
///
/// Users come ascending, their documents ascending. A user's records go to the run at hand and are inverted a batch at a
/// time. A mailbox of one batch is one part in a segment file that many users share. Of a larger one each batch is a
/// file of its own at first; those are merged by tiers as in a compaction, and become the user's one part in the end.
struct ShadowFiles {
  private let index: ShardIndex
  /// Files are finished when the run has so many bytes: a killed build loses no more than that.
  private let fileByteLimit: UInt64
  /// Ahead of what is on disk; `checkpoint` makes it durable.
  private(set) var state: ShadowState
  private var saved: ShadowState
  private var run: RunWriter?
  private var segments: SegmentFiles
  /// The user at hand, with all documents that are wanted.
  private var user = UserID(rawValue: 0)
  private var keys: [DocumentKey] = []
  private var batch: InversionBatch
  /// The batches of the user at hand that are in files of their own, and those that the state on disk lists.
  private var batches: [SegmentReader]
  private var savedBatches: [SegmentReader]
  /// Finished files that the state on disk does not list yet, by path.
  private var unsaved: [String] = []

  /// - Throws: `IndexError` where a batch that the state lists cannot be opened.
  init(_ index: ShardIndex, _ state: ShadowState, fileByteLimit: UInt64) throws {
    self.index = index
    self.fileByteLimit = fileByteLimit
    self.state = state
    saved = state
    segments = SegmentFiles(index)
    batch = InversionBatch(index, of: user)
    batches = try index.openShadowSegments(state.partial?.segments ?? [])
    savedBatches = batches
  }

  /// - Parameter keys: all documents of the user that are to be in the files.
  /// - Returns: the last document that is in them already; `nil` for none.
  mutating func begin(_ user: UserID, _ keys: [DocumentKey]) -> DocID? {
    self.user = user
    self.keys = keys
    batch = InversionBatch(index, of: user)
    if let partial = state.partial, partial.user == user { return partial.lastDocID }
    // Of a user who was removed since.
    drop(batches)
    batches = []
    state.partial = nil
    return nil
  }

  /// - Parameters:
  ///   - frame: holds the record.
  ///   - isInverted: else the record gets a filter and stays pending.
  mutating func append(
    _ key: DocumentKey, _ record: ExtractedTextRecord, in frame: [UInt8], isInverted: Bool,
    throttle: (_ work: Int) throws -> Void
  ) throws {
    let encoded = EncodedRecord.make(record, in: frame, index.analyzers, isFiltered: !isInverted)
    try index.writing {
      if run == nil {
        run = try RunWriter(
          fileSystem: index.fileSystem, directory: index.directory, number: index.reserveFileNumber(),
          analyzerHash: index.analyzerHash)
      }
      try run?.append(user, key.docID, encoded, isFiltered: !isInverted)
    }
    state.progress.records += 1
    let byteCount = EncodedRecord.decodedByteCount(ofFrame: frame)
    state.progress.textByteCount += byteCount
    guard isInverted else { return }
    batch.append(key, record, byteCount: byteCount)
    guard batch.isFull else { return }
    try spill(throttle)
    state.partial = ShadowState.Partial(user: user, lastDocID: key.docID, segments: batches.map(\.number))
    try checkpointIfDue()
  }

  /// Ends the user at hand, who has one part then.
  mutating func end(throttle: (_ work: Int) throws -> Void) throws {
    if batches.isEmpty {
      if !batch.isEmpty { try batch.write(to: &segments, throttle: throttle) }
    } else {
      if !batch.isEmpty { try spill(throttle) }
      try Self.merge(batches, of: user, keys, index, into: &segments, throttle)
      drop(batches)
      batches = []
    }
    keys = []
    state.partial = nil
    state.lastUser = user
    state.progress.users += 1
    try checkpointIfDue()
  }

  // MARK: Batches of a large mailbox

  private mutating func spill(_ throttle: (_ work: Int) throws -> Void) throws {
    let (index, user, keys, full) = (self.index, self.user, self.keys, batch)
    batch = InversionBatch(index, of: user)
    try addBatches { files throws in try full.write(to: &files, throttle: throttle) }
    while let tier = CompactionPlan.tier(of: batches.map(\.byteCount), index.options.compaction.fanIn) {
      let inputs = Array(batches[tier])
      try addBatches { files throws in try Self.merge(inputs, of: user, keys, index, into: &files, throttle) }
      // What a tier is merged from are the newest, and the result stands behind them.
      batches.removeSubrange(tier)
      drop(inputs)
    }
  }

  private mutating func addBatches(_ write: (inout SegmentFiles) throws -> Void) throws {
    var files = SegmentFiles(index)
    do {
      try write(&files)
      let made = try index.writing { try files.finish() }
      batches += made
      unsaved += made.map(\.path)
    } catch {
      files.discard()
      throw error
    }
  }

  private static func merge(
    _ inputs: [SegmentReader], of user: UserID, _ keys: [DocumentKey], _ index: ShardIndex,
    into files: inout SegmentFiles, _ throttle: (_ work: Int) throws -> Void
  ) throws {
    let parts = try inputs.compactMap { segment in
      try segment.fences.part(of: user).map { try SegmentPart(segment, $0) }
    }
    let merger = PartMerger(parts, keeping: keys)
    if merger.isEmpty { return }
    try index.writing {
      try files.withWriter(for: user) { try merger.write(of: user, to: &$0, throttle: throttle) }
      try files.closeIfLarge(index.options.compaction.segmentByteCount)
    }
  }

  /// Files that are needed no more: those that the state on disk lists stay until it does not.
  private mutating func drop(_ segments: [SegmentReader]) {
    for segment in segments where !savedBatches.contains(where: { $0.number == segment.number }) {
      try? index.fileSystem.remove(segment.path)
      unsaved.removeAll { $0 == segment.path }
    }
  }

  // MARK: State

  private mutating func checkpointIfDue() throws {
    if run.map({ $0.byteCount >= fileByteLimit }) ?? false { try checkpoint() }
  }

  /// Finishes the files and makes the state durable.
  mutating func checkpoint() throws {
    try index.writing {
      if var run {
        _ = try run.finish()
        state.finishedRuns.append(run.number)
        unsaved.append(run.path)
        self.run = nil
      }
      let made = try segments.finish()
      state.finishedSegments += made.map(\.number)
      unsaved += made.map(\.path)
      try index.fileSystem.syncDirectory(index.directory)
      try index.fileSystem.replaceFile(index.shadowPath, with: state.encode())
    }
    let obsolete = savedBatches.filter { old in !batches.contains { $0.number == old.number } }
    (saved, savedBatches, unsaved) = (state, batches, [])
    for segment in obsolete { try? index.fileSystem.remove(segment.path) }
  }

  /// Back to the last checkpoint: removes the files that came after it.
  mutating func giveUp() {
    run?.discard()
    run = nil
    segments.discard()
    segments = SegmentFiles(index)
    for path in unsaved { try? index.fileSystem.remove(path) }
    (state, batches, unsaved) = (saved, savedBatches, [])
  }
}
