package import Documents
package import Logging
package import MailStore
import Mailboxes
import ServiceLifecycle

/// Takes accepted mail from the queue, takes it apart, and commits it for each recipient.
///
/// A mail that fails stays in the queue and is tried again later, without holding up those behind it. One that was
/// committed for some of its recipients is committed for the others only: the `delivered` rows see to it. Cancelled or
/// killed, a worker loses nothing, for what it holds is leased, not taken.
package struct QueueWorkers: Service {
  private let queue: InboundQueue
  private let delivery: MailDelivery
  private let finished: AsyncStream<[FinishedItem]>
  private let stored = StoredOriginals()
  private let workers: Int
  private let documents: DocumentTexts?
  private let logger: Logger

  /// - Parameters:
  ///   - finished: the items that the queue will not give again (`InboundQueueOptions.didFinish`).
  ///   - documents: what the mail's documents are read with: once it is stopped no mail is begun, which would lack its documents.
  package init(
    queue: InboundQueue, delivery: MailDelivery, finished: AsyncStream<[FinishedItem]>, workers: Int,
    documents: DocumentTexts? = nil, logger: Logger
  ) {
    self.queue = queue
    self.delivery = delivery
    self.finished = finished
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
          try await delivery.mailboxes.forget(items)
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
      delivery.endDelay(of: lease.id)
    } catch {
      await delivery.tell(ofDelay: lease.id, lease.envelope) { try await queue.content(of: lease) }
      logger.warning(
        "mail put off", metadata: ["queue_item": "\(lease.id.rawValue)", "error": "\(error)"])
      let pause = (error as? FiltersUnavailable)?.retryAfter ?? Self.delay(after: lease.attempt)
      await queue.release(lease, retryAfter: pause, reason: "\(error)")
    }
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

  /// Doubles from one second to five minutes.
  private static func delay(after attempt: Int) -> Duration {
    .seconds(min(300, 1 << min(max(attempt, 1) - 1, 9)))
  }
}
