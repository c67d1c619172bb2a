import Bytes
import DequeModule
import HeapModule

/// What the inbound queue knows of its items, without locks, files or waiting: a value that `InboundQueue` guards.
///
///     accepted ─→ ready ─→ leased ─→ finished (gone)
///                  ↑ ↑       │ ↑
///                  │ expired─┘ └───────┐
///                  └────────  deferred ←─ released
///
/// Which of the ready ones is leased next `ReadyOrder` says. A worker whose lease has expired may still be at work, and finish
/// the item for whoever has it now. Times are those of a monotonic clock; random is the jitter alone, and one seed replays it.
struct QueueState {
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
  /// An estimate of the memory of the envelopes.
  private(set) var envelopeByteCount = 0
  private(set) var counts = QueueCounts()
  private var byUser: [UserID: Set<QueueItemID>] = [:]
  private var ready = ReadyOrder()
  private var suspects = SuspectLine()
  /// Of the contents of `byUser`.
  private var byteCounts: [UserID: UInt64] = [:]
  private var alarms = Heap<Alarm>()
  /// In the order of coming; those that are gone leave when they are first, or when they are most.
  private var arrivals = Deque<QueueItemID>()
  private var lastLease: UInt64 = 0
  private let backoff: RetryBackoff
  private var random: SplitMix64

  init(backoff: RetryBackoff = RetryBackoff(), seed: UInt64 = 0) {
    self.backoff = backoff
    random = SplitMix64(seed: seed)
  }

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

  var hasReady: Bool { !ready.isEmpty }

  func readyCount(of kind: QueueClass) -> Int { ready.count(of: kind) }

  /// Since when the item that waits longest for a worker is ready.
  mutating func oldestReadySince() -> Duration? { ready.oldestSince() }

  /// The item that came first, by the time that its envelope has.
  mutating func oldestReceivedAt() -> Timestamp? {
    while let first = arrivals.first, items[first] == nil { arrivals.removeFirst() }
    return arrivals.first.flatMap { items[$0]?.envelope.receivedAt }
  }

  mutating func add(_ id: QueueItemID, _ item: Item, at now: Duration) {
    var item = item
    item.kind = kind(of: item)
    items[id] = item
    if case .inline(let held?) = item.content { heldByteCount += held.count }
    envelopeByteCount += item.envelopeByteCount
    counts.ready += 1
    for user in item.envelope.users {
      byUser[user, default: []].insert(id)
      // A queue's length bounds the sum, which so cannot overflow.
      byteCounts[user, default: 0] &+= item.byteCount
    }
    arrivals.append(id)
    if arrivals.count > 2 * items.count + 1_024 { arrivals = Deque(arrivals.filter { items[$0] != nil }) }
    makeReady(id, at: now)
  }

  private func kind(of item: Item) -> QueueClass {
    let recipients = item.envelope.recipients
    if item.byteCount > QueueClass.largeByteCount { return .large }
    if recipients.count > QueueClass.bulkRecipientCount { return .bulk }
    if ready.waitingCount(of: item.sender, in: .prompt) >= QueueClass.crowd { return .bulk }
    return recipients.allSatisfy { pendingCount(for: $0.user) >= QueueClass.crowd } ? .bulk : .prompt
  }

  private mutating func makeReady(_ id: QueueItemID, at now: Duration) {
    guard let item = items[id], !item.isIsolated || suspects.mayGo(id) else { return }
    let isFresh = item.attempts == 0 && !item.isIsolated
    ready.insert(id, in: isFresh ? item.kind : .retry, of: item.sender, cost: item.cost, at: now)
  }

  /// The one before it has come back, or its lease has expired.
  private mutating func letNextSuspectGo(after id: QueueItemID, at now: Duration) {
    guard suspects.leave(id) else { return }
    while let next = suspects.popFirst() {
      guard items[next]?.standing == .ready, !ready.contains(next) else { continue }
      makeReady(next, at: now)
      return
    }
  }

  /// Moves what is due at `now` to where it can be taken.
  mutating func ring(at now: Duration) {
    while let alarm = alarms.min, alarm.due <= now {
      alarms.removeMin()
      guard let item = items[alarm.id], item.lease == alarm.lease, item.standing != .ready else { continue }
      if item.standing == .leased {
        // Its worker died, or is slower than it may be: both speak against the mail.
        items[alarm.id]?.failures += 1
        items[alarm.id]?.lastReason = "a worker did not come back in time"
        counts.expired += 1
        letNextSuspectGo(after: alarm.id, at: now)
      }
      stand(alarm.id, .ready)
      makeReady(alarm.id, at: now)
    }
  }

