import MailStore
import Receipt
import SMTP

/// What SMTP needs of the stores: who a recipient is, and the queue.
struct MailReceiving: MailReceiver {
  let accounts: AccountStore
  let queue: InboundQueue

  func resolve(_ address: String, by policy: RecipientPolicy) async -> RecipientResolution {
    policy.resolve(address, among: accounts)
  }

  func resolveNow(_ address: String, by policy: RecipientPolicy) -> RecipientResolution? {
    policy.resolve(address, among: accounts)
  }

  var pressure: Double { queue.pressure }

  func accept(_ envelope: InboundEnvelope, _ content: ReceivedContent) async throws -> QueueItemID {
    try await queue.accept(envelope, content)
  }

  func makeSpool() async throws -> any MailSpool { try await queue.makeSpool() }
}
