/// What a filter did since the start.
package struct FilterStatistics: Hashable, Sendable {
  package enum Breaker: String, CaseIterable, Hashable, Sendable {
    case closed, open
    case halfOpen = "half_open"
  }

  package let name: String
  /// Mails that it was asked about; those that the breaker kept from it are counted as errors alone.
  package var asked = 0
  package var findings: [FilterAction: Int] = [:]
  package var errors: [FilterError.Code: Int] = [:]
  package var breaker = Breaker.closed
  /// From asking to the answer, waiting for a place included; over all mails.
  package var secondsSpent = 0.0
  package var inFlight = 0
  /// Reports that it learned from, or knew.
  package var learned: [SpamClass: Int] = [:]
  package var learningErrors: [FilterError.Code: Int] = [:]

  package init(name: String) { self.name = name }
}
