package import Bytes

/// A mail as filters see it: its bytes, and what the session said of it.
package struct FilteredMail: Sendable {
  /// As received, with or without the trace fields of this server.
  package var bytes: [UInt8]
  /// Without angle brackets; empty for the null reverse-path of bounces.
  package var reversePath: String
  package var recipients: [String]
  /// `192.0.2.7`, `2001:db8::7`; empty where the client has none (a Unix socket).
  package var clientAddress: String
  /// What the client said with HELO, EHLO or LHLO.
  package var heloName: String
  /// The name of this server.
  package var hostName: String
  package var queueID: String
  package var receivedAt: Timestamp
  /// Who submitted it; nil for mail from other servers.
  package var authenticatedUser: String?

  package init(
    bytes: [UInt8], reversePath: String, recipients: [String], clientAddress: String, heloName: String,
    hostName: String, queueID: String, receivedAt: Timestamp, authenticatedUser: String? = nil
  ) {
    self.bytes = bytes
    self.reversePath = reversePath
    self.recipients = recipients
    self.clientAddress = clientAddress
    self.heloName = heloName
    self.hostName = hostName
    self.queueID = queueID
    self.receivedAt = receivedAt
    self.authenticatedUser = authenticatedUser
  }
}
