import Bytes
import SMTP

/// Stands before logins, at all doors: whoever fails waits longer each time, and is not looked at any more in the end.
///
/// Failures are counted by network and by the name that was claimed, whether it exists or not. An attempt counts as one from its
/// beginning until it has succeeded, so that many at once gain nothing. Guessing at an account must not lock out its owner: where
/// an account has logged in before, from there it has a count of its own, and neither its name's nor its network's stops it.
final class LoginGuard: Sendable {
  /// `nil` for no limit.
  struct Limits: Equatable, Sendable {
    var byNetwork: Int?
    var byAccount: Int?
  }

  /// What an attempt is counted under.
  struct Attempt: Equatable, Sendable {
    fileprivate let keys: [Int]
    fileprivate let pair: Int
  }

  enum Verdict: Equatable, Sendable {
    /// Until `succeeded` or `failed`.
    case allowed(Attempt)
    case tooManyOfNetwork, tooManyOfAccount
  }

  private struct State {
    var failures: FailureTable
    /// Pairs of account and network that have logged in.
    var known: FailureTable
  }

  private static let capacity = 1 << 16
  private static let forgiveness = Duration.seconds(60)
  /// Three months: so long is a network known from which an account has logged in, if there are not too many others.
  private static let acquaintance = Duration.seconds(90 * 86_400)
  /// More than what a shutdown waits for would be in its way.
  static let maxDelay = Duration.seconds(8)

  private let firstDelay: Duration
  private let state: Locked<State>

  /// - Parameter firstDelay: after one failure; it doubles with each further one, to eight seconds.
  init(firstDelay: Duration = .seconds(1), capacity: Int = LoginGuard.capacity) {
    self.firstDelay = firstDelay
    state = Locked(
      State(
        failures: FailureTable(capacity: capacity, forgiveness: Self.forgiveness),
        known: FailureTable(capacity: capacity, forgiveness: Self.acquaintance)))
  }

  /// Of all tables.
  var size: Int { state.withLock { $0.failures.size + $0.known.size } }

  /// - Parameters:
  ///   - account: the name that is claimed, in the form in which names are compared.
  ///   - network: of the client; `nil` for one that comes by none.
  ///   - now: of a clock that never goes back.
  func begin(_ account: String, from network: Network?, _ limits: Limits, now: Duration) -> Verdict {
    let (byAccount, byNetwork) = (Self.key("account", account), network.map { Self.key("network", $0) })
    let pair = Self.key(account, network)
    return state.withLock { state in
      var keys = [byAccount] + (byNetwork.map { [$0] } ?? [])
      if state.known.count(of: pair, now: now) > 0 {
        keys = [pair]
        if Self.isOver(state.failures.count(of: pair, now: now), limits.byAccount) { return .tooManyOfAccount }
      } else {
        if let byNetwork, Self.isOver(state.failures.count(of: byNetwork, now: now), limits.byNetwork) {
          return .tooManyOfNetwork
        }
        if Self.isOver(state.failures.count(of: byAccount, now: now), limits.byAccount) { return .tooManyOfAccount }
      }
      for key in keys { state.failures.add(to: key, now: now) }
      return .allowed(Attempt(keys: keys, pair: pair))
    }
  }

  /// - Returns: how long the client is to wait for its answer.
  func failed(_ attempt: Attempt, now: Duration) -> Duration {
    let count = state.withLock { state in attempt.keys.map { state.failures.count(of: $0, now: now) }.max() ?? 0 }
    return min(Self.maxDelay, firstDelay * (1 << min(max(count, 1) - 1, 16)))
  }

  func succeeded(_ attempt: Attempt, now: Duration) {
    state.withLock { state in
      for key in attempt.keys { state.failures.takeBack(from: key) }
      // From each login on anew, and in the generation that stays.
      state.known.remove(attempt.pair)
      state.known.add(to: attempt.pair, now: now)
    }
  }

  /// It was no attempt after all: nobody looked at what the client said.
  func takeBack(_ attempt: Attempt) {
    state.withLock { state in for key in attempt.keys { state.failures.takeBack(from: key) } }
  }

  private static func isOver(_ count: Int, _ limit: Int?) -> Bool { limit.map { count >= $0 } ?? false }

  private static func key(_ kind: some Hashable, _ value: some Hashable) -> Int {
    var hasher = Hasher()
    hasher.combine(kind)
    hasher.combine(value)
    return hasher.finalize()
  }
}
