import Bytes
import Filter
import Ingest
import MailStore
import Mailboxes
import Receipt
import SMTP

/// What SMTP needs of the stores: who a recipient is, and the queue.
struct MailReceiving: MailReceiver {
  let accounts: AccountStore
  let queue: InboundQueue
  let mailboxes: Mailboxes
  /// Asked while the client waits; nil where filters are asked later or not at all.
  let judge: (any MailJudge)?
  /// Bounds the mails that are in memory to be judged while their clients wait.
  let judging: ConcurrencyGate

  func resolve(_ address: String, by policy: RecipientPolicy) async -> RecipientResolution {
    policy.resolve(address, among: accounts)
  }

  func resolveNow(_ address: String, by policy: RecipientPolicy) -> RecipientResolution? {
    policy.resolve(address, among: accounts)
  }

  var pressure: Double { queue.pressure }

  func holding(of user: UserID) -> AccountHolding? {
    guard let account = accounts.user(id: user).flatMap({ AccountAddress($0.address) }) else { return nil }
    // The queue first: what it gives away between the two looks is in the mailbox by then, and so is counted.
    let queued = queue.pendingByteCount(for: user)
    let (sum, overflows) = mailboxes.byteCount(of: user).addingReportingOverflow(queued)
    return AccountHolding(account, byteCount: overflows ? .max : sum)
  }

  func accept(_ envelope: InboundEnvelope, _ content: ReceivedContent) async throws -> QueueItemID {
    guard let judge else { return try await queue.accept(envelope, content) }
    var envelope = envelope
    do {
      envelope.judgement = try await judgement(by: judge, of: envelope, content)
    } catch {
      await queue.discard(content)
      throw error
    }
    return try await queue.accept(envelope, content)
  }

  private func judgement(
    by judge: any MailJudge, of envelope: InboundEnvelope, _ content: ReceivedContent
  ) async throws -> MailJudgement {
    do {
      try await judging.enter()
      defer { judging.leave() }
      let judged = try await judge.judge(try await queue.bytes(of: content), envelope, nil)
      if let reason = judged.refusal { throw MailRefusal.rejected(reason: reason) }
      return judged.judgement
    } catch let error where error is FiltersUnavailable || error is FilterError {
      throw MailRefusal.unchecked(reason: "\(error)")
    }
  }

  func makeSpool() async throws -> any MailSpool { try await queue.makeSpool() }
}
