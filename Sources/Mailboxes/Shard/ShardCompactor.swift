import Bytes
import Index
import Logging
import Synchronization

/// Compacts a shard's index after its flushes, on a thread of the lowest priority. One shard of the process at a time: the
/// memory that an inversion takes is taken once.
final class ShardCompactor: Sendable {
  /// Guards nothing but the turn. Not of `Void`: a value without size has no address of its own, and the thread sanitizer
  /// takes an access to it for one to what lies there.
  private static let turn = Locked(false)
  private struct Closing: Error {}

  private let number: Int
  private let index: ShardIndex
  private let logger: Logger
  private let thread = Locked<BatchThread<Void>?>(nil)
  private let isClosing = Atomic<Bool>(false)

  init(number: Int, index: ShardIndex, logger: Logger) {
    self.number = number
    self.index = index
    self.logger = logger
  }

  /// - Parameter documents: see `CompactionSource`.
  func start(_ documents: @escaping @Sendable (UserID) throws -> [DocumentKey]) {
    let thread = BatchThread<Void>(
      name: "compact-\(number)", niceness: 19, maxBatch: .max, idleInterval: nil,
      process: { [weak self] _ in self?.compact(CompactionSource(documents: documents)) }, idle: {})
    self.thread.withLock { $0 = thread }
  }

  /// Something may be due.
  func request() { _ = thread.withLock { $0 }?.submit(()) }

  /// Stops a step that is under way, which changes nothing then.
  func stop() { isClosing.store(true, ordering: .releasing) }

  /// Stops, and ends the thread. Blocks.
  func close() {
    stop()
    thread.withLock { $0 }?.close()
  }

  private func compact(_ source: CompactionSource) {
    do {
      while try compactOnce(source) {}
    } catch is Closing {
    } catch {
      // What was to be merged stays as it was, and is tried again after the next flush.
      logger.error("compaction of a shard put off", metadata: ["shard": "\(number)", "error": "\(error)"])
    }
  }

  private func compactOnce(_ source: CompactionSource) throws -> Bool {
    try Self.turn.withLock { _ in
      try throwIfClosing()
      return try index.compact(source, throttle: throwIfClosing)
    }
  }

  private func throwIfClosing() throws {
    if isClosing.load(ordering: .acquiring) { throw Closing() }
  }
}
