import Glibc

/// For whom waiting mails are counted when senders take turns: the network that the mail came from, an IPv4 address or an IPv6 /64,
/// which is not easily had anew. What this machine itself handed in (loopback, Unix sockets: a mail server in front of
/// this one, whose client could be anybody) is told apart by the domain of the reverse-path.
struct SenderKey: Hashable, Sendable {
  let text: String

  init(_ envelope: InboundEnvelope) {
    let address = envelope.clientAddress
    if address.isEmpty || address.utf8.starts(with: "127.".utf8) || address == "::1" {
      text = "@" + Self.domain(of: envelope.reversePath)
    } else if address.utf8.contains(UInt8(ascii: ":")) {
      text = Self.site(ofIPv6: address) ?? address
    } else {
      text = address
    }
  }

  /// Lower case; empty for the null reverse-path and for what has no domain.
  private static func domain(of address: String) -> String {
    guard let at = address.utf8.lastIndex(of: UInt8(ascii: "@")) else { return "" }
    return address[address.utf8.index(after: at)...].lowercased()
  }

  private static func site(ofIPv6 text: String) -> String? {
    var address = in6_addr()
    guard unsafe inet_pton(AF_INET6, text, &address) == 1 else { return nil }
    let bytes = unsafe withUnsafeBytes(of: address) { unsafe Array($0.prefix(8)) }
    return bytes.map { String($0, radix: 16) }.joined(separator: ".") + "/64"
  }
}
