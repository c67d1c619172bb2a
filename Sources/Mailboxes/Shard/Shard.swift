import Bytes
import Foundation
import Index
import Logging
import MailStore
import Synchronization

/// One shard: its journal, the two views of it, its writer's thread, and reads that see everything answered before.
final class Shard: Sendable {
  let number: Int
  let view: MetadataView
  let index: ShardIndex
  private let logger: Logger
  private let writerThread: BatchThread<ShardJob>
  /// Flushes and trims, beside the writer; set once, right after the writer's thread exists.
  private let maintenanceThread = Locked<BatchThread<Void>?>(nil)
  /// Set once, like the thread above.
  private let compactor = Locked<ShardCompactor?>(nil)

  let writer: ShardWriter
  let brake: DeliveryBrake
  private let hasViewStopped = Atomic<Bool>(false)

  static let maxBatch = 256
  static let maxBacklog = 10_000
  /// The view is committed when nothing was written for so long.
  static let idleInterval: TimeInterval = 1

  init(
    number: Int, writer: ShardWriter, view: MetadataView, index: ShardIndex, pacer: CompactionPacer, logger: Logger,
    options: ShardOptions
  ) {
    self.number = number
    brake = DeliveryBrake(options.pressure, index: index, pause: options.pause)
    self.writer = writer
    self.view = view
    self.index = index
    self.logger = logger
    writerThread = BatchThread(
      name: "shard-\(number)", maxBatch: Self.maxBatch, idleInterval: Self.idleInterval,
      process: { jobs in writer.process(jobs) },
      idle: { [compactor] in
        writer.becomeIdle()
        compactor.withLock { $0 }?.request()
      })
    let maintenance = BatchThread<Void>(
      name: "upkeep-\(number)", maxBatch: .max, idleInterval: nil,
      process: { [weak self] _ in self?.maintain() }, idle: {})
    maintenanceThread.withLock { $0 = maintenance }
    writer.requestMaintenance = { _ = maintenance.submit(()) }
    let compactor = ShardCompactor(number: number, index: index, pacer: pacer, logger: logger) { [weak self] user in
      guard let self else { throw Self.closed }
      return try documents(of: user)
    }
    self.compactor.withLock { $0 = compactor }
  }

  /// Jobs that no batch has taken yet.
  var waitingCount: Int { writerThread.backlog }

  /// A sync failed, of the journal or of one of its views: something is not written until the process has restarted.
  var isStopped: Bool { writer.isStopped || index.isStopped || hasViewStopped.load(ordering: .relaxed) }

  /// Runs `work` on the writer and returns its value when everything it staged is durable and searchable.
  func perform<Value: Sendable>(
    _ work: @escaping @Sendable (ShardTransaction) throws -> Value
  ) async throws -> Value {
    guard writerThread.backlog < Self.maxBacklog else {
      throw MailboxError(.busy, "too many writes wait for this mailbox; try again")
    }
    return try await withCheckedThrowingContinuation { continuation in
      submit(work) { continuation.resume(with: $0) }
    }
  }

  /// The same, from a thread that may block.
  func performBlocking<Value: Sendable>(
    _ work: @escaping @Sendable (ShardTransaction) throws -> Value
  ) throws -> Value {
    let done = DispatchSemaphore(value: 0)
    let result = Locked<Result<Value, any Error>>(.failure(Self.closed))
    submit(work) { outcome in
      result.withLock { $0 = outcome }
      done.signal()
    }
    done.wait()
    return try result.withLock { $0 }.get()
  }

  /// Waits as long as a new mail is to wait while compaction is behind. Before `perform`: no thread waits here, and other
  /// writes and reads go on.
  /// - Throws: `MailboxError` with code `.busy`; `CancellationError`.
  func admitDelivery() async throws {
    try await brake.admit { compactor.withLock { $0 }?.request() }
  }

  /// Reads a snapshot of the view that holds everything answered to `user` so far. Blocks.
  func read<Value>(for user: UserID, _ body: (MetadataReader) throws -> Value) throws -> Value {
    try makeVisible(for: user)
    return try view.read(body)
  }

  /// Everyone with a mailbox here. Blocks.
  func users() throws -> [UserID] {
    try performOnWriter { try $0.commitView() }
    return try view.read { try $0.users() }
  }

  /// Commits the view if it has changes of `user` that readers cannot see yet. Blocks.
  private func makeVisible(for user: UserID) throws {
    guard writer.hasUncommittedChanges(of: user) else { return }
    try performOnWriter { writer in try writer.commitView() }
  }

  /// Runs `body` with the writer itself, on its thread and between two batches. Blocks.
  private func performOnWriter<Value: Sendable>(
    _ body: @escaping @Sendable (ShardWriter) throws -> Value
  ) throws -> Value {
    let done = DispatchSemaphore(value: 0)
    let result = Locked<Result<Value, any Error>>(.failure(Self.closed))
    let job = ShardJob.upkeep { writer in
      let outcome = Result { try body(writer) }
      result.withLock { $0 = outcome }
      done.signal()
    }
    guard writerThread.submit(job) else { throw Self.closed }
    done.wait()
    return try result.withLock { $0 }.get()
  }

