package import Bytes
package import MailStore

/// What operators do with mail that waits or is held: look, have it tried again, release it, drop it.
///
/// One thing at a time is done with a held mail; whoever comes meanwhile is told that somebody is at it.
package final class OperatorQueues: Sendable {
  let inbound: InboundQueue
  let delivery: MailDelivery
  let threads: BlockingThreads
  private let busy = Locked<Set<QueueItemID>>([])

  /// - Parameter threads: for the disk.
  package init(inbound: InboundQueue, delivery: MailDelivery, threads: BlockingThreads) {
    self.inbound = inbound
    self.delivery = delivery
    self.threads = threads
  }

  package struct Failure: Error, CustomStringConvertible {
    package enum Code: Sendable {
      /// No queue has a mail of that number.
      case notFound
      /// A worker, or somebody else, is at it now.
      case busy
      /// The sender cannot be told now: the mail stays.
      case unreported
    }

    package let code: Code
    package let description: String

    package init(_ code: Code, _ description: String) {
      self.code = code
      self.description = description
    }

    static func notFound(_ id: QueueItemID) -> Failure { Failure(.notFound, "no queue has a mail \(id.rawValue)") }
  }

  package var now: Timestamp { delivery.now }

  package var heldCount: Int { delivery.errors.depth }

  /// In the order of their acceptance, those behind `last`, at most `limit`.
  package func heldMails(after last: QueueItemID? = nil, limit: Int) async throws -> [HeldMail] {
    try await threads.run { [errors = delivery.errors] in try errors.mails(after: last, limit: limit) }
  }

  package func heldMail(_ id: QueueItemID) async throws -> HeldMail? {
    try await threads.run { [errors = delivery.errors] in try errors.mail(id) }
  }

  /// The bytes as they came.
  package func content(of mail: HeldMail) async throws -> [UInt8] {
    try await threads.run { [originals = delivery.originals] in try originals.read(mail.original) }
  }

  /// Delivers a held mail to all its recipients, whatever filters say of it, and then forgets that it was held.
  /// - Throws: `Failure`; `StoreError` or `MailboxError`: it is held still.
  package func release(_ id: QueueItemID) async throws -> HeldMail {
    try await working(on: id) { mail, item in
      let verdict = mail.verdict.map { verdict in
        MailVerdict(
          action: .deliver, score: verdict.score, symbols: verdict.symbols, by: verdict.by + ", operator",
          reason: "released: \(verdict.reason)")
      }
      try await delivery.deliver(item, verdict.map { MailJudgement(verdict: $0) })
      try await remove(id)
    }
  }

  package enum RetryOutcome: Sendable, Equatable {
    case delivered
    case heldAgain(reason: String)
  }

  /// Asks the filters again and does as they say: for mail that was held for what is mended since.
  /// - Throws: as `release`; `FiltersUnavailable`.
  package func retry(_ id: QueueItemID) async throws -> RetryOutcome {
    var outcome = RetryOutcome.delivered
    _ = try await working(on: id) { mail, item in
      let judgement = try await delivery.judgeAgain(item)
      if let verdict = judgement?.verdict, verdict.action == .quarantine {
        outcome = .heldAgain(reason: verdict.reason)
        try await threads.run { [errors = delivery.errors] in
          try errors.update(id, cause: .quarantine, reason: verdict.reason, verdict: verdict)
        }
        return
      }
      try await delivery.deliver(item, judgement)
      try await remove(id)
    }
    return outcome
  }

  /// Gives a held mail up, for good. Nobody is told.
  package func dropHeld(_ id: QueueItemID) async throws -> HeldMail {
    try await working(on: id) { _, _ in try await remove(id) }
  }

  func remove(_ id: QueueItemID) async throws {
    try await threads.run { [errors = delivery.errors] in try errors.remove(id) }
  }

  /// Who has the mail already is known by the marks that its delivery left, and those stay: a worker whose lease expired long ago may
  /// still come with it.
  func working(
    on id: QueueItemID, _ body: (HeldMail, MailDelivery.Item) async throws -> Void
  ) async throws -> HeldMail {
    guard busy.withLock({ $0.insert(id).inserted }) else {
      throw Failure(.busy, "somebody is at mail \(id.rawValue) already")
    }
    defer { busy.withLock { _ = $0.remove(id) } }
    guard let mail = try await heldMail(id) else { throw Failure.notFound(id) }
    let item = MailDelivery.Item(id: id, envelope: mail.envelope, bytes: try await content(of: mail)) { _ in
      mail.original
    }
    try await body(mail, item)
    return mail
  }
}
