import Bytes

/// Whose accounts are gone; everybody else has one.
final class Accounts: Sendable {
  private let gone = Locked<Set<UserID>>([])

  func remove(_ user: UserID) { gone.withLock { _ = $0.insert(user) } }

  func ownAddresses(of user: UserID) -> [String]? { gone.withLock { $0.contains(user) } ? nil : [] }
}
