import Bytes

/// Goes on when it is told to.
final class TestClock: MonotonicClock {
  private let time = Locked(Duration.zero)

  func elapsed() -> Duration { time.withLock { $0 } }

  func advance(by duration: Duration) { time.withLock { $0 += duration } }
}
