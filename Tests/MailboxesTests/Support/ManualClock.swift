import Bytes

/// Stands still until a test moves it.
final class ManualClock: WallClock {
  static let start = Timestamp(rawValue: 1_795_000_000_000)

  private let time = Locked(ManualClock.start)

  func now() -> Timestamp { time.withLock { $0 } }

  func advance(by duration: Duration) {
    time.withLock { $0 = Timestamp(rawValue: $0.rawValue + Int64(duration / .milliseconds(1))) }
  }
}
