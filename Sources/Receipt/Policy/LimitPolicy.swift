/// How much a client may do, other than one that is trusted (`NetworkPolicy`); `nil` is no limit.
package struct LimitPolicy: Equatable, Sendable {
  /// Of one IPv4 address or IPv6 /64; as many may come at once after a minute's rest.
  package var mailsPerMinute: Int?
  /// Likewise; refused ones count as well.
  package var recipientsPerMinute: Int?
  /// Of a session.
  package var maxUnknownRecipients: Int?

  package init(mailsPerMinute: Int? = nil, recipientsPerMinute: Int? = nil, maxUnknownRecipients: Int? = nil) {
    self.mailsPerMinute = mailsPerMinute
    self.recipientsPerMinute = recipientsPerMinute
    self.maxUnknownRecipients = maxUnknownRecipients
  }
}
