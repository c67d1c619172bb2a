import Bytes
import Foundation

/// Holds compaction to a rate of bytes read and written, over all shards of a process: a disk that many mails wait for
/// must not be busy with what can wait.
final class CompactionPacer: Sendable {
  /// What may be moved at once after a rest.
  private static let burstSeconds = 0.25
  /// A pause is looked into so often, whether the shard closes meanwhile.
  private static let slice = Duration.milliseconds(50)

  private struct State {
    var bucket: TokenBucket
    var throttled = Duration.zero
  }

  private let clock: any MonotonicClock
  private let sleep: @Sendable (Duration) -> Void
  /// `nil` for no limit.
  private let state: Locked<State?>

  /// - Parameters:
  ///   - bytesPerSecond: 0 for no limit.
  ///   - sleep: blocks for so long.
  init(
    bytesPerSecond: Int, clock: any MonotonicClock = SystemClock(),
    sleep: @escaping @Sendable (Duration) -> Void = { Thread.sleep(forTimeInterval: $0 / .seconds(1)) }
  ) {
    self.clock = clock
    self.sleep = sleep
    let burst = max(1, Int(Double(bytesPerSecond) * Self.burstSeconds))
    state = Locked(
      bytesPerSecond > 0
        ? State(bucket: TokenBucket(rate: bytesPerSecond, burst: burst, now: clock.elapsed())) : nil)
  }

  /// How long compaction has waited in all.
  var throttled: Duration { state.withLock { $0?.throttled ?? .zero } }

  /// Waits as long as the rate asks after so many bytes. Blocks.
  /// - Parameter check: called now and then; may throw to end the wait.
  func pace(_ byteCount: Int, check: () throws -> Void) throws {
    let now = clock.elapsed()
    var rest = state.withLock { $0?.bucket.take(byteCount, now: now) ?? .zero }
    while rest > .zero {
      try check()
      let pause = min(rest, Self.slice)
      sleep(pause)
      rest -= pause
      state.withLock { $0?.throttled += pause }
    }
  }
}
