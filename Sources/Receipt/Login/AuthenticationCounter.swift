import Bytes
package import SMTP

/// Counts how AUTH commands ended, for the metrics.
package final class AuthenticationCounter: Sendable {
  private let state = Locked([SASLMechanism: [SASLReport.Result: Int]]())

  package init() {}

  func note(_ report: SASLReport) {
    state.withLock { $0[report.mechanism, default: [:]][report.result, default: 0] += 1 }
  }

  /// Since the start.
  package func count(_ mechanism: SASLMechanism, _ result: SASLReport.Result) -> Int {
    state.withLock { $0[mechanism]?[result] ?? 0 }
  }
}
