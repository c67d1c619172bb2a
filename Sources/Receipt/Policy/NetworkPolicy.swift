package import SMTP

/// From which networks connections are taken. What is allowed is so wherever it is blocked, and its clients are trusted: they
/// meet none of the limits that are there to tell servers from abusers.
package struct NetworkPolicy: Sendable {
  private let allowed: [Network]
  private let blocked: [Network]

  package static let loopback = [
    Network(of: IPAddress(ipv4: 127 << 24), prefixLength: 8), Network(of: IPAddress(ipv6: 1), prefixLength: 128),
  ]

  package init(allowed: [Network] = Self.loopback, blocked: [Network] = []) {
    self.allowed = allowed
    self.blocked = blocked
  }

  func blocks(_ client: ClientAddress) -> Bool {
    guard !blocked.isEmpty, let address = client.ip else { return false }
    return blocked.contains { $0.contains(address) } && !trusts(client)
  }

  /// Whether it is allowed by name, or comes over a Unix socket, to which others have no way.
  func trusts(_ client: ClientAddress) -> Bool {
    guard let address = client.ip else { return true }
    return allowed.contains { $0.contains(address) }
  }
}
