import Glibc

/// The time of day, passed in so that tests choose it.
package protocol WallClock: Sendable {
  func now() -> Timestamp
}

/// Measures how long something lasts, whatever is done to the time of day; passed in so that tests choose it.
package protocol MonotonicClock: Sendable {
  /// Since a moment of no meaning; never goes back.
  func elapsed() -> Duration
}

/// The machine's own clocks: `CLOCK_REALTIME` and `CLOCK_BOOTTIME`, which goes on while the machine sleeps.
package struct SystemClock: WallClock, MonotonicClock {
  package init() {}

  package func now() -> Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(rawValue: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
  }

  package func elapsed() -> Duration {
    var time = timespec()
    unsafe clock_gettime(CLOCK_BOOTTIME, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
