package import Bytes

/// How long a mail that failed waits: the first delay, doubled with each try up to the longest, and of that a random part of a half
/// at least, so that what failed together does not come again together.
package struct RetryBackoff: Sendable, Equatable {
  package var first: Duration
  package var longest: Duration

  package init(first: Duration = .seconds(1), longest: Duration = .seconds(300)) {
    self.first = first
    self.longest = longest
  }

  /// - Parameter tries: 1 after the first one.
  package func delay(after tries: Int, using random: inout SplitMix64) -> Duration {
    // At 2^30 first delays any longest one is reached.
    let doublings = min(max(tries, 1) - 1, 30)
    let whole = min(longest, min(first, longest) * (1 << doublings))
    return whole * (0.5 + 0.5 * random.nextFraction())
  }

  /// What a failing step may ask for at most.
  static let longestWish = Duration.seconds(86_400)
}
