/// Where the relay listens, and how it is spoken to.
package struct RelayAddress: Sendable, Hashable, CustomStringConvertible {
  package let host: String
  package let port: Int
  /// Whether STARTTLS is said where it is offered. The certificate is not looked at: what is sent may go in clear as well.
  package let wantsTLS: Bool

  package init(host: String, port: Int, wantsTLS: Bool) {
    self.host = host
    self.port = port
    self.wantsTLS = wantsTLS
  }

  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
