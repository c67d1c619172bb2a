import Bytes

/// What operators see and do.
extension InboundQueue {
  /// The unfinished items, oldest first, those behind `last`, at most `limit`.
  /// - Complexity: O(*n* log *n*) of all that are queued; receipt waits for O(*n*) of it, a copy of the numbers.
  package func items(after last: QueueItemID? = nil, limit: Int = .max) -> [QueueItemSummary] {
    let now = clock.elapsed()
    var page: [QueueItemSummary] = []
    for chunk in Self.chunks(numbers(where: { id in last.map { id > $0 } ?? true })) where page.count < limit {
      // Some are finished by now.
      let found = state.withLock { state in
        chunk.compactMap { id in state.queue.items[id].map { QueueItemSummary(id: id, $0, at: now) } }
      }
      page += found.prefix(limit - page.count)
    }
    return page
  }

  /// Of the unfinished items, oldest first. The lock, for which receipt waits, is held for copying them alone.
  private func numbers(where isWanted: (QueueItemID) -> Bool = { _ in true }) -> [QueueItemID] {
    let numbers = state.withLock { Array($0.queue.items.keys) }
    return numbers.filter(isWanted).sorted()
  }

  /// What is done under the lock at once.
  private static func chunks(_ ids: [QueueItemID]) -> [ArraySlice<QueueItemID>] {
    stride(from: 0, to: ids.count, by: 500).map { ids[$0..<min($0 + 500, ids.count)] }
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
    return Self.chunks(ids ?? numbers()).reduce(0) { sum, chunk in
      let (count, workers) = state.withLock { state in
        let count = state.queue.retryNow(chunk, at: now)
        return (count, (0..<min(count, state.workers.count)).compactMap { _ in Self.nextWorker(&state) })
      }
      workers.forEach { $0.resume() }
      return sum + count
    }
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
