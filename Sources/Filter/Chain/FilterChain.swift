package import Bytes
package import Logging

/// All filters, asked at once about each mail, and the one verdict that their findings come to.
///
/// Safe to be used by many at once. `shutdown` comes last, when nobody asks any more.
package final class FilterChain: Sendable {
  private let filters: [GuardedFilter]
  private let trainers: [GuardedTrainer]
  private let options: FilterChainOptions

  /// - Parameters:
  ///   - filters: in the order in which the verdict names them.
  ///   - random: from 0 up to 1: how much longer than it must a failing filter is left alone.
  package init(
    filters: [any Filter], trainers: [any FilterTrainer] = [], options: FilterChainOptions = FilterChainOptions(),
    clock: any MonotonicClock = SystemClock(), logger: Logger = Logger(label: "filter"),
    random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
  ) {
    self.options = options
    self.filters = filters.map {
      GuardedFilter(
        $0, options.filters[$0.name] ?? options.other, retryAfter: options.retryAfter,
        reconnectAfter: options.reconnectAfter, clock: clock, random: random,
        logger: logger)
    }
    self.trainers = trainers.map { GuardedTrainer($0, options, logger: logger) }
  }

  /// There is nobody to ask: every mail is delivered.
  package var isEmpty: Bool { filters.isEmpty }

  /// There is nobody to learn.
  package var learns: Bool { !trainers.isEmpty }

  /// - Throws: `FilterError`, always with a `retryAfter`, when a filter cannot be asked and the operator has not said to deliver
  ///   unscanned, or wants the mail later; `CancellationError`.
  package func check(_ mail: FilteredMail) async throws -> FilterVerdict {
    // The others need not look at a mail that will come again anyway.
    for filter in filters where filter.options.onUnavailable == .defer {
      if let refusal = filter.refusal() { throw refusal }
    }
    var outcomes: [FilterOutcome?] = Array(repeating: nil, count: filters.count)
    try await withThrowingTaskGroup(of: (Int, FilterOutcome).self) { group in
      for (place, filter) in filters.enumerated() {
        group.addTask { (place, try await Self.ask(filter, mail)) }
      }
      for try await (place, outcome) in group { outcomes[place] = outcome }
    }
    return try FilterCombination(outcomes.compactMap(\.self), retryAfter: options.retryAfter).verdict()
  }

  private static func ask(_ filter: GuardedFilter, _ mail: FilteredMail) async throws -> FilterOutcome {
    do {
      return FilterOutcome(
        name: filter.name, onUnavailable: filter.options.onUnavailable, result: .success(try await filter.check(mail)))
    } catch let error as FilterError {
      return FilterOutcome(name: filter.name, onUnavailable: filter.options.onUnavailable, result: .failure(error))
    }
  }

  /// Tells all trainers what a user reports.
  /// - Throws: `FilterError` of the first that could not learn, when all were told; `CancellationError`.
  package func learn(_ bytes: [UInt8], as spamClass: SpamClass) async throws {
    var failure: FilterError?
    for trainer in trainers {
      do {
        try await trainer.learn(bytes, as: spamClass)
      } catch let error as FilterError {
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
  }

  /// In the order of the filters; trainers that are no filters follow.
  package func statistics() -> [FilterStatistics] {
    var all = filters.map(\.statistics)
    for trainer in trainers {
      let learned = trainer.statistics
      if let place = all.firstIndex(where: { $0.name == learned.name }) {
        all[place].learned = learned.learned
        all[place].learningErrors = learned.learningErrors
      } else {
        all.append(learned)
      }
    }
    return all
  }

  package func shutdown() async {
    for trainer in trainers { await trainer.trainer.shutdown() }
    for filter in filters { await filter.filter.shutdown() }
  }
}
