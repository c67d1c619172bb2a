import Bytes

/// The latest published sequence of each user who changed since the start, and those who wait for the next one.
final class SequenceBoard: Sendable {
  private struct State {
    var latest: [UserID: SequenceNumber] = [:]
    var waiters: [UserID: [UInt64: Waiter]] = [:]
    var nextWaiter: UInt64 = 0
  }

  private struct Waiter {
    let above: SequenceNumber
    let continuation: CheckedContinuation<Void, Never>
  }

  private let state = Locked(State())

  func latest(_ user: UserID) -> SequenceNumber { state.withLock { $0.latest[user] ?? .zero } }

  /// Those who wait for the user's next change.
  func waiterCount(of user: UserID) -> Int { state.withLock { $0.waiters[user]?.count ?? 0 } }

  /// Called when the changes are durable and searchable.
  func publish(_ sequences: [UserID: SequenceNumber]) {
    let ready = state.withLock { state in
      var ready: [CheckedContinuation<Void, Never>] = []
      for (user, sequence) in sequences {
        state.latest[user] = max(sequence, state.latest[user] ?? .zero)
        for (number, waiter) in state.waiters[user] ?? [:] where sequence > waiter.above {
          ready.append(waiter.continuation)
          state.waiters[user]?[number] = nil
        }
        if state.waiters[user]?.isEmpty == true { state.waiters[user] = nil }
      }
      return ready
    }
    for continuation in ready { continuation.resume() }
  }

  /// Returns when a sequence above the given one is published, when it already was, or when the time is up.
  func wait(for user: UserID, above sequence: SequenceNumber, timeout: Duration) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.wait(for: user, above: sequence) }
      group.addTask { try? await Task.sleep(for: timeout) }
      await group.next()
      group.cancelAll()
    }
  }

  private func wait(for user: UserID, above sequence: SequenceNumber) async {
    let number = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          if Task.isCancelled || (state.latest[user] ?? .zero) > sequence { return true }
          state.waiters[user, default: [:]][number] = Waiter(above: sequence, continuation: continuation)
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        defer { if state.waiters[user]?.isEmpty == true { state.waiters[user] = nil } }
        return state.waiters[user]?.removeValue(forKey: number)
      }
      waiter?.continuation.resume()
    }
  }
}
