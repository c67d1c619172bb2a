import Bytes

/// Stands still until a test moves it.
final class ManualClock: MonotonicClock, WallClock {
  private static let start = Timestamp(rawValue: 1_795_472_400_000)

  private let time = Locked(Duration.zero)

  func elapsed() -> Duration { time.withLock { $0 } }

  func now() -> Timestamp {
    Timestamp(rawValue: Self.start.rawValue + Int64(elapsed() / .milliseconds(1)))
  }

  func advance(by duration: Duration) { time.withLock { $0 += duration } }
}
