import Bytes

/// What the owner of a log adds to it and hears of it. All calls come from the log's writing thread, one at a time, so
/// what they change needs no other order.
protocol PackAppenderDelegate: AnyObject, Sendable {
  /// What a new file starts with.
  func recordsForNewFile() -> [PackRecord]
  /// What has gathered to be written along with the next write.
  func gatherRecords() -> [PackRecord]
  /// The records that `gatherRecords` gave are durable, and so are `references`, in the order they were appended.
  func didCommit(_ references: [(PackRecord.Kind, BlobReference)])
  /// Nothing of the last write was stored, the gathered records neither.
  func didFail()
}

/// Appends frames to a series of pack files by group commit: everything that waits goes out in one write and one sync,
/// and is acknowledged after it. While one write is being synced, the next one gathers.
///
/// A full disk, or a process with too many open files, fails the calls of one write and leaves the file as it was before.
/// A failed sync, or any other failed write, stops the appender for good: nobody knows then what is on the disk.
final class PackAppender: Sendable {
  private let files: PackFiles
  private let place: PackFiles.Place
  private let delegate: (any PackAppenderDelegate)?
  private let stop: StopSwitch
  private let housekeeping: BatchThread<@Sendable () -> Void>
  private let state: Locked<State>
  private let next: Locked<PackFile?>
  private let thread: Locked<BatchThread<Job>?>

  private struct State {
    var current: OpenPack?
    /// Full files, to be sealed when the current one holds something durable.
    var full: [OpenPack] = []
    var isPreparing = false
  }

  /// A file that is being written.
  struct OpenPack {
    let pack: PackFile
    var endOffset: UInt64
    var frameCount: UInt64
  }

  private enum Job: Sendable {
    case append([EncodedFrame], CheckedContinuation<[BlobReference], any Error>)
    /// Something has gathered at the delegate; `isUrgent` when it is too much to wait for others.
    case nudge(isUrgent: Bool)
  }

  /// - Parameters:
  ///   - recovered: files of earlier processes, oldest first.
  ///   - continuesLast: whether to go on in the last of them; the others are sealed.
  init(
    name: String, files: PackFiles, place: PackFiles.Place, stop: StopSwitch,
    housekeeping: BatchThread<@Sendable () -> Void>, recovered: [OpenPack], continuesLast: Bool,
    delegate: (any PackAppenderDelegate)?
  ) {
    self.files = files
    self.place = place
    self.stop = stop
    self.housekeeping = housekeeping
    self.delegate = delegate
    var state = State(full: recovered)
    if continuesLast { state.current = state.full.popLast() }
    self.state = Locked(state)
    next = Locked(nil)
    thread = Locked(nil)
    // Waiting 20 ms for company costs nobody anything: no caller waits for what was only gathered.
    let batches = BatchThread<Job>(
      name: name, maxBatch: 4_096, idleInterval: 0.02,
      process: { [weak self] in self?.process($0) }, idle: { [weak self] in self?.commit([]) })
    thread.withLock { $0 = batches }
  }

  /// - Returns: where the records lie, durable.
  func append(_ records: [PackRecord]) async throws -> [BlobReference] {
    for record in records where record.bytes.count > files.options.maxRecordByteCount {
      throw StoreError(
        code: .tooLarge,
        message: "a record of \(record.bytes.count) bytes is over the limit of \(files.options.maxRecordByteCount)")
    }
    if records.isEmpty { return [] }
    let frames = records.map { EncodedFrame($0) }
    guard frames.reduce(0, { $0 + $1.paddedByteCount }) < 1 << 31 else {
      throw StoreError(code: .tooLarge, message: "more than 2 GiB in one call")
    }
    return try await withCheckedThrowingContinuation { continuation in
      let accepted = thread.withLock { $0 }?.submit(.append(frames, continuation)) ?? false
      if !accepted { continuation.resume(throwing: StoreError(code: .closed, message: "the store is closed")) }
    }
  }

  /// Tells that `gatherRecords` would give something.
  func nudge(isUrgent: Bool) { _ = thread.withLock { $0 }?.submit(.nudge(isUrgent: isUrgent)) }

  /// Writes what waits and ends the thread. Blocks.
  func close() {
    guard let batches = thread.withLock({ thread in thread.take() }) else { return }
    batches.close()
    commit([])
    // Prepared for nothing; the next process removes it, should this fail.
    if let unused = next.withLock({ next in next.take() }) { try? files.remove(unused.number, from: place) }
  }

  /// Calls that no write has taken yet.
  var waitingCount: Int { thread.withLock { $0 }?.backlog ?? 0 }

  /// Where the durable part of an active file ends.
  func endOffset(of number: UInt32) -> UInt64? {
    state.withLock { state in
      ([state.current].compactMap(\.self) + state.full).first { $0.pack.number == number }?.endOffset
    }
  }

  // MARK: The writing thread

  private typealias Waiting = (frames: [EncodedFrame], continuation: CheckedContinuation<[BlobReference], any Error>)

  private func process(_ jobs: [Job]) {
    var group: [Waiting] = []
    var byteCount: UInt64 = 0
    var isUrgent = false
    for job in jobs {
      switch job {
      case .nudge(let urgent): isUrgent = isUrgent || urgent
      case .append(let frames, let continuation):
        let more = frames.reduce(0) { $0 + $1.paddedByteCount }
        if !group.isEmpty && byteCount + more > files.options.maxBatchByteCount {
          commit(group)
          (group, byteCount) = ([], 0)
        }
        group.append((frames, continuation))
        byteCount += more
      }
    }
    if !group.isEmpty || isUrgent { commit(group) }
  }

