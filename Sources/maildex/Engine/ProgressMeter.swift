import Bytes
import Foundation

/// Rates for a progress bar, a few times a second at most.
final class ProgressMeter: Sendable {
  private let clock = ContinuousClock()
  private let start = ContinuousClock().now
  private let last = Locked<ContinuousClock.Instant?>(nil)

  /// - Returns: `nil` when the last note is too young.
  func note(mails: Int, bytes: UInt64) -> String? {
    let now = clock.now
    let isDue = last.withLock { last in
      if let previous = last, now - previous < .milliseconds(100) { return false }
      last = now
      return true
    }
    guard isDue else { return nil }
    let elapsed = max(Self.seconds(now - start), 0.001)
    let mailRate = Int(Double(mails) / elapsed)
    let byteRate = String(format: "%.1f", Double(bytes) / elapsed / 1e6)
    return "\(mails) mails, \(mailRate) mails/s, \(byteRate) MB/s"
  }

  /// How long the rest will take at the rate so far: `2m05s`.
  func remaining(done: Int, total: Int) -> String {
    guard done > 0 else { return "?" }
    let seconds = Int(Self.seconds(clock.now - start) * Double(max(0, total - done)) / Double(done))
    return seconds < 60 ? "\(seconds)s" : String(format: "%dm%02ds", seconds / 60, seconds % 60)
  }

  /// Since the start, with two decimals.
  var seconds: String { String(format: "%.2f", Self.seconds(clock.now - start)) }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }
}
