package import Bytes
package import Documents
package import Logging
import MailFormat
package import MailStore
package import Mailboxes
import SMTP
import ServiceLifecycle

/// Takes accepted mail from the queue, takes it apart, and commits it for each recipient.
///
/// A mail that fails stays in the queue and is tried again later, without holding up those behind it. One that was
/// committed for some of its recipients is committed for the others only: the `delivered` rows see to it. Cancelled or
/// killed, a worker loses nothing, for what it holds is leased, not taken.
package struct QueueWorkers: Service {
  private let queue: InboundQueue
  private let mailboxes: Mailboxes
  private let originals: OriginalStore
  private let extractor: MailExtractor
  private let threads: BlockingThreads
  private let finished: AsyncStream<[FinishedItem]>
  private let stored = StoredOriginals()
  private let hostname: String
  private let workers: Int
  private let documents: DocumentTexts?
  private let logger: Logger

  /// - Parameters:
  ///   - finished: the items that the queue will not give again (`InboundQueueOptions.didFinish`).
  ///   - hostname: names this server in `Received` fields.
  ///   - documents: what the extractor reads with: once it is stopped no mail is begun, which would lack its documents.
  package init(
    queue: InboundQueue, mailboxes: Mailboxes, originals: OriginalStore, extractor: MailExtractor,
    threads: BlockingThreads, finished: AsyncStream<[FinishedItem]>, hostname: String, workers: Int,
    documents: DocumentTexts? = nil, logger: Logger
  ) {
    self.queue = queue
    self.mailboxes = mailboxes
    self.originals = originals
    self.extractor = extractor
    self.threads = threads
    self.finished = finished
    self.hostname = hostname
    self.workers = workers
    self.documents = documents
    self.logger = logger
  }

  /// Works until the queue is closed, or the service or the readers of documents are stopped.
  package func run() async throws {
    await withDiscardingTaskGroup { group in
      group.addTask { await forgetFinished() }
      for _ in 0..<workers {
        group.addTask {
          await cancelWhenGracefulShutdown {
            while documents?.isStopped != true, let lease = await queue.lease() { await process(lease) }
          }
        }
      }
    }
  }

  /// Drops the marks of items that are durably finished, as many at a time as one write of the receive log finished. A
  /// mark that stays, after a crash or a failure here, costs a row.
  private func forgetFinished() async {
    await cancelWhenGracefulShutdown {
      for await items in finished {
        do {
          try await mailboxes.forget(items)
        } catch {
          logger.debug("delivered marks kept", metadata: ["queue_items": "\(items.count)", "error": "\(error)"])
        }
      }
    }
  }

  private func process(_ lease: QueueLease) async {
    do {
      try await deliver(lease)
      await queue.finish(lease)
      stored.forget(lease.id)
    } catch {
      logger.warning(
        "mail put off", metadata: ["queue_item": "\(lease.id.rawValue)", "error": "\(error)"])
      await queue.release(lease, retryAfter: Self.delay(after: lease.attempt), reason: "\(error)")
    }
  }

  private func deliver(_ lease: QueueLease) async throws {
    let bytes = try await queue.content(of: lease)
    // Recipients of one mail are one place in the turns of readers.
    let claim = DocumentClaim(user: lease.envelope.users.first)
    let submission = SubmissionFields(lease.envelope, lease.id, hostname: hostname)
    let extracted = try await threads.run { extractor.extract(bytes, for: claim, completing: submission) }
    let message = newMessage(
      lease, extracted, byteCount: bytes.count, original: try await original(of: lease, bytes))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (position, user) in lease.envelope.users.enumerated() {
        if position >= Self.maxRecipientsInFlight { try await group.next() }
        group.addTask { try await deliver(message, to: user) }
      }
      try await group.waitForAll()
    }
  }

  private func deliver(_ message: NewMessage, to user: UserID) async throws {
    do {
      _ = try await mailboxes.deliver(message, to: user)
    } catch let error as MailboxError where error.code == .notFound {
      // The account went away while the mail was queued; there is nobody to keep it for.
      logger.notice("mail for a removed user dropped", metadata: ["user": "\(user)", "error": "\(error)"])
    }
  }

  /// Where the bytes lie for good. A mail that is tried again is not stored again.
  private func original(of lease: QueueLease, _ bytes: [UInt8]) async throws -> BlobReference {
    if let reference = queue.reference(of: lease) ?? stored.reference(of: lease.id) { return reference }
    let hold = originals.hold()
    let reference = try await originals.store(bytes, holding: hold)
    stored.note(lease.id, reference, hold)
    return reference
  }

  private func newMessage(
    _ lease: QueueLease, _ extracted: ExtractedMail, byteCount: Int, original: BlobReference
  ) -> NewMessage {
    let envelope = lease.envelope
    let addresses = envelope.addresses
    let fields = TraceFields(
      reversePath: envelope.reversePath, heloName: envelope.heloName, clientAddress: envelope.clientAddress,
      hostName: hostname, protocolName: envelope.protocolName, queueID: String(lease.id.rawValue),
      recipient: addresses.count == 1 ? addresses[0] : nil,
      receivedAt: envelope.receivedAt)
    let trace = fields.text + extracted.addedFields
    return NewMessage(
      destination: .role(.inbox), flags: extracted.hasAttachment ? .hasAttachment : [], labels: [],
      receivedAt: envelope.receivedAt, size: UInt64(trace.utf8.count + byteCount), original: original, trace: trace,
      contentHash: extracted.contentHash, summary: extracted.summary, inReplyTo: extracted.mail.inReplyTo,
      references: extracted.mail.references, record: extracted.record, queueItem: lease.id, skipsKnownContent: false,
      missedReason: extracted.missedReason)
  }

  /// Recipients of one mail whose commits are under way at once: each carries the mail's text.
  private static let maxRecipientsInFlight = 64

  /// Doubles from one second to five minutes.
  private static func delay(after attempt: Int) -> Duration {
    .seconds(min(300, 1 << min(max(attempt, 1) - 1, 9)))
  }
}
