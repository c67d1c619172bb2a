import Bytes

/// One at a time for each user: who comes while another is at work for the same user waits, and then finds it done.
final class UserTurns: Sendable {
  private struct Turn {
    let lock: Locked<Bool>
    /// Those who have it or wait for it.
    var claims: Int
  }

  private let turns = Locked<[UserID: Turn]>([:])

  /// May wait for as long as others are at work for the user.
  func withTurn<Value: Sendable>(_ user: UserID, _ body: () throws -> Value) throws -> Value {
    let lock = turns.withLock { turns in
      turns[user, default: Turn(lock: Locked(false), claims: 0)].claims += 1
      return turns[user]!.lock
    }
    defer {
      turns.withLock { turns in
        turns[user]?.claims -= 1
        if turns[user]?.claims == 0 { turns[user] = nil }
      }
    }
    return try lock.withLock { _ in try body() }
  }
}
