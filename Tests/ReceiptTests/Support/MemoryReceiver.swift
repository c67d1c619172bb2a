import Bytes
import MailStore
import Receipt
import SMTP

/// A store in memory that can be told to wait or to fail, and that notes what it was given.
final class MemoryReceiver: MailReceiver {
  struct Mail: Equatable {
    let envelope: InboundEnvelope
    let content: [UInt8]
  }

  struct State {
    var mails: [Mail] = []
    /// Thrown by the next calls of `accept` while set.
    var acceptError: (any Error)?
    /// Thrown by `append` once a spool holds more than `spoolCapacity`.
    var spoolError: (any Error)?
    var spoolCapacity = Int.max
    var openSpools = 0
    var discardedSpools = 0
    var largestAppend = 0
    var pressure = 0.0
    /// What accounts have; no one else is asked about.
    var holdings: [UserID: AccountHolding] = [:]
  }

  /// Closed: `accept` waits.
  let gate = Gate()
  private let lockedState = Locked(State())
  private let answersAtOnce: Bool
  private let accounts: any RecipientDirectory

  /// - Parameters:
  ///   - answersAtOnce: recipients are resolved without waiting.
  ///   - accounts: anyone at example.com but `nobody` where there are none given.
  init(answersAtOnce: Bool = false, accounts: any RecipientDirectory = AnyoneAtExample()) {
    self.answersAtOnce = answersAtOnce
    self.accounts = accounts
  }

  var state: State { lockedState.withLock { $0 } }
  var mails: [Mail] { state.mails }

  func change<Result: Sendable>(_ body: (inout sending State) throws -> sending Result) rethrows -> Result {
    try lockedState.withLock(body)
  }

  var pressure: Double { state.pressure }

  func resolve(_ address: String, by policy: RecipientPolicy) async -> RecipientResolution {
    policy.resolve(address, among: accounts)
  }

  func resolveNow(_ address: String, by policy: RecipientPolicy) -> RecipientResolution? {
    answersAtOnce ? policy.resolve(address, among: accounts) : nil
  }

  func holding(of user: UserID) -> AccountHolding? { state.holdings[user] }

  func accept(_ envelope: InboundEnvelope, _ content: ReceivedContent) async throws -> QueueItemID {
    await gate.pass()
    guard case .inline(let bytes) = content else { preconditionFailure("the memory spool gives its bytes") }
    return try change { state in
      if let error = state.acceptError { throw error }
      state.mails.append(Mail(envelope: envelope, content: bytes))
      return QueueItemID(rawValue: UInt64(state.mails.count))
    }
  }

  func makeSpool() async throws -> any MailSpool {
    change { $0.openSpools += 1 }
    return MemorySpool(receiver: self)
  }
}

private actor MemorySpool: MailSpool {
  private let receiver: MemoryReceiver
  private var bytes: [UInt8] = []

  init(receiver: MemoryReceiver) { self.receiver = receiver }

  func append(_ chunk: [UInt8]) async throws {
    bytes += chunk
    let count = bytes.count
    try receiver.change { state in
      state.largestAppend = max(state.largestAppend, chunk.count)
      if count > state.spoolCapacity, let error = state.spoolError { throw error }
    }
  }

  func finish() async throws -> ReceivedContent {
    receiver.change { $0.openSpools -= 1 }
    return .inline(bytes)
  }

  func discard() async {
    receiver.change { state in
      state.openSpools -= 1
      state.discardedSpools += 1
    }
  }
}

/// Holds callers back while it is closed.
final class Gate: Sendable {
  private struct State {
    var isOpen = true
    var held: [CheckedContinuation<Void, Never>] = []
    var arrivals: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Locked(State())

  func close() { state.withLock { $0.isOpen = false } }

  func open() {
    let held = state.withLock { state in
      state.isOpen = true
      defer { state.held = [] }
      return state.held
    }
    for continuation in held { continuation.resume() }
  }

  func pass() async {
    await withCheckedContinuation { continuation in
      let (isOpen, arrivals) = state.withLock { state in
        if !state.isOpen { state.held.append(continuation) }
        defer { state.arrivals = [] }
        return (state.isOpen, state.arrivals)
      }
      if isOpen { continuation.resume() }
      for arrival in arrivals { arrival.resume() }
    }
  }

  /// Returns when somebody is held back.
  func waitForArrival() async {
    await withCheckedContinuation { continuation in
      let isHere = state.withLock { state in
        if state.held.isEmpty { state.arrivals.append(continuation) }
        return !state.held.isEmpty
      }
      if isHere { continuation.resume() }
    }
  }
}
