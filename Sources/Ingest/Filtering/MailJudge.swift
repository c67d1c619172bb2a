package import MailStore

/// Says what is to become of a mail, before it is stored or, where a client still waits, before it is accepted.
package protocol MailJudge: Sendable {
  /// - Parameter id: the queue's; nil before the mail is accepted.
  /// - Throws: `FiltersUnavailable` where it cannot be told now.
  func judge(_ bytes: [UInt8], _ envelope: InboundEnvelope, _ id: QueueItemID?) async throws -> JudgedMail
}

package struct JudgedMail: Sendable {
  /// What is done with the mail where nobody can be told any more.
  package let judgement: MailJudgement
  /// What the client is told instead, where it still can be: why the mail is refused.
  package let refusal: String?

  package init(_ judgement: MailJudgement, refusal: String? = nil) {
    self.judgement = judgement
    self.refusal = refusal
  }
}

/// A filter cannot be asked, and without it the mail is not delivered: it is to be tried later.
package struct FiltersUnavailable: TemporaryTrouble, CustomStringConvertible {
  /// Which filter, and what is wrong with it.
  package let description: String
  /// When it is worth trying again; nil where nobody knows.
  package let retryAfter: Duration?

  /// False where the filter was asked and did not answer: it may be this mail that it does not bear, so the try counts.
  package let isTemporary: Bool

  package init(_ description: String, retryAfter: Duration? = nil, isTemporary: Bool = true) {
    self.description = description
    self.retryAfter = retryAfter
    self.isTemporary = isTemporary
  }
}
