/// Holds work to a rate: tokens come at so many a second, up to a burst, and work takes one for each of its units. Work that
/// is done may take more than there are; the debt is waited for. Time is passed in.
package struct TokenBucket: Sendable {
  private let rate: Double
  private let burst: Double
  private var level: Double
  private var last: Duration

  /// A full bucket.
  /// - Parameters:
  ///   - rate: tokens a second, one or more.
  ///   - burst: the most that gather while nothing is taken.
  ///   - now: of a clock that never goes back.
  package init(rate: Int, burst: Int, now: Duration) {
    self.rate = Double(rate)
    self.burst = Double(burst)
    level = Double(burst)
    last = now
  }

  /// - Returns: how long to wait before more is done.
  package mutating func take(_ count: Int, now: Duration) -> Duration {
    level = min(burst, level + (now - last) / .seconds(1) * rate) - Double(count)
    last = now
    return level < 0 ? .seconds(-level / rate) : .zero
  }
}
