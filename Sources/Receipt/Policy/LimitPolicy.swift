/// How much a client may do, other than one that is trusted (`NetworkPolicy`); `nil` is no limit. Accounts
/// that submit mail are clients wherever they come from.
package struct LimitPolicy: Equatable, Sendable {
  /// For who is trusted.
  static let none = LimitPolicy(failedLogins: nil, failedLoginsOfAccount: nil)

  /// Of one IPv4 address or IPv6 /64; as many may come at once after a minute's rest.
  package var mailsPerMinute: Int?
  /// Likewise; refused ones count as well.
  package var recipientsPerMinute: Int?
  /// Of a session.
  package var maxUnknownRecipients: Int?
  /// Of a network as above, after which its logins are not looked at; one is forgiven in a minute.
  package var failedLogins: Int?
  /// The same of an account, from wherever.
  package var failedLoginsOfAccount: Int?

  package static let defaultFailedLogins = 10
  package static let defaultFailedLoginsOfAccount = 30

  package init(
    mailsPerMinute: Int? = nil, recipientsPerMinute: Int? = nil, maxUnknownRecipients: Int? = nil,
    failedLogins: Int? = Self.defaultFailedLogins, failedLoginsOfAccount: Int? = Self.defaultFailedLoginsOfAccount
  ) {
    self.mailsPerMinute = mailsPerMinute
    self.recipientsPerMinute = recipientsPerMinute
    self.maxUnknownRecipients = maxUnknownRecipients
    self.failedLogins = failedLogins
    self.failedLoginsOfAccount = failedLoginsOfAccount
  }
}
