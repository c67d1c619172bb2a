import Bytes

/// Commits together what waits while a commit runs, as a shard's writer does: the caller who finds none running commits what
/// waits with its own, and hands the next round to the first who came meanwhile.
final class GroupCommit<Item: Sendable>: Sendable {
  private typealias Waiting = (item: Item, continuation: CheckedContinuation<Role, any Error>)

  private enum Role { case leader, isCommitted }

  private struct State {
    var waiting: [Waiting] = []
    var isLed = false
  }

  private let state = Locked(State())
  private let commit: @Sendable ([Item]) throws -> Void

  /// - Parameter commit: never called twice at once.
  init(_ commit: @escaping @Sendable ([Item]) throws -> Void) { self.commit = commit }

  /// Returns when the item is committed.
  func callAsFunction(_ item: Item) async throws {
    let role = try await withCheckedThrowingContinuation { continuation in
      let leads = state.withLock { state in
        if state.isLed { state.waiting.append((item, continuation)) }
        defer { state.isLed = true }
        return !state.isLed
      }
      if leads { continuation.resume(returning: Role.leader) }
    }
    if role == .leader { try lead(item) }
  }

  private func lead(_ own: Item) throws {
    let batch = state.withLock { state in
      defer { state.waiting = [] }
      return state.waiting
    }
    let result = Result { try commit([own] + batch.map(\.item)) }
    for waiting in batch { waiting.continuation.resume(with: result.map { Role.isCommitted }) }
    let next = state.withLock { state in
      state.isLed = !state.waiting.isEmpty
      return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
    }
    next?.continuation.resume(returning: .leader)
    try result.get()
  }
}
