package import Bytes

/// Bounds the bytes of mail that requests hold in memory at one time: claimed before an original is read, given back when
/// the last byte of the answer is with the client or the connection is gone.
///
/// A mail may be large and its reader slow, so without a bound a few hundred requests would fill the memory. Nobody gets
/// more than half of the budget, so that one user's slow downloads leave room for everybody else's.
package final class AnswerBudget: Sendable {
  private struct State {
    var inFlight = 0
    var byUser: [UserID: Int] = [:]
  }

  private let byteCount: Int
  private let state = Locked(State())

  package init(byteCount: Int) { self.byteCount = byteCount }

  /// Claimed now, over all requests.
  package var inFlight: Int { state.withLock { $0.inFlight } }

  /// What one request holds; given back when nobody holds the claim any more.
  package final class Claim: Sendable {
    private let budget: AnswerBudget
    private let user: UserID
    private let byteCount: Locked<Int>

    fileprivate init(_ byteCount: Int, of budget: AnswerBudget, for user: UserID) {
      self.budget = budget
      self.user = user
      self.byteCount = Locked(byteCount)
    }

    deinit { budget.add(-byteCount.withLock { $0 }, for: user) }

    /// The real size, once it is known. It may be more than was claimed: what is in memory counts as it is.
    package func resize(to newByteCount: Int) {
      let difference = byteCount.withLock { byteCount in
        defer { byteCount = newByteCount }
        return newByteCount - byteCount
      }
      budget.add(difference, for: user)
    }
  }

  /// Room for so many bytes. A claim that is alone always gets it: a mail larger than the budget can be read as well.
  /// - Throws: a `Problem` 503 when the budget, or the user's half of it, is used up.
  package func claim(_ byteCount: Int, for user: UserID) throws -> Claim {
    try state.withLock { state in
      let own = state.byUser[user] ?? 0
      guard state.inFlight == 0 || state.inFlight + byteCount <= self.byteCount else {
        throw Problem.unavailable("The server is sending as much mail as it can; try again.", retryAfterSeconds: 1)
      }
      guard own == 0 || own + byteCount <= self.byteCount / 2 else {
        throw Problem.unavailable("You are fetching as much mail as one user may; try again.", retryAfterSeconds: 1)
      }
      Self.add(byteCount, for: user, to: &state)
    }
    return Claim(byteCount, of: self, for: user)
  }

  private func add(_ byteCount: Int, for user: UserID) {
    state.withLock { Self.add(byteCount, for: user, to: &$0) }
  }

  private static func add(_ byteCount: Int, for user: UserID, to state: inout State) {
    state.inFlight += byteCount
    let own = (state.byUser[user] ?? 0) + byteCount
    state.byUser[user] = own == 0 ? nil : own
  }
}
