/// Where the server listens and whom it believes.
package struct HTTPConfiguration: Sendable {
  package enum Address: Sendable, Equatable, CustomStringConvertible {
    /// Port 0 takes any free one.
    case tcp(host: String, port: Int)
    /// Whoever can open the socket's file is trusted: the caller keeps it in a private directory.
    case unixSocket(path: String)

    package var description: String {
      switch self {
      case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
      case .unixSocket(let path): path
      }
    }
  }

  package enum Authentication: Sendable, Equatable {
    /// `Authorization: Bearer mdx_…`.
    case token
    /// The header `X-Maildex-User` is believed; for loopback addresses and sockets only.
    case none
  }

  package static let defaultMaxConnections = 1_024

  package var address: Address
  package var authentication: Authentication
  /// The longest that a request may take.
  package var requestDeadline: Duration
  /// The longest that a search may take.
  package var searchDeadline: Duration
  /// In bytes, of a request's body.
  package var maxBodySize: Int
  /// In bytes, of the mails that are being read and sent at one time, over all requests; over it the answer is 503.
  package var maxMailInFlight: Int
  /// More connections than this wait in the listen queue.
  package var maxConnections: Int
  /// A connection without traffic is closed after so long, also one whose client takes nothing of its answer.
  package var idleTimeout: Duration

  package init(
    address: Address, authentication: Authentication = .token, requestDeadline: Duration = .seconds(30),
    searchDeadline: Duration = .seconds(10), maxBodySize: Int = 1 << 20, maxMailInFlight: Int = 256 << 20,
    maxConnections: Int = defaultMaxConnections, idleTimeout: Duration = .seconds(75)
  ) {
    self.address = address
    self.authentication = authentication
    self.requestDeadline = requestDeadline
    self.searchDeadline = searchDeadline
    self.maxBodySize = maxBodySize
    self.maxMailInFlight = maxMailInFlight
    self.maxConnections = maxConnections
    self.idleTimeout = idleTimeout
  }

  /// - Throws: `HTTPConfigurationError` for a combination that would give mail to strangers.
  func validate() throws {
    guard authentication == .none, case .tcp(let host, _) = address, !LoopbackHost.isLoopback(host) else { return }
    throw HTTPConfigurationError(
      message: "http.auth is none, which trusts whoever connects, but http listens on \(host): "
        + "bind it to 127.0.0.1, or set http.auth to token")
  }
}

/// The server cannot be set up as configured.
package struct HTTPConfigurationError: Error, Equatable, CustomStringConvertible {
  package let message: String
  package var description: String { message }
}
