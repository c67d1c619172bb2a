package import Bytes
package import Index
package import MailStore

/// Sizes and counts of one shard.
package struct ShardStatistics: Sendable {
  package let number: Int
  package let users: Int
  package let index: IndexStatistics
  /// Jobs that wait for the shard's writer.
  package let waitingJobs: Int
  /// What a new mail waits while compaction is behind.
  package let deliveryDelay: Duration
  /// What all new mails have waited so, since the start.
  package let deliveryWaited: Duration
  package let delayedDeliveries: Int
  package let refusedDeliveries: Int
  /// What holding new mail against saved searches costs.
  package let standing: StandingStatistics
}

/// What a service tells of itself, for metrics. Cheap: nothing is read from disk.
package struct ServiceStatistics: Sendable {
  package let shards: [ShardStatistics]
  /// What compaction has waited to keep to its rate, since the start.
  package let compactionThrottled: Duration
  /// Seconds from a search's arrival to its answer, waits included, of searches that failed too.
  package let searches: Histogram
  /// Of the mails that were received and are not processed; nil where none are received.
  package let queue: QueueStatistics?
  /// How old the oldest of them is; zero where there are none.
  package let oldestQueued: Duration
}

extension Mailboxes {
  /// Upper bounds of the buckets of search times.
  static let searchSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

  /// Blocks.
  package func statistics() throws -> [ShardStatistics] {
    try shards.map { Self.statistics(of: $0, users: try $0.users().count) }
  }

  /// Users are those with mail in the index.
  package func serviceStatistics() -> ServiceStatistics {
    ServiceStatistics(
      shards: shards.map { Self.statistics(of: $0, users: nil) }, compactionThrottled: pacer.throttled,
      searches: searches.withLock { $0 }, queue: queue?.statistics(), oldestQueued: oldestQueued)
  }

  /// The age of the oldest mail that was received and is not processed, by the time of day; zero where there are none.
  package var oldestQueued: Duration {
    guard let received = queue?.statistics().oldestReceivedAt else { return .zero }
    return .milliseconds(max(0, clock.now().rawValue &- received.rawValue))
  }

  private static func statistics(of shard: Shard, users: Int?) -> ShardStatistics {
    let index = shard.index.statistics()
    return ShardStatistics(
      number: shard.number, users: users ?? index.users, index: index, waitingJobs: shard.waitingCount,
      deliveryDelay: shard.brake.delay, deliveryWaited: shard.brake.waited,
      delayedDeliveries: shard.brake.delayedCount, refusedDeliveries: shard.brake.refusedCount,
      standing: shard.writer.standingStatistics)
  }

  /// What a mailbox takes in the index, which reads its dictionaries. Blocks.
  package func indexStatistics(of user: UserID) throws -> UserIndexStatistics {
    let shard = shard(of: user)
    return try shard.index.statistics(of: try shard.snapshot(of: user))
  }

  /// What a mailbox takes, without what is queued for it. From memory, on any thread.
  package func byteCount(of user: UserID) -> UInt64 { shard(of: user).writer.sizes.byteCount(of: user) }

  /// One mailbox counted row by row. Blocks.
  package func counts(of user: UserID) throws -> MailboxCounts {
    try shard(of: user).read(for: user) { try $0.counts(user) }
  }
}
