/// When a filter that fails is left alone, and for how long.
package struct CircuitBreakerOptions: Hashable, Sendable {
  /// Failures one after another that open the circuit.
  package var failures = 5
  /// How long it stays open the first time; each probe that fails doubles it.
  package var firstDelay = Duration.seconds(5)
  package var maxDelay = Duration.seconds(300)
  /// By which share of itself a delay is made longer at most, so that several servers do not probe at once.
  package var jitter = 0.25

  package init() {}
}

/// Leaves a filter alone that fails again and again, and lets one mail through now and then to see whether it is back.
///
///     closed ── so many failures in a row ──► open ── after a delay ──► half open: one probe
///        ▲                                     ▲                              │
///        └────────── the probe succeeds ───────┼──────────────────────────────┤
///                                              └── it fails: twice the delay ─┘
///
/// A value without a clock: whoever holds it says what time it is.
struct CircuitBreaker: Sendable {
  enum Admission: Hashable, Sendable {
    case go(isProbe: Bool)
    /// - Parameter after: when to come again.
    case refuse(after: Duration)
  }

  private enum Phase {
    case closed
    case open(until: Duration)
    case probing
  }

  private let options: CircuitBreakerOptions
  private var phase = Phase.closed
  private var failures = 0
  /// Times that it opened since it was last closed.
  private var openings = 0

  init(_ options: CircuitBreakerOptions) { self.options = options }

  var state: FilterStatistics.Breaker {
    switch phase {
    case .closed: .closed
    case .open: .open
    case .probing: .halfOpen
    }
  }

  /// When to come again; nil for a mail that would be let through now.
  func refusal(at now: Duration) -> Duration? {
    switch phase {
    case .closed: nil
    case .open(let until): now < until ? until - now : nil
    case .probing: options.firstDelay
    }
  }

  /// Every `go` is followed by one of `succeed`, `fail` and `abandon`, with its `isProbe`.
  mutating func admit(at now: Duration) -> Admission {
    if let after = refusal(at: now) { return .refuse(after: after) }
    guard case .open = phase else { return .go(isProbe: false) }
    phase = .probing
    return .go(isProbe: true)
  }

  /// - Returns: whether this closed it.
  mutating func succeed() -> Bool {
    failures = 0
    openings = 0
    guard case .closed = phase else {
      phase = .closed
      return true
    }
    return false
  }

  /// - Parameter random: from 0 up to 1.
  /// - Returns: for how long this opened it; nil where it did not.
  mutating func fail(isProbe: Bool, at now: Duration, random: Double) -> Duration? {
    switch phase {
    case .closed:
      failures += 1
      return failures >= options.failures ? open(at: now, random: random) : nil
    case .probing where isProbe: return open(at: now, random: random)
    // What was asked before it opened says nothing new.
    case .probing, .open: return nil
    }
  }

  /// The question was taken back: whoever comes next finds out.
  mutating func abandon(isProbe: Bool, at now: Duration) {
    if isProbe, case .probing = phase { phase = .open(until: now) }
  }

  private mutating func open(at now: Duration, random: Double) -> Duration {
    // Thirty doublings of a millisecond are more than a week.
    let doubled = options.firstDelay * Double(1 << min(openings, 30))
    let delay = min(doubled, options.maxDelay) * (1 + options.jitter * random)
    openings += 1
    failures = 0
    phase = .open(until: now + delay)
    return delay
  }
}
