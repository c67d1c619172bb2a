import Bytes
import Logging

/// A filter with all that keeps it from harming the service: a time limit, a bound on mails at once, a circuit breaker; and what
/// is counted of it.
final class GuardedFilter: Sendable {
  private struct State {
    var breaker: CircuitBreaker
    var statistics: FilterStatistics
  }

  let filter: any Filter
  let options: FilterOptions
  private let retryAfter: Duration
  private let reconnectAfter: Duration
  private let gate: ConcurrencyGate
  private let state: Locked<State>
  private let clock: any MonotonicClock
  private let random: @Sendable () -> Double
  private let logger: Logger

  init(
    _ filter: any Filter, _ options: FilterOptions, retryAfter: Duration, reconnectAfter: Duration,
    clock: any MonotonicClock,
    random: @escaping @Sendable () -> Double, logger: Logger
  ) {
    self.filter = filter
    self.options = options
    self.retryAfter = retryAfter
    self.reconnectAfter = reconnectAfter
    self.clock = clock
    self.random = random
    self.logger = logger
    gate = ConcurrencyGate(limit: options.maxConcurrent, maxWaiting: options.maxWaiting)
    state = Locked(
      State(breaker: CircuitBreaker(options.breaker), statistics: FilterStatistics(name: filter.name)))
  }

  var name: String { filter.name }

  var statistics: FilterStatistics {
    var statistics = state.withLock { state in
      var statistics = state.statistics
      statistics.breaker = state.breaker.state
      return statistics
    }
    statistics.inFlight = gate.count
    return statistics
  }

  /// Why it would not be asked now. Counted as an error: the mail that asks is not looked at.
  func refusal() -> FilterError? {
    let now = clock.elapsed()
    let after = state.withLock { state -> Duration? in
      let after = state.breaker.refusal(at: now)
      if after != nil { state.statistics.errors[.circuitOpen, default: 0] += 1 }
      return after
    }
    return after.map(circuitOpen)
  }

  /// - Throws: `FilterError` with a `retryAfter`; `CancellationError` when this task is cancelled.
  func check(_ mail: FilteredMail) async throws -> FilterFinding {
    let start = clock.elapsed()
    let isProbe = try admit(at: start)
    let isInside = Locked(false)
    do {
      let finding = try await TimeLimit.run(options.timeout) { [gate, filter] in
        try await gate.enter()
        defer { gate.leave() }
        isInside.withLock { $0 = true }
        return try await filter.check(mail)
      }
      note(finding, from: start)
      return finding
    } catch {
      if Task.isCancelled {
        state.withLock { $0.breaker.abandon(isProbe: isProbe, at: clock.elapsed()) }
        throw CancellationError()
      }
      var failure = Self.filterError(error)
      // It was never asked: no fault of the filter's.
      if failure.code == .timeout, !isInside.withLock({ $0 }) {
        failure = FilterError(.overloaded, "no place within \(options.timeout)")
      }
      throw note(failure.of(name), isProbe: isProbe, from: start)
    }
  }

  // MARK: Private

  private func circuitOpen(_ after: Duration) -> FilterError {
    FilterError(.circuitOpen, "\(name): failed \(options.breaker.failures) times and is left alone", retryAfter: after)
  }

  private func admit(at now: Duration) throws(FilterError) -> Bool {
    let admission = state.withLock { state in
      let admission = state.breaker.admit(at: now)
      switch admission {
      case .go: state.statistics.asked += 1
      case .refuse: state.statistics.errors[.circuitOpen, default: 0] += 1
      }
      return admission
    }
    switch admission {
    case .go(let isProbe): return isProbe
    case .refuse(let after): throw circuitOpen(after)
    }
  }

  private func note(_ finding: FilterFinding, from start: Duration) {
    let spent = clock.elapsed() - start
    let isBack = state.withLock { state in
      state.statistics.findings[finding.action, default: 0] += 1
      state.statistics.secondsSpent += spent / .seconds(1)
      return state.breaker.succeed()
    }
    if isBack { logger.notice("filter answers again", metadata: ["filter": "\(name)"]) }
  }

  /// - Returns: the error with when to try again.
  private func note(_ error: FilterError, isProbe: Bool, from start: Duration) -> FilterError {
    let now = clock.elapsed()
    let random = random()
    let delay = state.withLock { state -> Duration? in
      state.statistics.errors[error.code, default: 0] += 1
      state.statistics.secondsSpent += (now - start) / .seconds(1)
      // Too many mails are no fault of the filter.
      guard error.code != .overloaded else {
        state.breaker.abandon(isProbe: isProbe, at: now)
        return nil
      }
      return state.breaker.fail(isProbe: isProbe, at: now, random: random)
    }
    logger.warning("filter gave no answer", metadata: ["filter": "\(name)", "error": "\(error)"])
    if let delay {
      logger.error("filter is left alone", metadata: ["filter": "\(name)", "seconds": "\(delay / .seconds(1))"])
    }
    return error.retried(after: delay ?? (error.code == .unreachable ? reconnectAfter : retryAfter))
  }

  static func filterError(_ error: any Error) -> FilterError {
    switch error {
    case let error as FilterError: error
    case is BlockingThreads.Overloaded: FilterError(.overloaded, "too many mails wait for its threads")
    default: FilterError(.protocolError, SafeText.line("\(error)", limit: SafeText.reasonByteCount))
    }
  }
}
