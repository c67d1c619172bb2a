/// What a session needs to know of its server.
package struct SMTPConfiguration: Sendable {
  /// Said in the greeting and written into `Received`.
  package var hostName: String
  /// Of content as RFC 1870 counts it, in bytes.
  package var maxMessageSize: Int
  /// Per transaction; refused ones count as well.
  package var maxRecipients: Int
  /// Pairs of a recipient and somebody who gets its mail, of one transaction; its first recipient may lead to more.
  package var maxDeliveries: Int
  /// Commands that made no sense, since the last accepted mail.
  package var maxErrors: Int
  /// Commands of any kind but RCPT, since the last accepted mail.
  package var maxCommands: Int
  /// Since the last accepted mail. Looked at when the next transaction begins: one mail to an old list is no attack.
  package var maxRefusedRecipients: Int
  /// How far over `maxMessageSize` a refused mail is read in the hope of its end.
  package var maxExcessByteCount: Int
  /// `Received` fields that a mail may bring.
  package var maxHops: Int
  package var tls: TLSUse
  package var dialect: Dialect
  /// Mail is taken of accounts alone, within TLS alone (RFC 6409 §4.3, RFC 4954); needs TLS of some kind.
  package var isSubmission: Bool
  /// Whether DSN is announced (RFC 3461): where reports can be sent to anyone. Its parameters are understood anyhow.
  package var announcesDSN: Bool
  /// Logins of a session.
  package var maxFailedLogins: Int

  package enum Dialect: Sendable {
    case smtp
    /// RFC 2033: LHLO for EHLO and HELO, and an answer for each recipient after the data.
    case lmtp
  }

  package enum TLSUse: Sendable {
    case none
    /// STARTTLS is announced (RFC 3207).
    case offered
    /// From the first byte on (RFC 8314 §3).
    case implicit
  }

  package init(
    hostName: String, maxMessageSize: Int = 50 << 20, maxRecipients: Int = 1_000, maxDeliveries: Int = 10_000,
    maxErrors: Int = 10, maxCommands: Int = 100, maxRefusedRecipients: Int = 100, maxExcessByteCount: Int = 64 << 20,
    maxHops: Int = 100, tls: TLSUse = .none, dialect: Dialect = .smtp, isSubmission: Bool = false,
    announcesDSN: Bool = false, maxFailedLogins: Int = 5
  ) {
    self.hostName = hostName
    self.maxMessageSize = maxMessageSize
    self.maxRecipients = maxRecipients
    self.maxDeliveries = maxDeliveries
    self.maxErrors = maxErrors
    self.maxCommands = maxCommands
    self.maxRefusedRecipients = maxRefusedRecipients
    self.maxExcessByteCount = maxExcessByteCount
    self.maxHops = maxHops
    self.tls = tls
    self.dialect = dialect
    self.isSubmission = isSubmission
    self.announcesDSN = announcesDSN
    self.maxFailedLogins = maxFailedLogins
  }
}
