import Bytes
import MailStore

/// What senders hear of their mail.
extension MailDelivery {
  /// Told when all that can be done for the mail is done, and before it is finished: a crash in between tells it twice, not never.
  /// An address that leads to several users has failed when none of them is there any more.
  func tell(ofDelivery item: Item, _ judgement: MailJudgement?, gone: Set<UserID>) async throws {
    guard let reporter else { return }
    let envelope = item.envelope
    let reached = Set(envelope.recipients.filter { !gone.contains($0.user) }.map(\.address))
    let failed = Set(envelope.addresses).subtracting(reached)
    if !failed.isEmpty {
      _ = try await reporter.report(
        .userGone(failed, of: envelope), of: item.id, envelope, mail: item.bytes, verdict: judgement?.verdict)
    }
    let wanted = envelope.recipients.filter { $0.occasions?.contains(.success) == true }.map(\.address)
    let delivered = reached.intersection(wanted)
    guard reporter.options.reportsSuccess, !delivered.isEmpty else { return }
    _ = try await reporter.report(
      .delivered(delivered, of: envelope), of: item.id, envelope, mail: item.bytes, verdict: judgement?.verdict)
  }

  /// A mail is put off once more.
  ///
  /// Of mail that filters have not judged nobody is told but its submitter: they may be what it waits for, and nobody knows yet whether
  /// its sender is who it says.
  /// - Parameter mail: reads its bytes; called once for each mail at most.
  func tell(
    ofDelay id: QueueItemID, _ envelope: InboundEnvelope, mail: () async throws -> [UInt8]
  ) async {
    guard let reporter, !hasJudge || envelope.judgement != nil || envelope.wasSubmitted else { return }
    guard reporter.beginsWarning(of: id, envelope), let due = reporter.warningTime(of: envelope) else {
      return
    }
    do {
      let news = DeliveryNews.delayed(envelope, at: due, lastAttempt: reporter.clock.now())
      _ = try await reporter.report(
        news, of: id, envelope, mail: try await mail(), verdict: envelope.judgement?.verdict)
    } catch {
      reporter.endWarning(of: id)
    }
  }

  /// It is delayed no more.
  func endDelay(of id: QueueItemID) { reporter?.endWarning(of: id) }
}
