/// How a filter is asked.
package struct FilterOptions: Hashable, Sendable {
  /// What to do with a mail when the filter cannot be asked.
  package enum Unavailable: String, CaseIterable, Hashable, Sendable {
    /// It is tried again later.
    case `defer`
    /// It is delivered without this filter's opinion, which a symbol says.
    case deliver
  }

  package var timeout = Duration.seconds(30)
  package var onUnavailable = Unavailable.defer
  /// Mails at once.
  package var maxConcurrent = 16
  package var maxWaiting = 1_000
  package var breaker = CircuitBreakerOptions()

  package init() {}
}

package struct FilterChainOptions: Sendable {
  /// By the filter's name.
  package var filters: [String: FilterOptions]
  /// For those that are not named.
  package var other: FilterOptions
  /// When to try a mail again where nothing better is known.
  package var retryAfter = Duration.seconds(60)
  /// The same where nobody listens: soon, for a filter that is being restarted. One that stays away is left alone by its circuit
  /// breaker, which knows better.
  package var reconnectAfter = Duration.seconds(10)
  /// What trainers may take for a mail.
  package var learningTimeout = Duration.seconds(30)

  package init(filters: [String: FilterOptions] = [:], other: FilterOptions = FilterOptions()) {
    self.filters = filters
    self.other = other
  }
}
