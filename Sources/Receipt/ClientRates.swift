import Bytes
import SMTP

/// What came from each network of late, at all doors: mails and recipients, each against its own limit.
final class ClientRates: Sendable {
  /// For each of the two, when so many come.
  private static let capacity = 1 << 16

  private let mails = Locked(RateTable<Network>(capacity: capacity))
  private let recipients = Locked(RateTable<Network>(capacity: capacity))

  /// - Parameter network: of the client (`ClientAddress.network`).
  /// - Returns: false for one too many. Always true without a limit, and for who comes by no network.
  func takeMail(from network: Network?, limit: Int?, now: Duration) -> Bool {
    take(from: mails, for: network, limit, now)
  }

  func takeRecipient(from network: Network?, limit: Int?, now: Duration) -> Bool {
    take(from: recipients, for: network, limit, now)
  }

  private func take(
    from table: Locked<RateTable<Network>>, for network: Network?, _ limit: Int?, _ now: Duration
  ) -> Bool {
    guard let limit, let network else { return true }
    return table.withLock { $0.take(for: network, limit: limit, now: now) }
  }
}
