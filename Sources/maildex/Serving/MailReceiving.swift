import Bytes
import MailStore
import Mailboxes
import Receipt
import SMTP

/// What SMTP needs of the stores: who a recipient is, and the queue.
struct MailReceiving: MailReceiver {
  let accounts: AccountStore
  let queue: InboundQueue
  let mailboxes: Mailboxes

  func resolve(_ address: String, by policy: RecipientPolicy) async -> RecipientResolution {
    policy.resolve(address, among: accounts)
  }

  func resolveNow(_ address: String, by policy: RecipientPolicy) -> RecipientResolution? {
    policy.resolve(address, among: accounts)
  }

  func holding(of user: UserID) -> AccountHolding? {
    guard let account = accounts.user(id: user).flatMap({ AccountAddress($0.address) }) else { return nil }
    // The queue first: what it gives away between the two looks is in the mailbox by then, and so is counted.
    let queued = queue.pendingByteCount(for: user)
    let (sum, overflows) = mailboxes.byteCount(of: user).addingReportingOverflow(queued)
    return AccountHolding(account, byteCount: overflows ? .max : sum)
  }

  func accept(_ envelope: InboundEnvelope, _ content: ReceivedContent) async throws -> QueueItemID {
    try await queue.accept(envelope, content)
  }

  func makeSpool() async throws -> any MailSpool { try await queue.makeSpool() }
}
