package import Documents
package import Logging
package import MailStore
import Mailboxes
import ServiceLifecycle

/// Takes accepted mail from the queue, takes it apart, and commits it for each recipient.
///
/// A mail that fails stays in the queue and is tried again later, without holding up those behind it; one that fails again and
/// again, or over which processes die, is set aside. One that was committed for some of its recipients is committed for the others only: the `delivered` rows see to it. Cancelled or
/// killed, a worker loses nothing, for what it holds is leased, not taken.
package struct QueueWorkers: Service {
  private let queue: InboundQueue
  private let delivery: MailDelivery
  private let finished: AsyncStream<[FinishedItem]>
  private let stored = StoredOriginals()
  private let workers: Int
  private let documents: DocumentTexts?
  private let poison: PoisonRule
  private let setAside: SetAside?
  private let logger: Logger

  /// Keeps a mail that is not delivered elsewhere. Returns when it is durable there; the queue then forgets it.
  package typealias SetAside = @Sendable (QueueLease, _ reason: String) async throws -> Void

  /// - Parameters:
  ///   - finished: the items that the queue will not give again (`InboundQueueOptions.didFinish`).
  ///   - documents: what the mail's documents are read with: once it is stopped no mail is begun, which would lack its documents.
  ///   - poison: which mails are set aside.
  ///   - setAside: nil where there is no place for them: they stay in the queue then and are tried again after its longest delay, and so
  ///     they do when it throws.
  package init(
    queue: InboundQueue, delivery: MailDelivery, finished: AsyncStream<[FinishedItem]>, workers: Int,
    documents: DocumentTexts? = nil, poison: PoisonRule = PoisonRule(), setAside: SetAside? = nil, logger: Logger
  ) {
    self.queue = queue
    self.delivery = delivery
    self.finished = finished
    self.workers = workers
    self.documents = documents
    self.poison = poison
    self.setAside = setAside
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
  /// mark that stays, after a crash or a failure here, costs a row. Those of mail that is in the error queue stay: some of its
  /// recipients may have it already when it is released.
  private func forgetFinished() async {
    await cancelWhenGracefulShutdown {
      for await items in finished {
        do {
          try await delivery.mailboxes.forget(items.filter { !delivery.errors.holds($0.id) })
        } catch {
          logger.debug("delivered marks kept", metadata: ["queue_items": "\(items.count)", "error": "\(error)"])
        }
      }
    }
  }

  private func process(_ lease: QueueLease) async {
    // To try it is what must not be done.
    if let reason = poison.reasonNotToTry(lease) { return await putAside(lease, reason) }
    do {
      try await deliver(lease)
      await queue.finish(lease)
      stored.forget(lease.id)
      delivery.endDelay(of: lease.id)
    } catch {
      await putOff(lease, error)
    }
  }

  func putOff(_ lease: QueueLease, _ error: any Error) async {
    let isFailure = !error.isTemporaryTrouble
    if isFailure, let reason = poison.reasonToGiveUp(lease, error) { return await putAside(lease, reason) }
    await delivery.tell(ofDelay: lease.id, lease.envelope) { try await queue.content(of: lease) }
    logger.warning(
      "mail put off",
      metadata: ["queue_item": "\(lease.id.rawValue)", "attempt": "\(lease.attempt)", "error": "\(error)"])
    await queue.release(
      lease, retryAfter: (error as? any TemporaryTrouble)?.retryAfter, reason: "\(error)", isFailure: isFailure)
  }

  private func putAside(_ lease: QueueLease, _ reason: String) async {
    var reason = reason
    if let setAside {
      do {
        try await setAside(lease, reason)
        logger.error("mail set aside", metadata: ["queue_item": "\(lease.id.rawValue)", "reason": "\(reason)"])
        await queue.finish(lease, isSetAside: true)
        delivery.endDelay(of: lease.id)
        return stored.forget(lease.id)
      } catch {
        reason += "; and cannot be set aside: \(error)"
      }
    }
    logger.error("mail cannot be processed", metadata: ["queue_item": "\(lease.id.rawValue)", "reason": "\(reason)"])
    await queue.release(
      lease, retryAfter: queue.options.backoff.longest, reason: reason, isFailure: false)
  }

  private func deliver(_ lease: QueueLease) async throws {
    _ = try await delivery.process(
      MailDelivery.Item(id: lease.id, envelope: lease.envelope, bytes: try await queue.content(of: lease)) {
        [self] bytes in
        try await original(of: lease, bytes)
      })
  }

  /// Where the bytes lie for good. A mail that is tried again is not stored again.
  private func original(of lease: QueueLease, _ bytes: [UInt8]) async throws -> BlobReference {
    if let reference = queue.reference(of: lease) ?? stored.reference(of: lease.id) { return reference }
    let reference = try await delivery.originals.store(bytes)
    stored.note(lease.id, reference)
    return reference
  }

  /// Has the error queue keep what is set aside.
  package static func errorQueue(of delivery: MailDelivery, _ queue: InboundQueue) -> SetAside {
    { lease, reason in
      let item = MailDelivery.Item(
        id: lease.id, envelope: lease.envelope, bytes: try await queue.content(of: lease)
      ) { bytes in
        if let reference = queue.reference(of: lease) { return reference }
        return try await delivery.originals.store(bytes)
      }
      try await delivery.hold(item, .failed, reason: reason)
    }
  }
}
