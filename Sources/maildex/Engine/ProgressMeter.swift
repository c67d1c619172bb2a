import Bytes
import Foundation

/// Rates for a progress bar, a few times a second at most.
final class ProgressMeter: Sendable {
  private static let interval = Duration.milliseconds(100)

  private let clock: any MonotonicClock
  private let start: Duration
  private let last = Locked<Duration?>(nil)

  init(clock: any MonotonicClock = SystemClock()) {
    self.clock = clock
    start = clock.elapsed()
  }

  /// - Parameter resumed: what of it was done before the start.
  /// - Returns: `nil` when the last note is too young.
  func note(mails: Int, bytes: UInt64, resumed: (mails: Int, bytes: UInt64) = (0, 0)) -> String? {
    let now = clock.elapsed()
    let isDue = last.withLock { last in
      if let previous = last, now - previous < Self.interval { return false }
      last = now
      return true
    }
    guard isDue else { return nil }
    let elapsed = max((now - start) / .seconds(1), 0.001)
    let mailRate = Int(Double(mails - resumed.mails) / elapsed)
    let byteRate = String(format: "%.1f", Double(bytes - resumed.bytes) / elapsed / 1e6)
    return "\(mails) mails, \(mailRate) mails/s, \(byteRate) MB/s"
  }

  /// How long the rest will take at the rate so far: `2m05s`.
  /// - Parameter resumed: what was done before the start.
  func remaining(done: Int, total: Int, resumed: Int = 0) -> String {
    guard done > resumed else { return "?" }
    let elapsed = (clock.elapsed() - start) / .seconds(1)
    let seconds = Int(elapsed * Double(max(0, total - done)) / Double(done - resumed))
    return seconds < 60 ? "\(seconds)s" : String(format: "%dm%02ds", seconds / 60, seconds % 60)
  }

  /// Since the start, with two decimals.
  var seconds: String { String(format: "%.2f", (clock.elapsed() - start) / .seconds(1)) }
}
