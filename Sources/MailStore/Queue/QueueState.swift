import Bytes
import DequeModule
import HeapModule

/// What the inbound queue knows of its items, without locks, files or waiting: a value that `InboundQueue` guards.
///
///     accepted ─→ fresh ─→ leased ─→ finished (gone)
///                   ↑        │ ↑
///                   │ expired┘ └───────┐
///                   └────────  deferred ←─ released
///
/// A worker whose lease has expired may still be at work, and finish the item for whoever has it now. Times are those of
/// a monotonic clock.
struct QueueState {
  struct Item {
    let envelope: InboundEnvelope
    let reference: BlobReference
    let content: Content
    /// Of the content, held or not.
    let byteCount: UInt64
    var attempts = 0
    var standing = Standing.ready
    /// The newest lease, also when it has expired; or what has voided it.
    var lease: UInt64 = 0
    /// Leases whose workers have not come back, expired ones too.
    var openLeases: Set<UInt64> = []
    var lastReason: String?
  }

  enum Content {
    case inline(held: [UInt8]?)
    case spooled(SpoolReference)
  }

  enum Standing: Equatable {
    case ready
    case leased
    case deferred
  }

  private struct Alarm: Comparable {
    let due: Duration
    let id: QueueItemID
    /// Of the item's lease when the alarm was set: a later lease makes it void.
    let lease: UInt64

    static func < (left: Self, right: Self) -> Bool { (left.due, left.id) < (right.due, right.id) }
  }

  private(set) var items: [QueueItemID: Item] = [:]
  private(set) var heldByteCount = 0
  private var byUser: [UserID: Set<QueueItemID>] = [:]
  /// Of the contents of `byUser`.
  private var byteCounts: [UserID: UInt64] = [:]
  /// Never tried, or tried by a worker that died. Oldest first.
  private var fresh = Heap<QueueItemID>()
  /// Given back by a worker and due again, in the order they became due. They take turns with the fresh ones, so that
  /// neither blocks the other.
  private var retries = Deque<QueueItemID>()
  private var isRetryTurn = false
  private var alarms = Heap<Alarm>()
  private var lastLease: UInt64 = 0

  func pendingCount(for user: UserID) -> Int { byUser[user]?.count ?? 0 }

  func pendingByteCount(for user: UserID) -> UInt64 { byteCounts[user] ?? 0 }

  /// The user's items that are expected to be processed soon: not those that were put off.
  func expected(for user: UserID) -> Set<QueueItemID> { (byUser[user] ?? []).filter(isExpected) }

  /// False only where there are none: where many are under way or put off they are not looked through, as who asks may be on an
  /// event loop.
  func mayExpect(for user: UserID) -> Bool {
    guard let items = byUser[user] else { return false }
    return items.count > 64 || items.contains(where: isExpected)
  }

  private func isExpected(_ id: QueueItemID) -> Bool { items[id]?.standing != .deferred }

  var hasReady: Bool { !fresh.isEmpty || !retries.isEmpty }

  mutating func add(_ id: QueueItemID, _ item: Item) {
    items[id] = item
    if case .inline(let held?) = item.content { heldByteCount += held.count }
    for user in item.envelope.users {
      byUser[user, default: []].insert(id)
      // A queue's length bounds the sum, which so cannot overflow.
      byteCounts[user, default: 0] &+= item.byteCount
    }
    fresh.insert(id)
  }

  /// Moves what is due at `now` to where it can be taken.
  mutating func ring(at now: Duration) {
    while let alarm = alarms.min, alarm.due <= now {
      alarms.removeMin()
      guard let item = items[alarm.id], item.lease == alarm.lease else { continue }
      switch item.standing {
      case .ready: continue
      case .leased: fresh.insert(alarm.id)
      case .deferred: retries.append(alarm.id)
      }
      items[alarm.id]?.standing = .ready
    }
  }

  /// When something becomes due that is not ready now.
  var nextAlarm: Duration? { alarms.min?.due }

  mutating func take(at now: Duration, for leaseDuration: Duration) -> (id: QueueItemID, item: Item)? {
    ring(at: now)
    while let id = takeReady() {
      guard var item = items[id], item.standing == .ready else { continue }
      lastLease += 1
      item.lease = lastLease
      item.openLeases.insert(lastLease)
      item.attempts += 1
      item.standing = .leased
      items[id] = item
      alarms.insert(Alarm(due: now + leaseDuration, id: id, lease: lastLease))
      return (id, item)
    }
    return nil
  }

  private mutating func takeReady() -> QueueItemID? {
    defer { isRetryTurn.toggle() }
    if isRetryTurn || fresh.isEmpty, let id = retries.popFirst() { return id }
    return fresh.popMin()
  }

  /// Any lease of the item will do: what its worker has done is done.
  /// - Returns: the item with the leases that are still open, unless it is gone or the lease has ended already.
  mutating func finish(_ id: QueueItemID, lease: UInt64) -> Item? {
    guard var item = items[id], item.openLeases.remove(lease) != nil else { return nil }
    items[id] = nil
    if case .inline(let held?) = item.content { heldByteCount -= held.count }
    for user in item.envelope.users {
      byUser[user]?.remove(id)
      byteCounts[user, default: 0] &-= item.byteCount
      if byUser[user]?.isEmpty == true {
        byUser[user] = nil
        byteCounts[user] = nil
      }
    }
    return item
  }

  /// - Returns: the item, unless the lease has expired meanwhile: then others have it, or will.
  mutating func release(_ id: QueueItemID, lease: UInt64, until: Duration, reason: String) -> Item? {
    items[id]?.openLeases.remove(lease)
    guard var item = items[id], item.lease == lease, case .leased = item.standing else { return nil }
    item.standing = .deferred
    item.lastReason = reason
    // Voids the alarm of the lease itself.
    lastLease += 1
    item.lease = lastLease
    items[id] = item
    alarms.insert(Alarm(due: until, id: id, lease: lastLease))
    return item
  }
}
