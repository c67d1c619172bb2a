import Bytes
import DequeModule

/// Those who wait: workers for an item, searches for a user's mail.
extension InboundQueue {
  static func nextWorker(_ state: inout Shared) -> CheckedContinuation<Void, Never>? {
    while let ticket = state.workers.popFirst() {
      if let sleeper = state.sleepers.removeValue(forKey: ticket) { return sleeper }
    }
    return nil
  }

  /// Wakes the searches that waited for nothing but this item.
  func settle(_ id: QueueItemID, users: Set<UserID>) {
    let sleepers = state.withLock { state in
      if state.searches.isEmpty { return [CheckedContinuation<Void, Never>]() }
      var done: [UInt64] = []
      for (ticket, search) in state.searches where users.contains(search.user) {
        state.searches[ticket]?.items.remove(id)
        if state.searches[ticket]?.items.isEmpty == true { done.append(ticket) }
      }
      return done.compactMap { ticket in
        state.searches[ticket] = nil
        return state.sleepers.removeValue(forKey: ticket)
      }
    }
    sleepers.forEach { $0.resume() }
  }

  /// Suspends until somebody takes the ticket out of `sleepers` and resumes it, the time is over, or the task is
  /// cancelled.
  /// - Parameter enter: called with the state locked; false when there is nothing to wait for.
  func sleep(atMost timeout: Duration, enter: @escaping @Sendable (inout Shared, UInt64) -> Bool) async {
    let ticket = state.withLock { state in
      state.lastTicket += 1
      return state.lastTicket
    }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.sleep(ticket, enter) }
      group.addTask {
        try? await Task.sleep(for: timeout)
        self.wake(ticket)
      }
      await group.next()
      group.cancelAll()
    }
  }

  func sleep(_ ticket: UInt64, _ enter: @Sendable (inout Shared, UInt64) -> Bool) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let sleeps = state.withLock { state in
          // The flag is set before the handler runs, so that a cancellation is seen here or wakes the sleeper.
          guard !Task.isCancelled, !state.isClosed, enter(&state, ticket) else { return false }
          state.sleepers[ticket] = continuation
          return true
        }
        if !sleeps { continuation.resume() }
      }
    } onCancel: {
      wake(ticket)
    }
  }

  func wake(_ ticket: UInt64) {
    let sleeper = state.withLock { state in
      state.searches[ticket] = nil
      return state.sleepers.removeValue(forKey: ticket)
    }
    sleeper?.resume()
  }
}
