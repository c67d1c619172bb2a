package import MailStore

/// Mail that is still on its way.
extension OperatorQueues {
  package var waitingCount: Int { inbound.depth() }

  /// Oldest first, those behind `last`, at most `limit`.
  package func waitingMails(after last: QueueItemID? = nil, limit: Int) -> [QueueItemSummary] {
    inbound.items(after: last, limit: limit)
  }

  package func waitingMail(_ id: QueueItemID) -> QueueItemSummary? { inbound.item(id) }

  package func content(ofWaiting id: QueueItemID) async throws -> [UInt8] {
    try await inbound.content(ofItem: id)
  }

  /// Has mail that was put off tried at once.
  /// - Parameter ids: nil for all.
  /// - Returns: how many were put off, and are not any more.
  package func retryWaiting(_ ids: [QueueItemID]? = nil) -> Int { inbound.retryNow(ids) }

  /// Gives up a mail that waits, for good: nobody who has not got it gets it, and nobody is told.
  /// - Throws: `Failure`.
  package func dropWaiting(_ id: QueueItemID) async throws -> InboundEnvelope {
    guard inbound.item(id) != nil else { throw Failure.notFound(id) }
    guard let lease = inbound.take(id) else { throw Failure.busy(id) }
    await inbound.finish(lease)
    delivery.endDelay(of: id)
    return lease.envelope
  }
}
