import Bytes
import SMTP

/// What came from each network, or from each account that submits mail, of late, at all doors: mails and recipients, each against
/// its own limit.
final class ClientRates: Sendable {
  enum Key: Hashable, Sendable {
    /// `ClientAddress.network`
    case network(Network)
    case account(UserID)
  }

  /// For each of the two, when so many come.
  private static let capacity = 1 << 16

  private let mails = Locked(RateTable<Key>(capacity: capacity))
  private let recipients = Locked(RateTable<Key>(capacity: capacity))

  /// - Parameter client: `nil` for who comes by no network.
  /// - Returns: false for one too many. Always true without a limit, and for nobody.
  func takeMail(from client: Key?, limit: Int?, now: Duration) -> Bool {
    take(from: mails, for: client, limit, now)
  }

  func takeRecipient(from client: Key?, limit: Int?, now: Duration) -> Bool {
    take(from: recipients, for: client, limit, now)
  }

  private func take(
    from table: Locked<RateTable<Key>>, for client: Key?, _ limit: Int?, _ now: Duration
  ) -> Bool {
    guard let limit, let client else { return true }
    return table.withLock { $0.take(for: client, limit: limit, now: now) }
  }
}
