import Bytes
import Index
import Logging
import Synchronization

/// Compacts a shard's index, when it is told that something may be due, on a thread of the lowest priority. One shard of the
/// process at a time: the memory that an inversion takes is taken once.
final class ShardCompactor: Sendable {
  /// Guards nothing but the turn. Not of `Void`: a value without size has no address of its own, and the thread sanitizer
  /// takes an access to it for one to what lies there.
  private static let turn = Locked(false)

  private let index: ShardIndex
  private let pacer: CompactionPacer
  private let documents: @Sendable (UserID) throws -> [DocumentKey]
  private let thread = Locked<BatchThread<Void>?>(nil)
  private let isClosing = Atomic<Bool>(false)

  /// - Parameter documents: see `CompactionSource`.
  init(
    number: Int, index: ShardIndex, pacer: CompactionPacer, logger: Logger,
    documents: @escaping @Sendable (UserID) throws -> [DocumentKey]
  ) {
    self.index = index
    self.pacer = pacer
    self.documents = documents
    let thread = BatchThread<Void>(
      name: "compact-\(number)", niceness: 19, maxBatch: .max, idleInterval: nil,
      process: { [weak self] _ in
        do {
          try self?.compact {}
        } catch {
          if self?.isClosing.load(ordering: .acquiring) ?? true { return }
          // What was to be merged stays as it was, and is tried again at the next request.
          logger.error("compaction of a shard put off", metadata: ["shard": "\(number)", "error": "\(error)"])
        }
      }, idle: {})
    self.thread.withLock { $0 = thread }
  }

  /// Something may be due.
  func request() { _ = thread.withLock { $0 }?.submit(()) }

  /// Merges and makes segments until nothing is due, on the caller's thread. Blocks.
  /// - Parameter throttle: see `ShardIndex.compact`.
  func compact(throttle: @escaping () throws -> Void) throws {
    let source = CompactionSource(documents: documents)
    func step() throws -> Bool {
      try Self.turn.withLock { _ in
        try throwIfClosing()
        return try index.compact(source) { [self] byteCount in
          try throwIfClosing()
          try throttle()
          try pacer.pace(byteCount, check: throwIfClosing)
        }
      }
    }
    while try step() {}
  }

  /// Makes segments of what these users have in runs alone, on the caller's thread. Blocks.
  func remakeSegments(of users: Set<UserID>, throttle: @escaping () throws -> Void) throws {
    try Self.turn.withLock { _ in
      try throwIfClosing()
      try index.remakeSegments(of: users, CompactionSource(documents: documents)) { [self] in
        try throwIfClosing()
        try throttle()
      }
    }
  }

  /// Stops a step that is under way, which changes nothing then.
  func stop() { isClosing.store(true, ordering: .releasing) }

  /// Stops, and ends the thread. Blocks.
  func close() {
    stop()
    thread.withLock { $0 }?.close()
  }

  private func throwIfClosing() throws {
    if isClosing.load(ordering: .acquiring) { throw MailboxError(.busy, "the service is stopping") }
  }
}
