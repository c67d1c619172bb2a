import NIOCore
import SMTP

/// Where a connection comes from: what its socket shows, or what a proxy says in whom we trust.
struct ClientAddress: Equatable, Sendable {
  /// `nil` if it is no internet address.
  let ip: IPAddress?
  /// Without port and brackets; empty if it is no internet address.
  let text: String

  init(_ ip: IPAddress?) {
    self.ip = ip
    text = ip?.description ?? ""
  }

  init(of socket: SocketAddress?) { self.init(socket?.ipAddress.flatMap { IPAddress($0) }) }

  /// Whom connections are counted for. `nil` for this machine, which meets no limits of that kind.
  var site: Network? { ip?.isLoopback == true ? nil : network }

  /// Whom anything is counted for: an IPv4 address, or the /64 in which one site has as many of IPv6 as it likes. `nil` if it
  /// is no internet address.
  var network: Network? {
    ip.map { Network(of: $0, prefixLength: $0.family == .ipv4 ? 32 : 64) }
  }
}
