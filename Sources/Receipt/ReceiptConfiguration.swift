package import SMTP

/// How the SMTP listener behaves.
package struct ReceiptConfiguration: Sendable {
  package var doors: [Door]
  /// What is the same at every door; the door decides on TLS.
  package var session: SMTPConfiguration
  /// At all doors together. More than these hear 421.
  package var maxConnections: Int
  /// The same for one IPv4 address or IPv6 /64. This machine's own connections are not counted.
  package var maxConnectionsPerClient: Int
  /// Whose connections begin with a PROXY header, and are those of the clients that it names.
  package var proxies: [Network]
  /// How long that header may take; three seconds at least, for a segment that is sent again.
  package var proxyHeaderTimeout: Duration
  /// Without a byte from the client (RFC 5321 §4.5.3.2.7 asks for five minutes at least).
  package var idleTimeout: Duration
  /// How long a client may take for a mail, from the connection or the mail before; our own time is not counted. A mail
  /// earns a second more with each `minimumByteRate` bytes of its content, so that a large one may come over a slow line.
  package var mailTimeout: Duration
  /// The same, and without a byte, while nearly all places are taken, for clients that others may come before. Shorter than RFC 5321 §4.5.3.2 asks for, as long as the
  /// others would hear 421.
  package var crowdedTimeout: Duration
  /// Of content, per second.
  package var minimumByteRate: Int
  /// What a client waits after its first failed login; see `LoginGuard`.
  package var firstLoginDelay: Duration
  /// How long transactions that are under way may take after a graceful shutdown began.
  package var shutdownTimeout: Duration
  /// Chooses the connections that are sent away while the queue is nearly full; see `PressureGate`.
  package var pressureSeed: UInt64
  /// Of DNS, for lists of addresses: `192.0.2.53`, `192.0.2.53:5353` or `[2001:db8::53]:5353`; empty for those of the machine.
  package var nameServers: [String]
  /// Whether logs name senders and recipients.
  package var logsAddresses: Bool

  package init(
    doors: [Door], session: SMTPConfiguration, maxConnections: Int = 1_000,
    maxConnectionsPerClient: Int = 50, proxies: [Network] = [], proxyHeaderTimeout: Duration = .seconds(5),
    idleTimeout: Duration = .seconds(300), mailTimeout: Duration = .seconds(1_800),
    crowdedTimeout: Duration = .seconds(30), minimumByteRate: Int = 4_096,
    firstLoginDelay: Duration = .seconds(1), shutdownTimeout: Duration = .seconds(10),
    pressureSeed: UInt64 = .random(in: .min ... .max), nameServers: [String] = [], logsAddresses: Bool = true
  ) {
    self.doors = doors
    self.session = session
    self.maxConnections = maxConnections
    self.maxConnectionsPerClient = maxConnectionsPerClient
    self.proxies = proxies
    self.proxyHeaderTimeout = proxyHeaderTimeout
    self.idleTimeout = idleTimeout
    self.mailTimeout = mailTimeout
    self.crowdedTimeout = crowdedTimeout
    self.minimumByteRate = minimumByteRate
    self.firstLoginDelay = firstLoginDelay
    self.shutdownTimeout = shutdownTimeout
    self.pressureSeed = pressureSeed
    self.nameServers = nameServers
    self.logsAddresses = logsAddresses
  }
}
