import Bytes

/// What the mail of each user of a shard takes, in bytes, for receipt to ask on an event loop.
///
/// Loaded from the view when the shard is opened, which is then at the end of its journal; from there on the writer notes, when
/// a batch is durable and before its callers are answered, what the users of the batch have. So no crash and no rolled back
/// batch leaves a wrong number here, and a mail that the queue has finished is counted.
final class MailboxSizes: Sendable {
  private let byteCounts: Locked<[UserID: UInt64]>

  init(_ byteCounts: [UserID: UInt64]) { self.byteCounts = Locked(byteCounts) }

  /// - Complexity: O(1); waits for nothing but other looks into the table.
  func byteCount(of user: UserID) -> UInt64 { byteCounts.withLock { $0[user] ?? 0 } }

  func note(_ byteCount: UInt64, of user: UserID) {
    byteCounts.withLock { $0[user] = byteCount == 0 ? nil : byteCount }
  }
}
