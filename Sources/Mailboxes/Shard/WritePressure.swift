package import Index

/// How delivery is slowed while compaction is behind: the more there is to do, the longer each new mail waits, so that both
/// come to go at the same rate; only at the very end is mail put off with a temporary error.
package struct WritePressure: Sendable {
  /// Between the two the delay grows.
  package struct Range: Sendable {
    package var slowsAt: UInt64
    package var stopsAt: UInt64

    package init(slowsAt: UInt64, stopsAt: UInt64) {
      self.slowsAt = slowsAt
      self.stopsAt = stopsAt
    }

    /// 0 where delivery is not slowed, 1 where it stops.
    fileprivate func fraction(_ value: UInt64) -> Double {
      if value <= slowsAt { return 0 }
      return value >= stopsAt ? 1 : Double(value - slowsAt) / Double(stopsAt - slowsAt)
    }
  }

  /// Each is an open file, and is asked by every search of a user in it.
  package var runs = Range(slowsAt: 192, stopsAt: 1_024)
  /// Records that wait to be inverted, and are searched by filters until then.
  package var byteCount = Range(slowsAt: 1 << 30, stopsAt: 8 << 30)
  /// Right before the end.
  package var longestDelay = Duration.seconds(1)

  package init() {}

  /// What a new mail waits for; `nil` for what is to be put off.
  ///
  /// The square, so that a little backlog costs nearly nothing: of a second's delay one tenth of the way costs 10 ms, one
  /// half 250 ms. While compaction cannot work at the backlog, waiting would not help.
  package func delay(for backlog: CompactionBacklog) -> Duration? {
    if backlog.isHeld { return .zero }
    let fraction = max(runs.fraction(UInt64(backlog.runs)), byteCount.fraction(backlog.byteCount))
    return fraction < 1 ? longestDelay * (fraction * fraction) : nil
  }

  /// Whether compaction should begin, though mail is still coming in.
  func isDue(for backlog: CompactionBacklog) -> Bool {
    backlog.runs >= runs.slowsAt / 3 || backlog.byteCount >= byteCount.slowsAt / 2
  }
}
