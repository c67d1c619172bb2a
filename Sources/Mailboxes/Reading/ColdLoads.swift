import Bytes

/// One load at a time for each cold user. Whoever else searches the same mailbox waits here, where that takes no thread: on the
/// threads for reads a few of them would keep everybody else's searches waiting.
final class ColdLoads: Sendable {
  /// Who waits for a user, by the order of asking; of users who are at work.
  private let lines = Locked<[UserID: [CheckedContinuation<Void, Never>]]>([:])

  func withTurn<Value>(_ user: UserID, _ body: () async throws -> Value) async rethrows -> Value {
    await withCheckedContinuation { continuation in
      let isFree = lines.withLock { lines in
        guard lines[user] != nil else {
          lines[user] = []
          return true
        }
        lines[user]?.append(continuation)
        return false
      }
      if isFree { continuation.resume() }
    }
    defer { passOn(user) }
    return try await body()
  }

  private func passOn(_ user: UserID) {
    let next = lines.withLock { lines -> CheckedContinuation<Void, Never>? in
      guard let line = lines[user], !line.isEmpty else {
        lines[user] = nil
        return nil
      }
      return lines[user]?.removeFirst()
    }
    next?.resume()
  }
}
