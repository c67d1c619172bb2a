import MailStore
import Receipt
import SMTP

/// What SMTP needs of the stores: who a recipient is, and the queue.
struct MailReceiving: MailReceiver {
  let accounts: AccountStore
  let queue: InboundQueue

  func resolve(_ address: String) async -> RecipientResolution { known(address) }

  func resolveNow(_ address: String) -> RecipientResolution? { known(address) }

  private func known(_ address: String) -> RecipientResolution {
    accounts.user(forRecipient: address).map { .accepted($0.id) } ?? .unknown
  }

  func accept(_ envelope: InboundEnvelope, _ content: ReceivedContent) async throws -> QueueItemID {
    try await queue.accept(envelope, content)
  }

  func makeSpool() async throws -> any MailSpool { try await queue.makeSpool() }
}
