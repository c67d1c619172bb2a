import DequeModule
import HeapModule

/// In which order ready mails are leased: classes by weight, in each the senders in turn by what their mails cost, of each sender
/// the oldest first; and every `agingInterval`th lease goes to what has been ready longest, whatever it is.
///
/// The turns are self-clocked fair queueing (Golestani 1994): who waits has a tag, the clock when it came to the head plus its cost;
/// the lowest tag is next, and is then the clock. So nobody has to be remembered who has nothing waiting, and newcomers, however
/// many, stand behind whoever has waited since the clock stood a cost lower. The last rule bounds every wait without a word about
/// who else comes: what k ready mails are older than is leased after 8 (k + 1) leases at most. See docs/decisions/queue-order.md.
///
/// An entry whose mail was taken by another way stays until it comes up, or until there are more of them than of ready mails.
///
/// - Complexity: O(log n) for each operation, amortised.
struct ReadyOrder {
  static let agingInterval = 8

  private struct Entry: Comparable {
    let id: QueueItemID
    let turn: UInt64
    let cost: UInt64

    static func < (left: Self, right: Self) -> Bool { left.id < right.id }
  }

  private struct Ticket {
    let turn: UInt64
    let lane: QueueClass
  }

  private struct Age {
    let id: QueueItemID
    let turn: UInt64
    let since: Duration
  }

  private var live: [QueueItemID: Ticket] = [:]
  private var lanes = QueueClass.allCases.map { Lane($0) }
  private var ages = Deque<Age>()
  private var entryCount = 0
  private var clock: UInt64 = 0
  private var lastTurn: UInt64 = 0
  private var takeCount = 0

  var isEmpty: Bool { live.isEmpty }
  var count: Int { live.count }
  func count(of lane: QueueClass) -> Int { lanes[lane.rawValue].count }

  /// Places in memory, of those taken out of turn too.
  var storedCount: Int { ages.count + entryCount }

  func contains(_ id: QueueItemID) -> Bool { live[id] != nil }

  /// Mails of a sender that wait in a class; some of them may be gone by another way.
  func waitingCount(of sender: SenderKey, in lane: QueueClass) -> Int { lanes[lane.rawValue].waitingCount(of: sender) }

  /// - Parameter now: when it is ready; never goes back.
  mutating func insert(_ id: QueueItemID, in lane: QueueClass, of sender: SenderKey, cost: UInt64, at now: Duration) {
    if live[id] != nil { return }
    lastTurn += 1
    live[id] = Ticket(turn: lastTurn, lane: lane)
    ages.append(Age(id: id, turn: lastTurn, since: now))
    lanes[lane.rawValue].insert(Entry(id: id, turn: lastTurn, cost: cost), of: sender, clock: clock)
    entryCount += 1
  }

  /// The next one, which is no longer here then.
  mutating func next() -> QueueItemID? {
    guard !live.isEmpty else { return nil }
    takeCount += 1
    guard let id = takeCount.isMultiple(of: Self.agingInterval) ? oldest() : fairest() else { return nil }
    remove(id)
    return id
  }

  /// Takes one out of its turn. Nothing happens if it is not here.
  mutating func remove(_ id: QueueItemID) {
    guard let ticket = live.removeValue(forKey: id) else { return }
    lanes[ticket.lane.rawValue].count -= 1
    if live.isEmpty {
      ages.removeAll(keepingCapacity: ages.count < 1_024)
      for index in lanes.indices { lanes[index].removeAll() }
      entryCount = 0
    } else {
      sweepIfNeeded()
    }
  }

  /// Since when the one that has been ready longest is so.
  mutating func oldestSince() -> Duration? {
    dropStaleAges()
    return ages.first?.since
  }

  private mutating func dropStaleAges() {
    while let first = ages.first, live[first.id]?.turn != first.turn { ages.removeFirst() }
  }

  private mutating func oldest() -> QueueItemID? {
    dropStaleAges()
    return ages.first?.id
  }

  private mutating func fairest() -> QueueItemID? {
    var best: (index: Int, tag: UInt64)?
    for index in lanes.indices where lanes[index].count > 0 {
      entryCount -= lanes[index].settle { [live] in live[$0.id]?.turn == $0.turn }
      guard let tag = lanes[index].tag else { continue }
      if best.map({ tag < $0.tag }) ?? true { best = (index, tag) }
    }
    guard let best else { return nil }
    clock = max(clock, best.tag)
    entryCount -= 1
    return lanes[best.index].pop(at: best.tag)?.id
  }

