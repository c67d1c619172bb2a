import Bytes
import MailStore
import Reports
import SMTP

/// Something that the sender of a mail may want to hear.
package struct DeliveryNews: Sendable {
  let action: DeliveryReport.Action
  let status: EnhancedStatus
  /// In our own words.
  let explanation: String
  /// Of the recipients whom it is about.
  let addresses: Set<String>
  /// What a report made again has too.
  let date: Timestamp
  var lastAttempt: Timestamp?
  /// By an operator, who may tell senders of spam too.
  var isAskedFor = false
  /// What filters hold for dangerous is not sent about.
  var returnsHeadersOnly = false

  /// The accounts of the recipients went away while the mail waited.
  static func userGone(_ addresses: Set<String>, of envelope: InboundEnvelope) -> DeliveryNews {
    DeliveryNews(
      action: .failed, status: .unknownRecipient, explanation: "there is no such user here any more",
      addresses: addresses, date: envelope.receivedAt)
  }

  /// - Parameter isDangerous: whether filters hold the mail.
  static func droppedByOperator(
    _ envelope: InboundEnvelope, at date: Timestamp, isDangerous: Bool
  ) -> DeliveryNews {
    DeliveryNews(
      action: .failed, status: .policyRefusal,
      explanation: "the mail was not let through to its recipient, by a decision of the mail system's operator",
      addresses: Set(envelope.addresses), date: date, isAskedFor: true, returnsHeadersOnly: isDangerous)
  }

  /// - Parameter date: when the sender is to be told, however late that is noticed.
  static func delayed(_ envelope: InboundEnvelope, at date: Timestamp, lastAttempt: Timestamp) -> DeliveryNews {
    DeliveryNews(
      action: .delayed, status: EnhancedStatus(4, 3, 0), explanation: "the mail system cannot deliver the mail now",
      addresses: Set(envelope.addresses), date: date, lastAttempt: lastAttempt)
  }

  static func delivered(_ addresses: Set<String>, of envelope: InboundEnvelope) -> DeliveryNews {
    DeliveryNews(
      action: .delivered, status: .ok, explanation: "the mail is in the recipient's mailbox", addresses: addresses,
      date: envelope.receivedAt)
  }
}
