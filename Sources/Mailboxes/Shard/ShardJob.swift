/// What a shard's writer is asked to do.
enum ShardJob: Sendable {
  /// A request. `run` stages changes and gives back what to do when they are durable; exactly one of that, or `fail`, is
  /// called. `run` may be called again when another job of its batch failed half-way and nothing of the batch was kept.
  case write(run: @Sendable (ShardTransaction) throws -> Completion, fail: @Sendable (any Error) -> Void)
  /// Work between two batches, when nothing is staged: showing the view's changes, trimming.
  case upkeep(@Sendable (ShardWriter) -> Void)

  typealias Completion = @Sendable () -> Void
}
