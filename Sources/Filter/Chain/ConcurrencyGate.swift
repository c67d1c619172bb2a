import Bytes

/// Lets so many in at a time, and so many wait, in the order of their coming.
package final class ConcurrencyGate: Sendable {
  private struct State {
    var inside = 0
    var lastID = 0
    /// The first is next.
    var waiting: [(id: Int, continuation: CheckedContinuation<Void, any Error>)] = []
    /// Of those who are between asking and waiting.
    var cancelled: Set<Int> = []
  }

  private enum Answer {
    case enter, wait, tooMany, cancelled
  }

  private let limit: Int
  private let maxWaiting: Int
  private let state = Locked(State())

  package init(limit: Int, maxWaiting: Int) {
    self.limit = limit
    self.maxWaiting = maxWaiting
  }

  /// Each that returns is followed by one `leave`.
  /// - Throws: `FilterError.overloaded` where too many wait; `CancellationError`.
  package func enter() async throws {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    defer { state.withLock { _ = $0.cancelled.remove(id) } }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        switch ask(id, continuation) {
        case .enter: continuation.resume()
        case .wait: break
        case .tooMany: continuation.resume(throwing: FilterError(.overloaded, "\(maxWaiting) mails wait for it"))
        case .cancelled: continuation.resume(throwing: CancellationError())
        }
      }
    } onCancel: {
      cancel(id)
    }
  }

  package func leave() {
    let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
      if !state.waiting.isEmpty { return state.waiting.removeFirst().continuation }
      state.inside -= 1
      return nil
    }
    next?.resume()
  }

  /// Mails that are inside.
  var count: Int { state.withLock { $0.inside } }

  private func ask(_ id: Int, _ continuation: CheckedContinuation<Void, any Error>) -> Answer {
    state.withLock { state in
      if state.cancelled.contains(id) { return .cancelled }
      if state.inside < limit {
        state.inside += 1
        return .enter
      }
      if state.waiting.count >= maxWaiting { return .tooMany }
      state.waiting.append((id, continuation))
      return .wait
    }
  }

  private func cancel(_ id: Int) {
    let waiting = state.withLock { state -> CheckedContinuation<Void, any Error>? in
      guard let place = state.waiting.firstIndex(where: { $0.id == id }) else {
        state.cancelled.insert(id)
        return nil
      }
      return state.waiting.remove(at: place).continuation
    }
    waiting?.resume(throwing: CancellationError())
  }
}
