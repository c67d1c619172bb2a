/// A place where the listener takes connections, and what is spoken there.
package struct Door: Equatable, Sendable {
  package enum Address: Equatable, Sendable {
    /// An address or name of this machine; port 0 lets the system choose.
    case tcp(host: String, port: Int)
    /// A Unix socket that is made, and removed in the end; the process' umask says who may write to it.
    case unix(path: String)
  }

  package enum Speech: Equatable, Sendable {
    /// With STARTTLS where there is a certificate.
    case smtp
    /// Implicit TLS (RFC 8314 §3); needs a certificate.
    case smtpOverTLS
    /// For accounts alone (RFC 6409), after STARTTLS; needs a certificate.
    case submission
    /// The same within TLS from the first byte (RFC 8314 §3.3).
    case submissionOverTLS
    case lmtp
  }

  package var address: Address
  package var speech: Speech

  package init(_ address: Address, _ speech: Speech = .smtp) {
    self.address = address
    self.speech = speech
  }

  var needsCertificate: Bool { speech != .smtp && speech != .lmtp }
}

extension Door.Address: CustomStringConvertible {
  /// `127.0.0.1:2525`, `[::1]:2525`.
  package var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): path
    }
  }
}
