package import Bytes

/// The right to process one item. It ends with `finish` or `release`; when neither comes in time another worker is given
/// the item as well, and whoever finishes first has finished it.
package struct QueueLease: Sendable {
  package let id: QueueItemID
  package let envelope: InboundEnvelope
  /// 1 at the first try since the process started.
  package let attempt: Int

  /// Tells this lease from later ones of the same item.
  let number: UInt64
  let frame: BlobReference
  let held: [UInt8]?
  let spooled: SpoolReference?

  init(_ taken: (id: QueueItemID, item: QueueState.Item)) {
    id = taken.id
    envelope = taken.item.envelope
    attempt = taken.item.attempts
    number = taken.item.lease
    frame = taken.item.reference
    switch taken.item.content {
    case .inline(let bytes): (held, spooled) = (bytes, nil)
    case .spooled(let reference): (held, spooled) = (nil, reference)
    }
  }
}

/// An unfinished item, for whoever looks at the queue.
package struct QueueItemSummary: Sendable {
  package enum Standing: Sendable, Equatable {
    case ready
    case leased
    case deferred
  }

  package let id: QueueItemID
  package let envelope: InboundEnvelope
  package let attempts: Int
  package let standing: Standing
  package let lastReason: String?

  init(id: QueueItemID, _ item: QueueState.Item) {
    self.id = id
    envelope = item.envelope
    attempts = item.attempts
    lastReason = item.lastReason
    switch item.standing {
    case .ready: standing = .ready
    case .leased: standing = .leased
    case .deferred: standing = .deferred
    }
  }
}

/// An item whose `finished` record is durable: it will not come again, and nobody is at work on it any more.
package struct FinishedItem: Sendable, Hashable {
  package let id: QueueItemID
  package let users: Set<UserID>

  package init(id: QueueItemID, users: Set<UserID>) {
    self.id = id
    self.users = users
  }
}

package struct InboundQueueOptions: Sendable {
  /// Over so many unfinished mails, `accept` refuses.
  package var maxDepth: Int
  /// After so long without `finish` an item goes to the next worker.
  package var leaseDuration: Duration
  /// Bytes of queued content kept in memory; what is over it is read back when it is needed.
  package var heldByteLimit: Int
  /// Called with items that will not come again and on which no worker is at work: who already has such a mail may be
  /// forgotten. A worker that never comes back from an expired lease keeps its item from being told. On the log's writing
  /// thread or a worker's: must be quick.
  package var didFinish: @Sendable ([FinishedItem]) -> Void

  package init(
    maxDepth: Int = 100_000, leaseDuration: Duration = .seconds(60), heldByteLimit: Int = 32 << 20,
    didFinish: @escaping @Sendable ([FinishedItem]) -> Void = { _ in }
  ) {
    self.maxDepth = maxDepth
    self.leaseDuration = leaseDuration
    self.heldByteLimit = heldByteLimit
    self.didFinish = didFinish
  }
}
