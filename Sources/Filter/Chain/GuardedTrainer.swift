import Bytes
import Logging

/// A trainer with a time limit, that learns one mail after another, and what is counted of it.
final class GuardedTrainer: Sendable {
  private static let maxConcurrent = 2
  private static let maxWaiting = 1_000

  let trainer: any FilterTrainer
  private let options: FilterChainOptions
  private let gate = ConcurrencyGate(limit: maxConcurrent, maxWaiting: maxWaiting)
  private let counts: Locked<FilterStatistics>
  private let logger: Logger

  init(_ trainer: any FilterTrainer, _ options: FilterChainOptions, logger: Logger) {
    self.trainer = trainer
    self.options = options
    self.logger = logger
    counts = Locked(FilterStatistics(name: trainer.name))
  }

  var statistics: FilterStatistics { counts.withLock { $0 } }

  /// - Throws: `FilterError` with a `retryAfter`; `CancellationError` when this task is cancelled.
  func learn(_ bytes: [UInt8], as spamClass: SpamClass) async throws {
    do {
      try await TimeLimit.run(options.learningTimeout) { [gate, trainer] in
        try await gate.enter()
        defer { gate.leave() }
        try await trainer.learn(bytes, as: spamClass)
      }
      counts.withLock { $0.learned[spamClass, default: 0] += 1 }
    } catch {
      if Task.isCancelled { throw CancellationError() }
      let failure = GuardedFilter.filterError(error).of(trainer.name).retried(after: options.retryAfter)
      counts.withLock { $0.learningErrors[failure.code, default: 0] += 1 }
      logger.warning("report not learned", metadata: ["filter": "\(trainer.name)", "error": "\(failure)"])
      throw failure
    }
  }
}
