/// Holds work to a rate: tokens come at so many a second, up to a burst, and work takes one for each of its units. Work that
/// is done may take more than there are; the debt is waited for. Work that can be refused takes what is there, or nothing. Time
/// is passed in.
package struct TokenBucket: Sendable {
  private let rate: Double
  private let burst: Double
  private var level: Double
  private var last: Duration

  /// A full bucket.
  /// - Parameters:
  ///   - rate: tokens in a period, one or more.
  ///   - burst: the most that gather while nothing is taken.
  ///   - now: of a clock that never goes back.
  package init(rate: Int, per period: Duration = .seconds(1), burst: Int, now: Duration) {
    self.rate = Double(rate) / (period / .seconds(1))
    self.burst = Double(burst)
    level = Double(burst)
    last = now
  }

  /// - Returns: how long to wait before more is done.
  package mutating func take(_ count: Int, now: Duration) -> Duration {
    fill(now)
    level -= Double(count)
    return level < 0 ? .seconds(-level / rate) : .zero
  }

  /// - Returns: false if there are not as many, and then none is taken.
  package mutating func takeIfThere(_ count: Int, now: Duration) -> Bool {
    fill(now)
    guard level >= Double(count) else { return false }
    level -= Double(count)
    return true
  }

  /// Threads that looked at the clock one after the other may come the other way round.
  private mutating func fill(_ now: Duration) {
    guard now > last else { return }
    level = min(burst, level + (now - last) / .seconds(1) * rate)
    last = now
  }
}
