package import Bytes

/// What the reading of documents has come to, since the start.
package struct DocumentStatistics: Sendable {
  /// By outcome; those that were found in the cache are not among them.
  package private(set) var outcomes: [DocumentOutcome: Int] = [:]
  /// Documents whose text was known from before.
  package private(set) var cached = 0
  /// Seconds that a reader took.
  package private(set) var seconds = Histogram(bounds: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30])

  init() {}

  mutating func noteCached() { cached += 1 }

  mutating func note(_ outcome: DocumentOutcome, _ spent: Duration) {
    outcomes[outcome, default: 0] += 1
    if outcome != .busy && outcome != .stopped { seconds.note(spent / .seconds(1)) }
  }
}
