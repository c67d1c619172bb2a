import Bytes

/// What operators see and do.
extension InboundQueue {
  /// The unfinished items, oldest first.
  package func items() -> [QueueItemSummary] {
    let now = clock.elapsed()
    // The lock is not held for the sorting: receipt waits for it.
    let summaries = state.withLock { state in
      state.queue.items.map { QueueItemSummary(id: $0.key, $0.value, at: now) }
    }
    return summaries.sorted { $0.id < $1.id }
  }

  /// - Returns: nil when it is finished, or never was.
  package func item(_ id: QueueItemID) -> QueueItemSummary? {
    let now = clock.elapsed()
    return state.withLock { state in state.queue.items[id].map { QueueItemSummary(id: id, $0, at: now) } }
  }

  /// The mail's bytes as they came.
  /// - Throws: `StoreError`: `.missingBlob` also for an item that is not queued, `.corrupt`, `.failed`.
  package func content(ofItem id: QueueItemID) async throws -> [UInt8] {
    guard let item = state.withLock({ $0.queue.items[id] }) else {
      throw StoreError(code: .missingBlob, message: "no mail \(id.rawValue) is queued")
    }
    switch item.content {
    case .inline(let held?): return held
    case .inline(nil): return try await content(frame: item.reference, spooled: nil)
    case .spooled(let file): return try await content(frame: item.reference, spooled: file)
    }
  }

  /// Makes deferred items ready at once; their failed tries are forgotten, and so is what processes died of.
  /// - Parameter ids: nil for all. Those that are not deferred are passed over.
  /// - Returns: how many.
  package func retryNow(_ ids: [QueueItemID]?) -> Int {
    let now = clock.elapsed()
    let (count, workers) = state.withLock { state in
      let count = state.queue.retryNow(ids, at: now)
      return (count, (0..<min(count, state.workers.count)).compactMap { _ in Self.nextWorker(&state) })
    }
    workers.forEach { $0.resume() }
    return count
  }

  /// Leases this item, to be dropped or looked after by a person: ends with `finish` or `release` as any lease does.
  /// - Returns: nil when it is leased, or not queued.
  package func take(_ id: QueueItemID) -> QueueLease? {
    let now = clock.elapsed()
    return state.withLock { state in
      if state.isClosed { return nil }
      return state.queue.take(id, at: now, for: options.leaseDuration).map { QueueLease($0) }
    }
  }
}
