package import Bytes

/// Whether mail is taken from a sender.
package enum SenderResolution: Equatable, Sendable {
  case accepted
  /// 550 5.7.1
  case blocked
  /// Lists in DNS have the client: 550 5.7.1, or 451 4.7.1 for a while. The reason is for people, in printable ASCII.
  case listed(zones: [String], reason: String?, isPermanent: Bool)
  /// Nothing is taken from where it comes: 550 5.7.1.
  case networkBlocked
  /// Of an account that has not that address: 553 5.7.1.
  case notOwn
  /// 451 4.7.1
  case tooManyOfClient
  /// 452 4.3.1
  case queueFull
}

/// Who gets mail for a recipient's address.
package enum RecipientResolution: Equatable, Sendable {
  /// Each once, and one at least; and the most content that is taken for them, where that is less than for others.
  case accepted([UserID], maxMessageSize: Int? = nil)
  /// 550 5.1.1
  case unknown
  /// Of a domain that this server takes no mail for: 550 5.7.1.
  case foreign
  /// The mail does not fit into what somebody of them may have: 452 4.2.2.
  case overQuota
  /// Who sends it is new here, and may come back: 451 4.7.1.
  case greylisted
  /// The client has had its share of recipients, whoever this one is: 450 4.7.1.
  case tooManyOfClient
}

/// A recipient, and one of those who get its mail. Of an address that leads to several there are as many.
package struct SMTPRecipient: Equatable, Sendable {
  /// As the client wrote it, with a tag and before aliases, without needless quoting; `postmaster` for the bare one.
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
  /// `SMTP`, `ESMTP`, `LMTP`, `UTF8SMTP` or `UTF8LMTP`, all but the first with an `S` for TLS and an
  /// `A` for an account that has said who it is: the `with` of a `Received` field (RFC 3848, RFC 6531 §4.3).
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
