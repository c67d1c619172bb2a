import Bytes
import TestSupport
import Testing

@testable import MailStore

/// Workers and senders around a `QueueState`, in steps of a millisecond; all of it from one seed.
struct QueueSimulation {
  enum Behaviour {
    case good
    /// Fails at every try.
    case poison
    /// Fails for trouble of ours, so many times.
    case unlucky(Int)
    /// Its worker never comes back, so many times.
    case killer(Int)
  }

  struct Mail {
    let sender: Int
    let behaviour: Behaviour
    let arrival: Int
    /// Leases that there were when it came, and ready mails.
    let leasesBefore: Int
    let readyBefore: Int
    /// Mails of its own sender that were unfinished.
    let ownBefore: Int
    var tries = 0
    /// Leases from its arrival to its first.
    var wait: Int?
    var end: Int?
    var isSetAside = false
  }

  private struct Worker {
    let id: QueueItemID
    let lease: UInt64
    let end: Int
  }

  static let maxFailures = 5
  static let workerCount = 8

  private(set) var mails: [QueueItemID: Mail] = [:]
  private(set) var state: QueueState
  private(set) var step = 0
  private(set) var leases = 0
  private(set) var problems: [String] = []
  private var own: [Int: Int] = [:]
  private var workers: [Worker] = []
  private var dead = 0
  var random: SeededGenerator

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
    state = QueueState(backoff: RetryBackoff(first: .milliseconds(50), longest: .seconds(2)), seed: seed)
  }

  private var now: Duration { .milliseconds(step) }

  mutating func arrive(
    from sender: Int, byteCount: UInt64 = 4_000, recipients: Int = 1, _ behaviour: Behaviour = .good
  ) {
    let id = QueueItemID(rawValue: UInt64(mails.count + 1))
    let users = (0..<recipients).map { _ in UInt32.random(in: 1...5_000, using: &random) }
    let envelope = simulatedEnvelope(
      from: "198.51.\(sender / 256).\(sender % 256)", users: users, at: Int64(step))
    mails[id] = Mail(
      sender: sender, behaviour: behaviour, arrival: step, leasesBefore: leases, readyBefore: state.counts.ready,
      ownBefore: own[sender, default: 0])
    own[sender, default: 0] += 1
    state.add(
      id,
      QueueState.Item(
        envelope: envelope, reference: BlobReference(pack: 1, offset: id.rawValue, byteCount: 1),
        content: .inline(held: nil), byteCount: byteCount), at: now)
  }

  /// One millisecond: workers that are done come back, and free ones take what there is.
  mutating func advance() {
    step += 1
    let done = workers.filter { $0.end <= step }
    workers.removeAll { $0.end <= step }
    for worker in done { comeBack(worker) }
    while workers.count < Self.workerCount, let (id, item) = state.take(at: now, for: .seconds(5)) {
      leases += 1
      start(id, item)
    }
  }

  private mutating func start(_ id: QueueItemID, _ item: QueueState.Item) {
    guard var mail = mails[id], mail.end == nil else { return problems.append("\(id) comes though it has ended") }
    mail.tries += 1
    if mail.wait == nil {
      let wait = leases - mail.leasesBefore
      mail.wait = wait
      if wait > ReadyOrder.agingInterval * (mail.readyBefore + 1) { problems.append("\(id) waited for \(wait) leases") }
    }
    mails[id] = mail
    // A dead worker's place is taken by another, as when a thread is restarted.
    if case .killer(let deaths) = mail.behaviour, mail.tries <= deaths { return }
    let effort = 2 + Int(item.cost) / 4
    workers.append(Worker(id: id, lease: item.lease, end: step + Int.random(in: effort...(2 * effort), using: &random)))
  }

  private mutating func comeBack(_ worker: Worker) {
    guard let mail = mails[worker.id], let item = state.items[worker.id] else { return }
    switch mail.behaviour {
    case .poison where item.failures + 1 >= Self.maxFailures: finish(worker, isSetAside: true)
    case .poison: release(worker, isFailure: true)
    case .unlucky(let count) where mail.tries <= count: release(worker, isFailure: false)
    case .good, .unlucky, .killer: finish(worker, isSetAside: false)
    }
  }

  private mutating func release(_ worker: Worker, isFailure: Bool) {
    _ = state.release(
      worker.id, lease: worker.lease, retryAfter: nil, reason: "it fails", isFailure: isFailure, at: now)
  }

  private mutating func finish(_ worker: Worker, isSetAside: Bool) {
    guard state.finish(worker.id, lease: worker.lease, isSetAside: isSetAside, at: now) != nil,
      let mail = mails[worker.id]
    else { return problems.append("\(worker.id) cannot be finished") }
    if mail.end != nil { problems.append("\(worker.id) ends twice") }
    mails[worker.id]?.end = step
    mails[worker.id]?.isSetAside = isSetAside
    own[mail.sender, default: 1] -= 1
  }
}
