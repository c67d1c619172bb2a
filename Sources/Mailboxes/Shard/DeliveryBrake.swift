import Bytes
import Index

/// Makes deliveries to one shard wait as `WritePressure` says, and counts how long they did.
final class DeliveryBrake: Sendable {
  private struct State {
    var delayed = 0
    var refused = 0
    var waited = Duration.zero
  }

  private let pressure: WritePressure
  private let index: ShardIndex
  private let pause: @Sendable (Duration) async throws -> Void
  private let state = Locked(State())

  init(_ pressure: WritePressure, index: ShardIndex, pause: @escaping @Sendable (Duration) async throws -> Void) {
    self.pressure = pressure
    self.index = index
    self.pause = pause
  }

  /// What the next delivery would wait.
  var delay: Duration { pressure.delay(for: index.backlog) ?? pressure.longestDelay }
  /// What all have waited.
  var waited: Duration { state.withLock { $0.waited } }
  var delayedCount: Int { state.withLock { $0.delayed } }
  var refusedCount: Int { state.withLock { $0.refused } }

  var isCompactionDue: Bool { pressure.isDue(for: index.backlog) }

  /// Suspends for as long as a delivery is to wait.
  /// - Parameter request: called where compaction is behind, before the wait.
  /// - Throws: `MailboxError` with code `.busy` where the backlog is at its end; `CancellationError`.
  func admit(request: () -> Void) async throws {
    guard let delay = pressure.delay(for: index.backlog) else {
      request()
      state.withLock { $0.refused += 1 }
      throw MailboxError(.busy, "the index has too much to merge to take new mail; try again later")
    }
    if delay == .zero { return }
    request()
    state.withLock { state in
      state.delayed += 1
      state.waited += delay
    }
    try await pause(delay)
  }
}
