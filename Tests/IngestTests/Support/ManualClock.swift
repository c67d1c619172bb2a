import Bytes

/// Stands still until a test moves it.
final class ManualClock: MonotonicClock {
  private let time = Locked(Duration.zero)

  func elapsed() -> Duration { time.withLock { $0 } }

  func advance(by duration: Duration) { time.withLock { $0 += duration } }
}
