package import Bytes
import DequeModule

/// The mails that receipt has accepted and ingest has not yet committed.
///
/// The receive log is the queue: `accept` appends one frame and returns when it is durable; `finish` appends, lazily,
/// that the item is done. Opening reads the files of the log that are not sealed and queues again every item without a
/// `finished` record; what earlier files still hold is listed in the checkpoint that each file begins with. So an
/// accepted mail is delivered at least once, and whoever processes it twice must notice (`QueueItemID` is the key).
///
/// In which order items are leased `ReadyOrder` says. An item that is not finished in time is leased to the next worker as well;
/// the first `finish` counts, whoever it comes from. Leases, attempts and not-before times are kept in memory only: a process
/// that is gone holds none. What it had under way when it died is known nevertheless (`AttemptJournal`).
package final class InboundQueue: Sendable {
  private let packs: PackStore
  private let log: PackAppender
  private let queueLog: QueueLog
  private let lateLeases: LateLeases
  private let spool: SpoolDirectory
  private let attempts: AttemptJournal
  private let threads: BlockingThreads
  let clock: any MonotonicClock
  package let options: InboundQueueOptions
  let state: Locked<Shared>

  struct Shared {
    var queue: QueueState
    /// Accepted by the caller, not yet durable.
    var arriving = 0
    var arrivingEnvelopeBytes = 0
    var isClosed = false
    var lastTicket: UInt64 = 0
    /// Whoever waits, by ticket.
    var sleepers: [UInt64: CheckedContinuation<Void, Never>] = [:]
    /// Tickets of those who wait for an item, longest first; may name some who wait no more.
    var workers = Deque<UInt64>()
    /// What those wait for who wait for a user's mail.
    var searches: [UInt64: (user: UserID, items: Set<QueueItemID>)] = [:]
  }

  /// Opens the queue of `packs`, once, and queues again what was not finished. Mails whose bytes are damaged are noted in
  /// `PackStore.recoveryNotes`; then no spool file is deleted.
  /// - Parameter clock: times the leases.
  /// - Throws: `StoreError` when the disk cannot be read just now, or for files of a later version.
  package static func open(
    packs: PackStore, fileSystem: any FileSystem, directory: String, clock: any MonotonicClock,
    options: InboundQueueOptions = InboundQueueOptions()
  ) throws -> InboundQueue {
    // They wait for syncs of spooled mail, one file each, which the file system joins when they come at once.
    let threads = BlockingThreads(name: "queue", threads: 16)
    do {
      return try InboundQueue(
        packs: packs, fileSystem: fileSystem, directory: directory, clock: clock, threads: threads, options: options)
    } catch {
      threads.close()
      throw StoreError(error)
    }
  }

  private init(
    packs: PackStore, fileSystem: any FileSystem, directory: String, clock: any MonotonicClock,
    threads: BlockingThreads, options: InboundQueueOptions
  ) throws {
    self.packs = packs
    self.clock = clock
    self.options = options
    self.threads = threads
    let spool = try SpoolDirectory(fileSystem: fileSystem, path: directory + "/receive/spool", threads: threads)
    self.spool = spool
    let lateLeases = LateLeases { finished in
      let numbers = finished.compactMap(\.spoolNumber)
      if !numbers.isEmpty { packs.runLater { numbers.forEach { spool.remove($0) } } }
      options.didFinish(finished.map(\.item))
    }
    self.lateLeases = lateLeases
    let queueLog = QueueLog { lateLeases.didFinish($0) }
    self.queueLog = queueLog
    let isWhole: Bool
    (log, isWhole) = try packs.openReceiveLog(delegate: queueLog) { frame in
      try queueLog.replay(frame)
    }
    let unfinished = queueLog.unfinished
    attempts = AttemptJournal(
      fileSystem: fileSystem, path: directory + "/receive/attempts", unfinished: unfinished)
    state = Locked(Shared(queue: QueueState(backoff: options.backoff, seed: options.seed)))
    let queue = try requeued(unfinished, isLogWhole: isWhole)
    state.withLock { $0.queue = queue }
  }

  private func requeued(_ unfinished: [QueueItemID], isLogWhole: Bool) throws -> QueueState {
    var queue = QueueState(backoff: options.backoff, seed: options.seed)
    let now = clock.elapsed()
    var spooled: Set<UInt64> = []
    var isWhole = isLogWhole
    for id in unfinished {
      do {
        let reference = try packs.reference(pack: id.pack, offset: id.offset)
        let received = try received(at: reference)
        var queued = item(received, reference, held: queue.heldByteCount)
        queued.isSuspect = true
        queued.deaths = attempts.deaths[id] ?? 0
        queue.add(id, queued, at: now)
        if case .spooled(let file) = received.content { spooled.insert(file.number) }
      } catch {
        let error = StoreError(error)
        // What is only not readable now will be; started without it, its spool file would pass for one that nobody needs.
        guard error.code == .corrupt || error.code == .missingBlob else { throw error }
        // One lost mail must not stop the others; `verify` names it as well.
        packs.note("queue item \(id.rawValue) cannot be read: \(error)")
        isWhole = false
      }
    }
    try spool.bringBack(spooled)
    if isWhole {
      try spool.removeAll(except: spooled)
    } else {
      // Any of them may be all that is left of an acknowledged mail.
      for path in try spool.setAside(except: spooled) {
        packs.note("a mail's content that may belong to what cannot be read is kept as \(path)")
      }
    }
    return queue
  }

  private func received(at reference: BlobReference) throws -> ReceivedRecord {
    let record = try packs.read(reference)
    do throws(DecodingError) { return try ReceivedRecord(record.bytes) } catch {
      throw packs.problem(at: reference, expected: "envelope and content of a mail", found: "\(error)")
    }
  }

  private func item(_ received: ReceivedRecord, _ reference: BlobReference, held: Int) -> QueueState.Item {
    let content: QueueState.Content
    switch received.content {
    case .inline(let bytes):
      content = .inline(held: held + bytes.count <= options.heldByteLimit ? bytes : nil)
    case .spooled(let file): content = .spooled(file)
    }
    return QueueState.Item(
      envelope: received.envelope, reference: reference, content: content, byteCount: received.content.byteCount)
  }

  /// Ends the waits; `lease` gives nil from now on. Items stay for the next process. Blocks; before `PackStore.close`.
  package func close() {
    let sleepers = state.withLock { state in
      state.isClosed = true
      defer { state.sleepers = [:] }
      return state.sleepers.values
    }
    sleepers.forEach { $0.resume() }
    threads.close()
    attempts.close()
  }

  // MARK: Receipt

  /// Stores a mail and returns when it is durable: the 250 of SMTP.
  /// - Throws: `StoreError`: `.noSpace` and `.queueFull` (452 4.3.1), `.stopped` and `.closed` (421). Spooled content is
  ///   discarded then.
  package func accept(_ envelope: InboundEnvelope, _ content: ReceivedContent) async throws -> QueueItemID {
    do {
      let envelopeByteCount = envelope.memoryByteCount
      try reservePlace(for: content, envelopeByteCount)
      defer {
        state.withLock { state in
          state.arriving -= 1
          state.arrivingEnvelopeBytes -= envelopeByteCount
        }
      }
      let received = ReceivedRecord(envelope: envelope, content: content)
      let reference = try await log.append([received.record])[0]
      let id = QueueItemID(reference)
      let worker = state.withLock { state in
        state.queue.add(id, item(received, reference, held: state.queue.heldByteCount), at: clock.elapsed())
        return Self.nextWorker(&state)
      }
      worker?.resume()
      return id
    } catch {
      let error = StoreError(error)
      // After a failed sync the frame may be there nevertheless, and then needs its file.
      if case .spooled(let file) = content, error.code != .stopped {
        packs.runLater { [spool] in spool.remove(file.number) }
      }
      throw error
    }
  }

  private func reservePlace(for content: ReceivedContent, _ envelopeByteCount: Int) throws {
    if case .inline(let bytes) = content, bytes.count > ReceivedContent.inlineLimit {
      throw StoreError(code: .failed, message: "\(bytes.count) bytes must be spooled")
    }
    try state.withLock { state in
      if state.isClosed { throw StoreError(code: .closed, message: "the queue is closed") }
      guard state.queue.items.count + state.arriving < options.maxDepth else {
        throw StoreError(code: .queueFull, message: "the queue holds \(options.maxDepth) mails")
      }
      let envelopes = state.queue.envelopeByteCount + state.arrivingEnvelopeBytes
      // One that is alone may be as large as it likes: receipt has limits of its own.
      guard envelopes == 0 || envelopes + envelopeByteCount <= options.envelopeByteLimit else {
        throw StoreError(code: .queueFull, message: "the queue's mails have as many recipients as it may hold")
      }
      state.arriving += 1
      state.arrivingEnvelopeBytes += envelopeByteCount
    }
  }

  /// For content over `ReceivedContent.inlineLimit`.
  package func makeSpool() async throws -> SpoolWriter { try await spool.makeWriter() }

  /// What was received, before it is accepted.
  /// - Throws: `StoreError`.
  package func bytes(of content: ReceivedContent) async throws -> [UInt8] {
    switch content {
    case .inline(let bytes): bytes
    case .spooled(let file): try await spool.blocking { [spool] in try spool.read(file) }
    }
  }

  /// Received content that is not accepted after all.
  package func discard(_ content: ReceivedContent) async {
    guard case .spooled(let file) = content else { return }
    packs.runLater { [spool] in spool.remove(file.number) }
  }

  // MARK: Work

  /// Waits for an item.
  /// - Returns: nil when the queue is closed or the task is cancelled.
  package func lease() async -> QueueLease? {
    while !Task.isCancelled {
      switch take() {
      case .lease(let lease):
        if lease.isSuspect { try? await threads.run { [attempts] in attempts.begin(lease.id) } }
        return lease
      case .closed: return nil
      case .nothing(let duration): await waitForWork(atMost: duration)
      }
    }
    return nil
  }

  private func waitForWork(atMost duration: Duration) async {
    await sleep(atMost: duration) { state, ticket in
      if state.isClosed || state.queue.hasReady { return false }
      state.workers.append(ticket)
      return true
    }
  }

  private enum Taken {
    case lease(QueueLease)
    case nothing(waitAtMost: Duration)
    case closed
  }

  private func take() -> Taken {
    let now = clock.elapsed()
    return state.withLock { state -> Taken in
      if state.isClosed { return .closed }
      if let taken = state.queue.take(at: now, for: options.leaseDuration) {
        return .lease(QueueLease(taken))
      }
      // Looks again from time to time: leases that others are given meanwhile expire as well.
      guard let due = state.queue.nextAlarm else { return .nothing(waitAtMost: options.leaseDuration) }
      return .nothing(waitAtMost: min(options.leaseDuration, max(.milliseconds(1), due - now)))
    }
  }

  /// The mail's bytes, from memory or disk.
  /// - Throws: `StoreError`: `.corrupt`, `.missingBlob`, `.failed`.
  package func content(of lease: QueueLease) async throws -> [UInt8] {
    if let held = lease.held { return held }
    return try await content(frame: lease.frame, spooled: lease.spooled)
  }

  func content(frame: BlobReference, spooled: SpoolReference?) async throws -> [UInt8] {
    try await spool.blocking { [self] in
      if let spooled { return try spool.read(spooled) }
      guard case .inline(let bytes) = try received(at: frame).content else {
        throw StoreError(code: .missingBlob, message: "the frame at \(frame) holds no content")
      }
      return bytes
    }
  }

  /// Where small content lies for good; nil for spooled content, which needs an `OriginalStore`.
  package func reference(of lease: QueueLease) -> BlobReference? { lease.spooled == nil ? lease.frame : nil }

  /// The item is done, also when the lease has expired. Recorded with one of the next writes: after a crash before that it
  /// comes again.
  /// - Parameter isSetAside: it was not delivered, but is kept elsewhere.
  package func finish(_ lease: QueueLease, isSetAside: Bool = false) async {
    await noteReturn(of: lease)
    let now = clock.elapsed()
    let (done, worker) = state.withLock { state -> (QueueState.Item?, CheckedContinuation<Void, Never>?) in
      guard let done = state.queue.finish(lease.id, lease: lease.number, isSetAside: isSetAside, at: now) else {
        return (nil, nil)
      }
      lateLeases.wait(for: done.openLeases, of: lease.id)
      // Another suspect may go now.
      return (done, state.queue.hasReady ? Self.nextWorker(&state) : nil)
    }
    worker?.resume()
    guard let done else { return lateLeases.end(lease.number, of: lease.id) }
    let finished = QueueLog.Finished(
      item: FinishedItem(id: lease.id, users: done.envelope.users), spoolNumber: lease.spooled?.number)
    log.nudge(isUrgent: queueLog.gather(finished))
    settle(lease.id, users: done.envelope.users)
  }

  /// Gives the item back, to be tried again; when the lease has expired, it stays as it is.
  /// - Parameters:
  ///   - retryAfter: nil for as long as the backoff says, which grows with the tries; a day at most.
  ///   - reason: for people; what is over 500 bytes is cut off.
  ///   - isFailure: whether the try speaks against the mail (`QueueLease.failures`).
  package func release(
    _ lease: QueueLease, retryAfter: Duration? = nil, reason: String, isFailure: Bool = true
  ) async {
    await noteReturn(of: lease)
    let now = clock.elapsed()
    let reason = String(decoding: reason.utf8.prefix(Self.maxReasonByteCount), as: UTF8.self)
    let (item, worker) = state.withLock { state in
      let item = state.queue.release(
        lease.id, lease: lease.number, retryAfter: retryAfter, reason: reason, isFailure: isFailure, at: now)
      return (item, item == nil ? nil : Self.nextWorker(&state))
    }
    // It may have to wake earlier than it thought.
    worker?.resume()
    if let item { settle(lease.id, users: item.envelope.users) } else { lateLeases.end(lease.number, of: lease.id) }
  }

  private static let maxReasonByteCount = 500

  private func noteReturn(of lease: QueueLease) async {
    if lease.isSuspect { try? await threads.run { [attempts] in attempts.end(lease.id) } }
  }

  // MARK: Looking

  /// Mails accepted for `user` and not finished, put off ones too.
  package func pendingCount(for user: UserID) -> Int { state.withLock { $0.queue.pendingCount(for: user) } }

  /// Bytes of their contents. From memory.
  package func pendingByteCount(for user: UserID) -> UInt64 { state.withLock { $0.queue.pendingByteCount(for: user) } }

  /// Waits until every mail that is now queued for `user` is finished or put off.
  /// - Returns: how many of the user's mails are pending then, or after `timeout`.
  package func waitUntilProcessed(user: UserID, timeout: Duration) async -> Int {
    // Nearly every search: nothing is under way for the user, and waiting takes two tasks and a timer.
    let (pending, mayExpect) = state.withLock { state in
      (state.queue.pendingCount(for: user), timeout > .zero && state.queue.mayExpect(for: user))
    }
    guard mayExpect else { return pending }
    await sleep(atMost: timeout) { state, ticket in
      let items = state.queue.expected(for: user)
      if items.isEmpty { return false }
      state.searches[ticket] = (user, items)
      return true
    }
    return pendingCount(for: user)
  }

  /// Items accepted and not finished.
  package func depth() -> Int { state.withLock { $0.queue.items.count } }

  /// Whether a worker would be given something now. Items under suspicion that wait for another are not.
  var hasReady: Bool { state.withLock { $0.queue.hasReady } }

  /// Searches that wait.
  var searchCount: Int { state.withLock { $0.searches.count } }
}
