import MailStore

/// Which mails are not tried any more.
package struct PoisonRule: Sendable {
  /// Tries that speak against the mail, since the process started. Those that failed for trouble of ours do not
  /// (`TemporaryTrouble`).
  package var maxFailures: Int
  /// Processes that died while the mail was processed, over restarts. The first such death leaves no trace, so one more is needed.
  package var maxDeaths: Int

  package init(maxFailures: Int = 20, maxDeaths: Int = 3) {
    self.maxFailures = maxFailures
    self.maxDeaths = maxDeaths
  }

  /// - Returns: nil for a mail that may be tried.
  func reasonNotToTry(_ lease: QueueLease) -> String? {
    if lease.failures >= maxFailures { return "failed \(lease.failures) times; workers did not come back from it" }
    guard lease.deaths >= maxDeaths else { return nil }
    return "the process died \(lease.deaths) times while this mail was processed"
  }

  /// - Returns: nil for a mail that may be tried again.
  func reasonToGiveUp(_ lease: QueueLease, _ error: any Error) -> String? {
    guard lease.failures + 1 >= maxFailures else { return nil }
    return "failed \(lease.failures + 1) times, at last: \(error)"
  }
}
