import Bytes
import DequeModule

extension QueueState {
  struct Item {
    let envelope: InboundEnvelope
    let reference: BlobReference
    let content: Content
    let byteCount: UInt64
    let sender: SenderKey
    let cost: UInt64
    let envelopeByteCount: Int
    var kind = QueueClass.prompt
    /// How often it was leased since the process started.
    var attempts = 0
    /// Tries that speak against it.
    var failures = 0
    /// How often the process died while it was processed.
    var deaths: Int
    /// Was here when the process started: whether it had a part in the end of the last one nobody knows.
    var isSuspect: Bool
    var standing = Standing.ready
    /// The newest lease, also when it has expired; or what has voided it.
    var lease: UInt64 = 0
    /// Leases whose workers have not come back, expired ones too.
    var openLeases: Set<UInt64> = []
    var lastReason: String?
    /// Of a deferred item: when it is ready again.
    var dueAt: Duration?

    init(
      envelope: InboundEnvelope, reference: BlobReference, content: Content, byteCount: UInt64,
      isSuspect: Bool = false, deaths: Int = 0
    ) {
      self.envelope = envelope
      self.reference = reference
      self.content = content
      self.byteCount = byteCount
      self.isSuspect = isSuspect
      self.deaths = deaths
      sender = SenderKey(envelope)
      cost = QueueClass.cost(byteCount: byteCount, recipientCount: envelope.recipients.count)
      envelopeByteCount = envelope.memoryByteCount
    }

    /// One of those under way when a process died; such are leased one at a time, and the next death convicts one.
    var isIsolated: Bool { isSuspect && deaths > 0 }
  }

  /// Items that wait until no other of their kind is under way.
  struct SuspectLine {
    private var current: QueueItemID?
    private var waiting = Deque<QueueItemID>()

    /// - Returns: false where another is under way; it waits then.
    mutating func mayGo(_ id: QueueItemID) -> Bool {
      if current == nil { current = id }
      if current != id { waiting.append(id) }
      return current == id
    }

    /// - Returns: whether the next one may go.
    mutating func leave(_ id: QueueItemID) -> Bool {
      guard current == id else { return false }
      current = nil
      return true
    }

    mutating func popFirst() -> QueueItemID? { waiting.popFirst() }
  }
}

/// What the queue counts of its items. The last four since the process started.
struct QueueCounts: Equatable {
  var ready = 0
  var leased = 0
  var deferred = 0
  var attempts = 0
  var retries = 0
  var expired = 0
  var setAside = 0

  mutating func change(_ standing: QueueState.Standing, by difference: Int) {
    switch standing {
    case .ready: ready += difference
    case .leased: leased += difference
    case .deferred: deferred += difference
    }
  }
}

extension InboundEnvelope {
  /// What it and the queue's books of it take in memory, estimated from above. Swift's own parts of a string, an array and a set
  /// are in the constants.
  var memoryByteCount: Int {
    let texts = [clientAddress, heloName, protocolName, reversePath, envelopeID ?? ""]
    let recipientBytes = recipients.reduce(0) {
      $0 + Self.recipientByteCount + $1.address.utf8.count + ($1.originalRecipient.map { 32 + $0.utf8.count } ?? 0)
    }
    return Self.ownByteCount + texts.reduce(0) { $0 + $1.utf8.count } + recipientBytes
      + (judgement?.memoryByteCount ?? 0)
  }

  private static let ownByteCount = 1_024
  private static let recipientByteCount = 160
}

extension MailJudgement {
  fileprivate var memoryByteCount: Int {
    let texts = fields.utf8.count + verdict.by.utf8.count + verdict.reason.utf8.count
    return 128 + texts + verdict.symbols.reduce(0) { $0 + 48 + $1.name.utf8.count }
  }
}
