package import MailStore

/// Who is told what of a delivery, and when nobody is (RFC 3461 §4.1, RFC 5321 §4.5.5 and §6.1, RFC 3834).
///
/// `Auto-Submitted` is no reason to be silent: it is for those who answer mail by themselves, and a report is owed to whoever gave a
/// reverse-path, robots too. What has none is never reported on, and reports have none: so they make no loops.
package enum ReportRules {
  package enum Refusal: String, CaseIterable, Error, Sendable {
    /// The reverse-path is null.
    case nullSender = "null_sender"
    /// The mail says of itself that it is a report, and should have had the null reverse-path.
    case isReport = "is_report"
    /// It came a long way, in circles it seems.
    case loop
    /// Filters called it spam or worse: its sender is likely somebody else, who would get a report of what they never sent.
    case spam
    /// The sender does not want to hear of it, of none of the recipients.
    case notWanted = "not_wanted"
  }

  /// As many as receipt lets through by default.
  package static let maxHops = 100

  /// - Parameters:
  ///   - addresses: of the envelope, about which there is something to say.
  ///   - isAskedFor: whether an operator wants a report although the mail is spam. Nobody can want the others.
  /// - Returns: whom the report is about, each once, in the order of the envelope; not empty.
  /// - Throws: `Refusal`.
  package static func recipients(
    of envelope: InboundEnvelope, _ addresses: Set<String>, for action: DeliveryReport.Action, facts: MailFacts,
    verdict: MailVerdict?, isAskedFor: Bool = false
  ) throws(Refusal) -> [DeliveryReport.Recipient] {
    if envelope.reversePath.isEmpty { throw .nullSender }
    if facts.isReport { throw .isReport }
    if facts.hopCount > maxHops { throw .loop }
    if !isAskedFor, let verdict, verdict.action != .deliver { throw .spam }
    var seen: Set<String> = []
    let recipients = envelope.recipients.filter { recipient in
      addresses.contains(recipient.address) && wants(recipient, action) && seen.insert(recipient.address).inserted
    }
    if recipients.isEmpty { throw .notWanted }
    return recipients.map {
      DeliveryReport.Recipient(address: $0.address, originalRecipient: $0.originalRecipient)
    }
  }

  /// Who did not say hears of failures and delays (RFC 3461 §4.1), never of success.
  static func wants(_ recipient: InboundRecipient, _ action: DeliveryReport.Action) -> Bool {
    let occasions = recipient.occasions ?? [.failure, .delay]
    return switch action {
    case .failed: occasions.contains(.failure)
    case .delayed: occasions.contains(.delay)
    case .delivered: occasions.contains(.success)
    }
  }
}
