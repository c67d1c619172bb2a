package import Bytes
package import MailStore
package import SMTP

/// What the sender of a mail is told of its delivery (RFC 3464): a value, of which `ReportComposer` makes a mail.
package struct DeliveryReport: Sendable {
  package enum Action: String, CaseIterable, Sendable {
    /// It will not be delivered; nobody tries any more.
    case failed
    /// It is still tried.
    case delayed
    /// It is in the recipient's mailbox.
    case delivered
  }

  package struct Recipient: Hashable, Sendable {
    /// As the client named it.
    package let address: String
    /// With its type, `rfc822;Bob@example.com`; nil if the sender did not say (RFC 3461 §4.2).
    package let originalRecipient: String?

    package init(address: String, originalRecipient: String? = nil) {
      self.address = address
      self.originalRecipient = originalRecipient
    }
  }

  /// Whose delivery it is about.
  package let item: QueueItemID
  package let envelope: InboundEnvelope
  package let action: Action
  package let status: EnhancedStatus
  /// Why, for people; in our own words and in ASCII, never a client's or a filter's.
  package let explanation: String
  package let recipients: [Recipient]
  /// Of the report. Whoever makes it again after a crash gives the same, so that the report is the same too.
  package let date: Timestamp
  /// Of a delayed mail; nil where it was tried once only.
  package let lastAttempt: Timestamp?
  /// Until when a delayed mail is tried; nil for no end.
  package let willRetryUntil: Timestamp?
  /// Whether no more than the mail's header is returned, whatever the sender asked for.
  package let returnsHeadersOnly: Bool

  package init(
    item: QueueItemID, envelope: InboundEnvelope, action: Action, status: EnhancedStatus, explanation: String,
    recipients: [Recipient], date: Timestamp, lastAttempt: Timestamp? = nil, willRetryUntil: Timestamp? = nil,
    returnsHeadersOnly: Bool = false
  ) {
    self.item = item
    self.envelope = envelope
    self.action = action
    self.status = status
    self.explanation = explanation
    self.recipients = recipients
    self.date = date
    self.lastAttempt = lastAttempt
    self.willRetryUntil = willRetryUntil
    self.returnsHeadersOnly = returnsHeadersOnly
  }
}

/// A report as a mail, to be sent with the null reverse-path (RFC 3461 §6.1).
package struct ComposedReport: Hashable, Sendable {
  /// The sender of the mail that it is about.
  package let recipient: String
  /// Without angle brackets. Of one mail and action it is always the same.
  package let messageID: String
  /// Lines end with CR LF, none has more than 998 bytes before it.
  package let bytes: [UInt8]
  /// It can be sent with SMTPUTF8 only (RFC 6533).
  package let needsUTF8: Bool
  package let is8Bit: Bool
}