  /// The user's snapshot of the index; a cold user is loaded, beside the writer. Blocks.
  func snapshot(of user: UserID) throws -> UserSnapshot {
    if let snapshot = index.snapshot(user) { return snapshot }
    let snapshot = try index.snapshot(of: user) { try attributes(of: user, atLeast: $0) }
    // So that nobody is read from the rows again and again where nothing is written.
    if index.unwrittenBaseByteCount >= ShardWriter.idleFlushByteCount { writer.requestMaintenance() }
    return snapshot
  }

  /// The user's attributes from the rows as of the given sequence, or later. Blocks.
  private func attributes(of user: UserID, atLeast sequence: SequenceNumber) throws -> AttributeRows {
    if let rows = try committedAttributes(of: user, atLeast: sequence) { return rows }
    try performOnWriter { try $0.commitView() }
    guard let rows = try committedAttributes(of: user, atLeast: sequence) else {
      throw MailboxError(.busy, "the mailbox cannot be read just now; try again")
    }
    return rows
  }

  /// - Returns: `nil` where readers of the view do not see that much yet.
  private func committedAttributes(of user: UserID, atLeast sequence: SequenceNumber) throws -> AttributeRows? {
    try view.read { reader in
      let applied = try reader.appliedSequence()
      if applied < sequence { return nil }
      var builder = UserAttributesBuilder()
      try reader.forEachAttributes(user) { builder.append($0.docID, DocumentAttributes($0)) }
      return AttributeRows(
        through: applied, userSequence: try reader.lastUserSequence(user), attributes: builder.finish())
    }
  }

  /// Writes attributes anew from the rows, of one user or of everyone: for `reindex`. Blocks.
  func rebaseAttributes(of user: UserID?, throttle: () throws -> Void) throws {
    // What is not written yet would be applied to the rows again.
    try index.flush()
    if user == nil { index.dropAttributes() }
    for user in try user.map({ [$0] }) ?? users() {
      try index.reload(user) { try attributes(of: user, atLeast: $0) }
      if index.unwrittenBaseByteCount < ShardWriter.flushByteCount { continue }
      try index.flush()
      try throttle()
    }
    try index.flush()
  }

  /// The user's live documents with their places in time, all that the index has had applied among them. Blocks.
  private func documents(of user: UserID) throws -> [DocumentKey] {
    // Between two batches: within one the index may hold records whose attributes are still to come.
    let loaded = try performOnWriter { [index] _ in index.snapshot(user)?.attributes }
    // A damaged file is no reason not to merge others.
    if let attributes = loaded ?? (try? index.storedAttributes(of: user))?.attributes {
      return attributes.live.docIDs.map { attributes.key($0) }
    }
    return try read(for: user) { reader in
      try reader.allAttributes(user).map { DocumentKey(receivedAt: $0.receivedAt, docID: $0.docID) }
    }
  }

  /// Merges and makes segments until nothing is due. Blocks.
  /// - Parameter throttle: see `ShardIndex.compact`.
  func compact(throttle: @escaping () throws -> Void = {}) throws {
    try compactor.withLock { $0 }?.compact(throttle: throttle)
  }

  /// See `ShardCompactor.remakeSegments`. Blocks.
  func remakeSegments(of users: Set<UserID>, throttle: @escaping () throws -> Void = {}) throws {
    try compactor.withLock { $0 }?.remakeSegments(of: users, throttle: throttle)
  }

  /// Writes the arena to a run, commits the view, and deletes journal files that both are durable past. An index that
  /// cannot be written does not keep the view from being so. Blocks.
  func maintain() {
    attempt { try index.flush() }
    // Compaction waits until nothing is written for a while, so that an import has both cores; unless work piles up.
    if brake.isCompactionDue { compactor.withLock { $0 }?.request() }
    attempt {
      try performOnWriter { try $0.commitView() }
      let durable = min(try view.checkpoint(), index.appliedSequence)
      try performOnWriter { try $0.trimJournal(through: durable) }
    }
  }

  private func attempt(_ work: () throws -> Void) {
    do {
      try work()
    } catch {
      if (error as? StoreError)?.code == .stopped { hasViewStopped.store(true, ordering: .relaxed) }
      logger.error("upkeep of a shard put off", metadata: ["shard": "\(number)", "error": "\(error)"])
    }
  }

  /// Compaction stops as soon as it can; `close` waits for that.
  func stopCompaction() { compactor.withLock { $0 }?.stop() }

  /// Makes everything durable in the views and ends the threads. Blocks.
  func close() {
    compactor.withLock { $0 }?.close()
    maintenanceThread.withLock { $0 }?.close()
    maintain()
    writerThread.close()
    view.close()
  }

  private func submit<Value: Sendable>(
    _ work: @escaping @Sendable (ShardTransaction) throws -> Value,
    _ complete: @escaping @Sendable (Result<Value, any Error>) -> Void
  ) {
    let job = ShardJob.write(
      run: { transaction in
        let value = try work(transaction)
        return { complete(.success(value)) }
      },
      fail: { complete(.failure($0)) })
    if !writerThread.submit(job) { complete(.failure(Self.closed)) }
  }

  private static let closed = MailboxError(.busy, "the service is stopping")
}
