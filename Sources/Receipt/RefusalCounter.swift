import Bytes
package import SMTP

/// Counts what was refused, by reason, for the metrics.
package final class RefusalCounter: Sendable {
  private let state = Locked([RefusalReason: Int]())

  package init() {}

  func note(_ reason: RefusalReason) { state.withLock { $0[reason, default: 0] += 1 } }

  /// Since the start; nothing for a reason that never was.
  package var counts: [RefusalReason: Int] { state.withLock { $0 } }
}
