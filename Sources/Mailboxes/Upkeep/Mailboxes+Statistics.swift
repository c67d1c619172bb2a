package import Bytes
package import Index
package import MailStore

/// Sizes and counts of one shard.
package struct ShardStatistics: Sendable {
  package let number: Int
  package let users: Int
  package let index: IndexStatistics
}

extension Mailboxes {
  /// Blocks.
  package func statistics() throws -> [ShardStatistics] {
    try shards.map { shard in
      ShardStatistics(number: shard.number, users: try shard.users().count, index: shard.index.statistics())
    }
  }

  /// What a mailbox takes in the index, which reads its dictionaries. Blocks.
  package func indexStatistics(of user: UserID) throws -> UserIndexStatistics {
    let shard = shard(of: user)
    return try shard.index.statistics(of: try shard.snapshot(of: user))
  }

  /// One mailbox counted row by row. Blocks.
  package func counts(of user: UserID) throws -> MailboxCounts {
    try shard(of: user).read(for: user) { try $0.counts(user) }
  }
}