  /// What was taken out of turn must not fill the memory.
  private mutating func sweepIfNeeded() {
    let limit = 2 * live.count + 1_024
    if ages.count > limit {
      ages = Deque(ages.filter { live[$0.id]?.turn == $0.turn })
    }
    if entryCount > limit {
      for index in lanes.indices {
        entryCount -= lanes[index].sweep { [live] in live[$0.id]?.turn == $0.turn }
      }
    }
  }
}

extension ReadyOrder {
  /// The mails of one class.
  private struct Lane {
    private struct Flow {
      var entries: Heap<Entry>
      /// The clock when its first mail came to its head.
      var start: UInt64
    }

    /// Of each flow one.
    private struct Head: Comparable {
      let tag: UInt64
      /// Of two with one tag the first that came.
      let number: UInt64
      let sender: SenderKey

      static func < (left: Self, right: Self) -> Bool { (left.tag, left.number) < (right.tag, right.number) }
      static func == (left: Self, right: Self) -> Bool { left.number == right.number }
    }

    private let stride: UInt64
    private var flows: [SenderKey: Flow] = [:]
    private var heads = Heap<Head>()
    /// The tag of what this class gave last.
    private var clock: UInt64 = 0
    private var lastNumber: UInt64 = 0
    /// Against the other classes.
    private var start: UInt64 = 0
    /// Without what was taken out of turn.
    var count = 0

    init(_ kind: QueueClass) { stride = kind.stride }

    func waitingCount(of sender: SenderKey) -> Int { flows[sender]?.entries.count ?? 0 }

    mutating func insert(_ entry: Entry, of sender: SenderKey, clock outer: UInt64) {
      if count == 0 { start = max(start, outer) }
      count += 1
      guard flows[sender]?.entries.insert(entry) == nil else { return }
      flows[sender] = Flow(entries: [entry], start: clock)
      addHead(sender, tag: clock + entry.cost)
    }

    private mutating func addHead(_ sender: SenderKey, tag: UInt64) {
      lastNumber += 1
      heads.insert(Head(tag: tag, number: lastNumber, sender: sender))
    }

    /// Makes the first head's first entry one that counts.
    /// - Returns: how many entries were dropped.
    mutating func settle(_ isLive: (Entry) -> Bool) -> Int {
      var dropped = 0
      while let head = heads.min {
        var droppedHere = 0
        while let entry = flows[head.sender]?.entries.min, !isLive(entry) {
          flows[head.sender]?.entries.removeMin()
          droppedHere += 1
        }
        if droppedHere == 0 { break }
        dropped += droppedHere
        heads.removeMin()
        if let flow = flows[head.sender], let entry = flow.entries.min {
          addHead(head.sender, tag: flow.start + entry.cost)
        } else {
          flows[head.sender] = nil
        }
      }
      return dropped
    }

    /// Of the class among classes; nil where nothing waits. After `settle`.
    var tag: UInt64? {
      heads.min.flatMap { flows[$0.sender]?.entries.min }.map { start + $0.cost * stride }
    }

    mutating func pop(at tag: UInt64) -> Entry? {
      guard let head = heads.popMin(), let entry = flows[head.sender]?.entries.popMin() else { return nil }
      start = tag
      clock = max(clock, head.tag)
      if let next = flows[head.sender]?.entries.min {
        flows[head.sender]?.start = clock
        addHead(head.sender, tag: clock + next.cost)
      } else {
        flows[head.sender] = nil
      }
      return entry
    }

    /// - Returns: how many entries were dropped.
    mutating func sweep(_ isLive: (Entry) -> Bool) -> Int {
      var dropped = 0
      for (sender, flow) in flows {
        let kept = flow.entries.unordered.filter(isLive)
        dropped += flow.entries.count - kept.count
        flows[sender] = kept.isEmpty ? nil : Flow(entries: Heap(kept), start: flow.start)
      }
      heads = Heap(heads.unordered.filter { flows[$0.sender] != nil })
      return dropped
    }

    mutating func removeAll() {
      flows = [:]
      heads = Heap()
    }
  }
}
