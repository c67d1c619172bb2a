package import Bytes

/// A shard's journal: every change in order, durable before anyone hears of it. The metadata view and the index are
/// views of it and catch up from it.
///
///     try journal.append(records)     // as often as there are requests; nothing is written yet
///     try journal.sync()              // one write and one fdatasync for all of them
///
/// The log is a row of preallocated files, `NNNNNNNNNN.journal`. What one sync makes durable is one frame in one file.
///
/// - `append` may throw `.noSpace`: it reserves the room for the batch before it takes a record, so nothing of the
///   call is in the journal, and it may be tried again. So it is with `.tooLarge`, but that stays: a writer ends a batch
///   at about `preferredBatchByteCount`.
/// - A failed `sync` is final: nobody knows what is on the disk until it is read again. Every later call throws
///   `.stopped`; open the journal anew, and replay.
///
/// One owner appends and syncs. `replay` reads only what was durable when it began, and may run beside it.
package final class Journal: Sendable {
  let fileSystem: any FileSystem
  let directory: String
  let shard: UInt32
  let options: JournalOptions
  private let state: Locked<JournalState>

  private init(
    _ fileSystem: any FileSystem, _ directory: String, _ shard: UInt32, _ options: JournalOptions,
    _ state: consuming JournalState
  ) {
    self.fileSystem = fileSystem
    self.directory = directory
    self.shard = shard
    self.options = options
    self.state = Locked(state)
  }

  /// Opens the journal in `directory`, making it when there is none, and makes durable what it found. A batch that was
  /// torn when the process ended is gone; it was never answered.
  /// - Parameters:
  ///   - shard: written into every file, and compared when one is read.
  ///   - mustReach: what the views of this journal hold. Damage at a journal's end looks like a torn batch; one that ends
  ///     before this has lost something durable.
  /// - Throws: `StoreError` `.corrupt` for damage that a crash cannot explain, `.failed` for files of a later format.
  ///   Nothing has been changed then.
  package static func open(
    fileSystem: any FileSystem, directory: String, shard: UInt32, options: JournalOptions = JournalOptions(),
    mustReach: SequenceNumber = .zero
  ) throws -> Journal {
    let state = try JournalRecovery(
      fileSystem: fileSystem, directory: directory, shard: shard, mustReach: mustReach
    ).recover()
    return Journal(fileSystem, directory, shard, options, state)
  }

  /// Of the oldest record that can be replayed, or of the first one there will be.
  package var firstSequence: SequenceNumber {
    state.withLock { $0.files.first?.firstSequence ?? $0.lastSequence.next }
  }

  /// Of the last durable record; zero before the first.
  package var lastSequence: SequenceNumber { state.withLock { $0.lastSequence } }

  /// Takes records for the next sync. Their sequences continue those before them without a gap.
  /// - Throws: `StoreError` `.noSpace` (try again later), `.tooLarge` (sync first, or bring less), `.failed` for a gap,
  ///   `.stopped`. Nothing was taken then.
  package func append(_ records: [JournalRecord]) throws {
    try state.withLock { state in
      try state.requireRunning()
      var batch = state.batch
      for record in records { try batch.append(record) }
      guard batch.payloadByteCount <= options.maxBatchByteCount else {
        throw StoreError(
          code: .tooLarge,
          message:
            "\(batch.payloadByteCount) bytes in one batch are over the journal's limit, \(options.maxBatchByteCount)")
      }
      try reserve(JournalFormat.frameByteCount(payload: batch.payloadByteCount), &state)
      state.batch = batch
    }
  }

  /// Makes all appended records durable.
  /// - Throws: `StoreError` `.stopped`; the records may or may not be found when the journal is opened again.
  package func sync() throws {
    try state.withLock { state in
      try state.requireRunning()
      guard state.batch.recordCount > 0 else { return }
      do {
        try write(&state)
      } catch {
        let failure = StoreError(
          code: .stopped, message: "the journal stopped after a failed write, restart to recover: \(error)")
        state.failure = failure
        throw failure
      }
    }
  }

  /// Gives the durable records after `sequence`, in order.
  /// - Throws: `StoreError` `.corrupt` for damage and where the journal begins too late or ends too early to follow
  ///   `sequence`; whatever `body` throws.
  package func replay(after sequence: SequenceNumber, _ body: (JournalRecord) throws -> Void) throws {
    let (files, last) = state.withLock { ($0.files, $0.lastSequence) }
    try JournalReplay(fileSystem: fileSystem, directory: directory, files: files, lastSequence: last)
      .replay(after: sequence, body)
  }

  /// Deletes the files that hold nothing after `sequence`, oldest first. The newest stays.
  package func trim(through sequence: SequenceNumber) throws {
    try state.withLock { state in
      while state.files.count > 1, state.files[1].firstSequence <= sequence.next {
        do throws(FileError) { try fileSystem.remove(JournalFile.path(directory, state.files[0].number)) } catch {
          // Removed by a call that could not sync.
          if error.code != .notFound { throw error }
        }
        // Each for itself: a later file must never go before an earlier one, or a gap would look like damage.
        try fileSystem.syncDirectory(directory)
        state.files.removeFirst()
      }
    }
  }

  /// Ends the use of the files. What was appended and not synced is dropped.
  package func close() {
    state.withLock { state in
      state.current?.file.close()
      state.reserved?.file.close()
      state.current = nil
      state.reserved = nil
      state.failure = state.failure ?? StoreError(code: .closed, message: "the journal is closed")
    }
  }

  // MARK: - Room

  /// Makes sure that a frame of `byteCount` has a place: in the current file, or in a file reserved to follow it.
  private func reserve(_ byteCount: Int, _ state: inout JournalState) throws {
    if state.current?.hasRoom(for: byteCount) ?? false { return }
    let needed = max(options.fileByteCount, UInt64(JournalFormat.headerByteCount + byteCount))
    do {
      var reserved = try state.reserved ?? createFile(state.nextNumber)
      state.reserved = reserved
      guard reserved.byteCount < needed else { return }
      try reserved.file.preallocate(byteCount: needed)
      try reserved.file.syncData()
      try fileSystem.syncDirectory(directory)
      reserved.byteCount = needed
      state.reserved = reserved
    } catch let error as FileError {
      throw StoreError(
        code: error.isTemporary ? .noSpace : .failed,
        message: "no room reserved for the next journal file: \(error)")
    }
  }

  private func createFile(_ number: UInt64) throws(FileError) -> JournalFile.Open {
    let file = try fileSystem.open(JournalFile.path(directory, number), .create)
    return JournalFile.Open(number: number, file: file, byteCount: 0)
  }

  // MARK: - Writing

  private func write(_ state: inout JournalState) throws {
    let byteCount = JournalFormat.frameByteCount(payload: state.batch.payloadByteCount)
    if !(state.current?.hasRoom(for: byteCount) ?? false) { try beginReservedFile(&state) }
    guard var current = state.current else { throw StoreError(code: .failed, message: "no journal file reserved") }
    let frame = JournalFormat.encodeFrame(
      payload: state.batch.payload, sequence: state.lastSequence.next, salt: current.salt)
    try current.file.write(frame, at: current.end)
    try current.file.syncData()
    current.end += UInt64(frame.count)
    state.current = current
    state.lastSequence = SequenceNumber(rawValue: state.lastSequence.rawValue + UInt64(state.batch.recordCount))
    state.batch = JournalBatch(after: state.lastSequence)
  }

  /// The header is durable before the first frame is written, so a frame is never without one.
  private func beginReservedFile(_ state: inout JournalState) throws {
    guard var next = state.reserved else { throw StoreError(code: .failed, message: "no journal file reserved") }
    let header = JournalHeader(
      shard: shard, firstSequence: state.lastSequence.next, salt: options.makeSalt())
    try next.file.write(header.encoded, at: 0)
    try next.file.syncData()
    next.salt = header.salt
    state.current?.file.close()
    state.current = next
    state.reserved = nil
    state.files.append(JournalFile(number: next.number, firstSequence: header.firstSequence, salt: header.salt))
  }
}