  /// One write, one sync, then everybody who waited goes on.
  private func commit(_ group: [Waiting]) {
    if let error = stop.error { return group.forEach { $0.continuation.resume(throwing: error) } }
    let gathered = delegate?.gatherRecords() ?? []
    if group.isEmpty && gathered.isEmpty { return }
    let frames = group.flatMap(\.frames) + gathered.map { EncodedFrame($0) }
    do {
      var references = try write(frames)[...]
      delegate?.didCommit(zip(frames, references).map { ($0.kind, $1) })
      for waiting in group {
        waiting.continuation.resume(returning: Array(references.prefix(waiting.frames.count)))
        references = references.dropFirst(waiting.frames.count)
      }
      tidy()
    } catch {
      delegate?.didFail()
      let error = StoreError(error)
      group.forEach { $0.continuation.resume(throwing: error) }
    }
  }

  /// - Returns: the references of `frames`, durable.
  private func write(_ frames: [EncodedFrame]) throws -> [BlobReference] {
    let byteCount = frames.reduce(0) { $0 + $1.paddedByteCount }
    var target = try stoppingUnlessTemporary { try self.target(for: byteCount) }
    let first = target.frameCount == 0 ? (delegate?.recordsForNewFile() ?? []).map { EncodedFrame($0) } : []
    let start = target.endOffset
    var writer = ByteWriter(reserving: Int(byteCount))
    var references: [BlobReference] = []
    for frame in first + frames {
      let offset = start + UInt64(writer.count)
      references.append(BlobReference(pack: target.pack.number, offset: offset, byteCount: frame.byteCount))
      frame.encode(into: &writer, at: offset, batchStart: start, salt: target.pack.salt)
    }

    let pack = target.pack
    try stoppingUnlessTemporary {
      do throws(FileError) { try pack.file.write(writer.bytes, at: start) } catch {
        // A full disk took a part of it; the file goes back to what it was.
        if error.isTemporary { try pack.file.truncate(to: start) }
        throw error
      }
    }
    do { try pack.file.syncData() } catch { throw stop.throwAfter(error) }
    target.endOffset = start + UInt64(writer.count)
    target.frameCount += UInt64(first.count + frames.count)
    state.withLock { $0.current = target }
    return Array(references.dropFirst(first.count))
  }

  /// The file that takes the next bytes.
  private func target(for byteCount: UInt64) throws -> OpenPack {
    let current = state.withLock { $0.current }
    if let current, current.frameCount == 0 || current.endOffset + byteCount <= files.options.fileByteCount {
      return current
    }
    do {
      let fresh = OpenPack(pack: try takeNext(), endOffset: PackHeader.endOffset, frameCount: 0)
      state.withLock { state in
        if let current { state.full.append(current) }
        state.current = fresh
        state.isPreparing = false
      }
      return fresh
    } catch let error as FileError where error.isTemporary {
      // No room for another file; perhaps there is for these bytes.
      if let current { return current }
      throw error
    }
  }

  private func takeNext() throws -> PackFile {
    try next.withLock { next in
      if let ready = next.take() { return ready }
      return try files.create(in: place)
    }
  }

  /// Any failure is final but those that leave no doubt of what is on the disk.
  private func stoppingUnlessTemporary<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as FileError where error.isTemporary { throw error } catch {
      throw stop.throwAfter(error)
    }
  }

  // MARK: Housekeeping, on another thread

  /// Seals full files and has the next one ready before it is needed.
  private func tidy() {
    let (full, prepares) = state.withLock { state in
      let full = state.full
      state.full = []
      let threshold = files.options.fileByteCount / 4 * 3
      let prepares = !state.isPreparing && (state.current?.endOffset ?? 0) > threshold
      if prepares { state.isPreparing = true }
      return (full, prepares)
    }
    for pack in full { _ = housekeeping.submit { [weak self] in self?.seal(pack) } }
    if prepares { _ = housekeeping.submit { [weak self] in self?.prepareNext() } }
  }

  private func prepareNext() {
    next.withLock { next in
      // A failure shows again, and is answered, when the file is needed.
      if next == nil && stop.error == nil { next = try? files.create(in: place) }
    }
  }

  private func seal(_ full: OpenPack) {
    if stop.error != nil { return }
    var count = ByteWriter()
    count.writeVarint(full.frameCount)
    let frame = EncodedFrame(PackRecord(kind: .seal, bytes: count.bytes))
    var writer = ByteWriter()
    frame.encode(into: &writer, at: full.endOffset, batchStart: full.endOffset, salt: full.pack.salt)
    do {
      try full.pack.file.write(writer.bytes, at: full.endOffset)
      try full.pack.file.truncate(to: full.endOffset + UInt64(writer.count))
      try full.pack.file.syncData()
      try files.moveToSealed(full.pack.number, from: place)
      full.pack.file.close()
    } catch let error as FileError where error.isTemporary {
      // Tried again after the next write.
      state.withLock { $0.full.append(full) }
    } catch {
      _ = stop.throwAfter(error)
    }
  }
}

/// Set once, by the first failure that leaves the disk in doubt.
final class StopSwitch: Sendable {
  private let reason = Locked<StoreError?>(nil)

  var error: StoreError? { reason.withLock { $0 } }

  /// Stops, and gives the error for whoever waits.
  func throwAfter(_ cause: any Error) -> StoreError {
    reason.withLock { reason in
      if let reason { return reason }
      let error = StoreError(
        code: .stopped, message: "the store stopped and must be opened again, because a write failed: \(cause)")
      reason = error
      return error
    }
  }
}