  /// When something becomes due that is not ready now.
  var nextAlarm: Duration? { alarms.min?.due }

  mutating func take(at now: Duration, for leaseDuration: Duration) -> (id: QueueItemID, item: Item)? {
    ring(at: now)
    while let id = ready.next() {
      guard items[id]?.standing == .ready else { continue }
      items[id]?.attempts += 1
      counts.attempts += 1
      if items[id].map({ $0.attempts > 1 }) == true { counts.retries += 1 }
      return lease(id, at: now, for: leaseDuration)
    }
    return nil
  }

  /// Takes this one, whenever its turn were; no try of the mail.
  /// - Returns: nil where it is leased, or is not here.
  mutating func take(_ id: QueueItemID, at now: Duration, for leaseDuration: Duration) -> (id: QueueItemID, item: Item)?
  {
    ring(at: now)
    // A worker whose lease has expired may still deliver it.
    guard let item = items[id], item.standing != .leased, item.openLeases.isEmpty else { return nil }
    ready.remove(id)
    return lease(id, at: now, for: leaseDuration)
  }

  private mutating func lease(
    _ id: QueueItemID, at now: Duration, for leaseDuration: Duration
  ) -> (id: QueueItemID, item: Item)? {
    lastLease += 1
    items[id]?.lease = lastLease
    items[id]?.openLeases.insert(lastLease)
    stand(id, .leased)
    alarms.insert(Alarm(due: now + leaseDuration, id: id, lease: lastLease))
    return items[id].map { (id, $0) }
  }

  /// Any lease of the item will do: what its worker has done is done.
  /// - Returns: the item with the leases that are still open, unless it is gone or the lease has ended already.
  mutating func finish(_ id: QueueItemID, lease: UInt64, isSetAside: Bool = false, at now: Duration) -> Item? {
    guard var item = items[id], item.openLeases.remove(lease) != nil else { return nil }
    items[id] = nil
    counts.change(item.standing, by: -1)
    if isSetAside { counts.setAside += 1 }
    ready.remove(id)
    if case .inline(let held?) = item.content { heldByteCount -= held.count }
    envelopeByteCount -= item.envelopeByteCount
    for user in item.envelope.users {
      byUser[user]?.remove(id)
      byteCounts[user, default: 0] &-= item.byteCount
      if byUser[user]?.isEmpty == true {
        byUser[user] = nil
        byteCounts[user] = nil
      }
    }
    letNextSuspectGo(after: id, at: now)
    return item
  }

  /// - Parameters:
  ///   - retryAfter: nil for as long as the backoff says.
  ///   - isFailure: whether the try counts against the mail.
  /// - Returns: the item, unless the lease has expired meanwhile: then others have it, or will.
  mutating func release(
    _ id: QueueItemID, lease: UInt64, retryAfter: Duration?, reason: String, isFailure: Bool = true, at now: Duration
  ) -> Item? {
    items[id]?.openLeases.remove(lease)
    guard var item = items[id], item.lease == lease, case .leased = item.standing else { return nil }
    let delay =
      retryAfter.map { min(max(.zero, $0), RetryBackoff.longestWish) }
      ?? backoff.delay(after: item.attempts, using: &random)
    item.lastReason = reason
    item.dueAt = now + delay
    if isFailure { item.failures += 1 }
    // The process has outlived the try.
    item.isSuspect = false
    // Voids the alarm of the lease itself.
    lastLease += 1
    item.lease = lastLease
    items[id] = item
    stand(id, .deferred)
    alarms.insert(Alarm(due: now + delay, id: id, lease: lastLease))
    letNextSuspectGo(after: id, at: now)
    return item
  }

  /// Makes deferred items ready, and forgets what spoke against them.
  /// - Returns: how many.
  mutating func retryNow(_ ids: some Sequence<QueueItemID>, at now: Duration) -> Int {
    var count = 0
    for id in ids where items[id]?.standing == .deferred {
      lastLease += 1
      items[id]?.lease = lastLease
      items[id]?.failures = 0
      // If it was the end of processes, the next one must be seen as well.
      if items[id].map({ $0.deaths > 0 }) == true { items[id]?.isSuspect = true }
      items[id]?.deaths = 0
      stand(id, .ready)
      makeReady(id, at: now)
      count += 1
    }
    return count
  }

  private mutating func stand(_ id: QueueItemID, _ standing: Standing) {
    guard let old = items[id]?.standing else { return }
    counts.change(old, by: -1)
    counts.change(standing, by: 1)
    items[id]?.standing = standing
  }
}
