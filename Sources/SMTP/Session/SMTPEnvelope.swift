package import Bytes

/// Who a recipient's address belongs to.
package enum RecipientResolution: Equatable, Sendable {
  case accepted(UserID)
  /// 550 5.1.1
  case unknown
}

package struct SMTPRecipient: Equatable, Sendable {
  /// As the client wrote it, without needless quoting; `postmaster` for the bare one.
  package let address: String
  package let user: UserID
  package let notification: RecipientNotification

  package init(address: String, user: UserID, notification: RecipientNotification = RecipientNotification()) {
    self.address = address
    self.user = user
    self.notification = notification
  }
}

/// What a transaction said about its mail.
package struct SMTPEnvelope: Equatable, Sendable {
  package var heloName: String
  /// `SMTP`, `ESMTP`, `LMTP`, `UTF8SMTP` or `UTF8LMTP`, all but the first with an `S` for TLS: the `with` of a `Received` field (RFC 3848, RFC 6531 §4.3).
  package var protocolName: String
  /// Empty for the null reverse path.
  package var reversePath: String
  package var recipients: [SMTPRecipient]
  package var needsUTF8: Bool
  package var is8Bit: Bool
  package var notification: MailNotification

  package init(
    heloName: String, protocolName: String, reversePath: String, recipients: [SMTPRecipient], needsUTF8: Bool = false,
    is8Bit: Bool = false, notification: MailNotification = MailNotification()
  ) {
    self.heloName = heloName
    self.protocolName = protocolName
    self.reversePath = reversePath
    self.recipients = recipients
    self.needsUTF8 = needsUTF8
    self.is8Bit = is8Bit
    self.notification = notification
  }
}
