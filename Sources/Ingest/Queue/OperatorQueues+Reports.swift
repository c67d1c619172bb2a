import Bytes
package import MailStore

/// Giving mail up and telling its sender.
extension OperatorQueues {
  /// - Returns: what became of the report: none is made where the sender must not or does not want to be told, or is nobody.
  /// - Throws: `Failure`, `.unreported` where the report cannot be made for a reason of ours; errors of the store. The mail is held then.
  package func bounceHeld(_ id: QueueItemID) async throws -> ReportOutcome {
    var outcome = ReportOutcome.noRelay
    _ = try await working(on: id) { mail, item in
      let news = DeliveryNews.droppedByOperator(
        mail.envelope, at: mail.heldAt, isDangerous: mail.verdict.map { $0.action != .deliver } ?? delivery.hasJudge)
      outcome = try await report(news, id, mail.envelope, item.bytes, mail.verdict)
      try await remove(id)
    }
    return outcome
  }

  /// The report names all recipients, those too who have the mail already.
  /// - Throws: as `bounceHeld`; the mail waits on then.
  package func bounceWaiting(_ id: QueueItemID) async throws -> ReportOutcome {
    guard inbound.item(id) != nil else { throw Failure.notFound(id) }
    guard let lease = inbound.take(id) else { throw Failure.busy(id) }
    do {
      let bytes = try await inbound.content(of: lease)
      let verdict = lease.envelope.judgement?.verdict
      let news = DeliveryNews.droppedByOperator(
        lease.envelope, at: lease.envelope.receivedAt,
        isDangerous: verdict.map { $0.action != .deliver } ?? delivery.hasJudge)
      let outcome = try await report(news, id, lease.envelope, bytes, verdict)
      await inbound.finish(lease)
      delivery.endDelay(of: id)
      return outcome
    } catch {
      await inbound.release(lease, retryAfter: nil, reason: "not dropped: \(error)", isFailure: false)
      throw error
    }
  }

  private func report(
    _ news: DeliveryNews, _ id: QueueItemID, _ envelope: InboundEnvelope, _ bytes: [UInt8], _ verdict: MailVerdict?
  ) async throws -> ReportOutcome {
    guard let reporter = delivery.reporter else { throw Failure.unreported(id, .noRelay) }
    let outcome = try await reporter.report(news, of: id, envelope, mail: bytes, verdict: verdict)
    if outcome.isOurFault { throw Failure.unreported(id, outcome) }
    return outcome
  }
}

extension OperatorQueues.Failure {
  static func busy(_ id: QueueItemID) -> Self {
    Self(.busy, "mail \(id.rawValue) is being processed now; try again")
  }

  static func unreported(_ id: QueueItemID, _ outcome: ReportOutcome) -> Self {
    let reason =
      switch outcome {
      case .noRelay: "its sender is of another server, and there is no bounces.relay"
      case .limited: "its sender had many reports in this minute; try again"
      default: "there is no room for a report now; try again"
      }
    return Self(.unreported, "mail \(id.rawValue) is not dropped: \(reason)")
  }
}
