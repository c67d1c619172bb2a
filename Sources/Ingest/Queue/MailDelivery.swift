package import Bytes
import Documents
package import Logging
import MailFormat
package import MailStore
package import Mailboxes
import SMTP

/// What becomes of one accepted mail: judged by the filters, then taken apart and committed for each recipient, or held in the error
/// queue. Whatever is done may be done again: a crash between any two steps leaves nothing lost and nothing doubled.
package struct MailDelivery: Sendable {
  package let mailboxes: Mailboxes
  package let originals: OriginalStore
  package let errors: ErrorQueue
  /// Nil where senders are told nothing.
  package let reporter: Reporter?
  private let extractor: MailExtractor
  private let judge: (any MailJudge)?
  private let blocks: @Sendable (_ sender: String, UserID) -> Bool
  private let threads: BlockingThreads
  private let hostname: String
  private let clock: any WallClock
  private let logger: Logger

  /// - Parameters:
  ///   - judge: nil where the operator wants no filters.
  ///   - blocks: whether a user wants no mail of a sender in the inbox; must not block.
  ///   - threads: take mail apart.
  ///   - hostname: names this server in `Received` fields.
  ///   - reporter: tells senders what became of their mail.
  package init(
    mailboxes: Mailboxes, originals: OriginalStore, errors: ErrorQueue, extractor: MailExtractor,
    judge: (any MailJudge)? = nil, blocks: @escaping @Sendable (_ sender: String, UserID) -> Bool = { _, _ in false },
    threads: BlockingThreads, hostname: String, clock: any WallClock, reporter: Reporter? = nil, logger: Logger
  ) {
    self.mailboxes = mailboxes
    self.originals = originals
    self.errors = errors
    self.extractor = extractor
    self.judge = judge
    self.blocks = blocks
    self.threads = threads
    self.hostname = hostname
    self.clock = clock
    self.reporter = reporter
    self.logger = logger
  }

  package var now: Timestamp { clock.now() }

  /// Whether filters see mail before it is delivered.
  var hasJudge: Bool { judge != nil }

  /// A mail out of a queue.
  package struct Item: Sendable {
    package let id: QueueItemID
    package let envelope: InboundEnvelope
    package let bytes: [UInt8]
    /// Where the bytes lie for good; stores them where they do not yet.
    package let original: @Sendable (_ bytes: [UInt8]) async throws -> BlobReference

    package init(
      id: QueueItemID, envelope: InboundEnvelope, bytes: [UInt8],
      original: @escaping @Sendable (_ bytes: [UInt8]) async throws -> BlobReference
    ) {
      self.id = id
      self.envelope = envelope
      self.bytes = bytes
      self.original = original
    }
  }

  package enum Outcome: Sendable, Equatable {
    case delivered
    /// It is in the error queue, since now or since before.
    case held
  }

  /// Has done all when it returns: the item is finished.
  /// - Throws: `FiltersUnavailable`, `StoreError`, `MailboxError`: to be tried later.
  package func process(_ item: Item) async throws -> Outcome {
    // A crash between the error queue and the inbound queue brings it again.
    if errors.holds(item.id) { return .held }
    let judgement = try await judgement(of: item)
    if let verdict = judgement?.verdict, verdict.action == .quarantine {
      try await hold(item, .quarantine, reason: verdict.reason, verdict: verdict)
      return .held
    }
    try await deliver(item, judgement)
    return .delivered
  }

  /// Before acceptance, and so in the envelope, or now.
  private func judgement(of item: Item) async throws -> MailJudgement? {
    if let judgement = item.envelope.judgement { return judgement }
    return try await judge?.judge(item.bytes, item.envelope, item.id).judgement
  }

  /// What the filters say now, whatever they have said.
  package func judgeAgain(_ item: Item) async throws -> MailJudgement? {
    var envelope = item.envelope
    envelope.judgement = nil
    return try await judge?.judge(item.bytes, envelope, item.id).judgement
  }

  /// Puts the mail into the error queue, durably.
  package func hold(
    _ item: Item, _ cause: HeldMail.Cause, reason: String, verdict: MailVerdict? = nil
  ) async throws {
    let mail = HeldMail(
      id: item.id, heldAt: clock.now(), cause: cause, reason: reason, envelope: item.envelope,
      original: try await item.original(item.bytes), byteCount: UInt64(item.bytes.count), verdict: verdict)
    try await threads.run { [errors] in try errors.hold(mail) }
    logger.warning(
      "mail held in the error queue",
      metadata: ["queue_item": "\(item.id.rawValue)", "cause": "\(cause.rawValue)", "reason": "\(reason)"])
  }

  /// Commits the mail for each of its recipients; those who have it already keep it as it is. Then the sender is told, where there is
  /// something to tell: that is durable when it returns.
  package func deliver(_ item: Item, _ judgement: MailJudgement?) async throws {
    // Recipients of one mail are one place in the turns of readers.
    let claim = DocumentClaim(user: item.envelope.users.first)
    let submission = SubmissionFields(item.envelope, item.id, hostname: hostname)
    let extracted = try await threads.run { [extractor] in
      extractor.extract(item.bytes, for: claim, completing: submission)
    }
    let message = newMessage(item, extracted, judgement, original: try await item.original(item.bytes))
    let senders = Set([item.envelope.reversePath] + extracted.summary.from.map(\.address))
    let gone = try await withThrowingTaskGroup(of: UserID?.self) { group in
      var gone: Set<UserID> = []
      for (position, user) in item.envelope.users.enumerated() {
        if position >= Self.maxRecipientsInFlight, case .some(.some(let user)) = try await group.next() {
          gone.insert(user)
        }
        let own = senders.contains { blocks($0, user) } ? Self.blocked(message) : message
        group.addTask { try await deliver(own, to: user) ? nil : user }
      }
      for try await case .some(let user) in group { gone.insert(user) }
      return gone
    }
    try await tell(ofDelivery: item, judgement, gone: gone)
  }

  /// - Returns: false where the account is gone.
  private func deliver(_ message: NewMessage, to user: UserID) async throws -> Bool {
    do {
      _ = try await mailboxes.deliver(message, to: user)
      return true
    } catch let error as MailboxError where error.code == .notFound {
      // The account went away while the mail was queued; there is nobody to keep it for.
      logger.notice("mail for a removed user dropped", metadata: ["user": "\(user)", "error": "\(error)"])
      return false
    }
  }

  private func newMessage(
    _ item: Item, _ extracted: ExtractedMail, _ judgement: MailJudgement?, original: BlobReference
  ) -> NewMessage {
    let envelope = item.envelope
    let addresses = envelope.addresses
    let fields = TraceFields(
      reversePath: envelope.reversePath, heloName: envelope.heloName, clientAddress: envelope.clientAddress,
      hostName: hostname, protocolName: envelope.protocolName, queueID: String(item.id.rawValue),
      recipient: addresses.count == 1 ? addresses[0] : nil,
      receivedAt: envelope.receivedAt)
    let trace = fields.text + (judgement?.fields ?? "") + extracted.addedFields
    return NewMessage(
      destination: .role(judgement?.verdict.action == .spam ? .spam : .inbox),
      flags: extracted.hasAttachment ? .hasAttachment : [], labels: [],
      receivedAt: envelope.receivedAt, size: UInt64(trace.utf8.count + item.bytes.count), original: original,
      trace: trace, contentHash: extracted.contentHash, summary: extracted.summary, inReplyTo: extracted.mail.inReplyTo,
      references: extracted.mail.references, record: extracted.record, queueItem: item.id, skipsKnownContent: false,
      missedReason: extracted.missedReason, verdict: judgement?.verdict)
  }

  /// The message for somebody who wants none of its sender: in Spam, where it is found and can be called ham.
  private static func blocked(_ message: NewMessage) -> NewMessage {
    let verdict = message.verdict
    var blocked = message
    blocked.destination = .role(.spam)
    blocked.verdict = MailVerdict(
      action: .spam, score: verdict?.score ?? 0,
      symbols: (verdict?.symbols ?? []) + [MailVerdict.Symbol(name: "SENDER_BLOCKED_BY_USER", score: 0)],
      by: [verdict?.by, "block list"].compactMap(\.self).joined(separator: ", "), reason: "you block this sender")
    return blocked
  }

  /// Recipients of one mail whose commits are under way at once: each carries the mail's text.
  private static let maxRecipientsInFlight = 64
}
