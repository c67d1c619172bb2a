package import Bytes

/// The right to process one item. It ends with `finish` or `release`; when neither comes in time another worker is given
/// the item as well, and whoever finishes first has finished it.
package struct QueueLease: Sendable {
  package let id: QueueItemID
  package let envelope: InboundEnvelope
  /// 1 at the first try since the process started.
  package let attempt: Int
  /// Tries before this one that speak against the mail, since the process started.
  package let failures: Int
  /// How often a process died while this mail was processed.
  package let deaths: Int

  /// Tells this lease from later ones of the same item.
  let number: UInt64
  let frame: BlobReference
  let held: [UInt8]?
  let spooled: SpoolReference?
  /// Whether `AttemptJournal` is told of it.
  let isSuspect: Bool

  init(_ taken: (id: QueueItemID, item: QueueState.Item)) {
    id = taken.id
    envelope = taken.item.envelope
    attempt = taken.item.attempts
    failures = taken.item.failures
    deaths = taken.item.deaths
    isSuspect = taken.item.isSuspect
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
  /// Of the content, without trace fields.
  package let byteCount: UInt64
  /// Since the process started.
  package let attempts: Int
  package let standing: Standing
  /// How long until it is tried again, of a deferred one; zero when that is over and no worker was free yet.
  package let nextTry: Duration?
  /// Why the last try failed.
  package let lastReason: String?
  package var receivedAt: Timestamp { envelope.receivedAt }

  init(id: QueueItemID, _ item: QueueState.Item, at now: Duration) {
    self.id = id
    envelope = item.envelope
    byteCount = item.byteCount
    attempts = item.attempts
    lastReason = item.lastReason
    nextTry = item.standing == .deferred ? item.dueAt.map { max(.zero, $0 - now) } : nil
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
