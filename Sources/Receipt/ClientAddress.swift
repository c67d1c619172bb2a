import NIOCore

/// Where a connection comes from.
struct ClientAddress: Sendable {
  /// Without port and brackets, IPv4 also where the socket shows it mapped into IPv6. Empty if it is no internet address.
  let text: String

  init(_ address: SocketAddress?) {
    let text = address?.ipAddress ?? ""
    self.text = text.hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text
  }

  private var isIPv6: Bool { text.utf8.contains(UInt8(ascii: ":")) }

  /// Whom connections are counted for: an IPv4 address, or the /64 in which one site has as many of IPv6 as it likes.
  /// `nil` for this machine, which meets no limits of that kind.
  var site: String? {
    if text.isEmpty || text.hasPrefix("127.") || text == "::1" { return nil }
    return isIPv6 ? firstFourGroups : text
  }

  /// Of the eight, `::` written out.
  private var firstFourGroups: String {
    let sides = text.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
      .map { $0.split(separator: ":") }
    let left = sides.first ?? []
    let right = sides.dropFirst().first ?? []
    let zeros = Array(repeating: Substring("0"), count: max(0, 8 - left.count - right.count))
    return (left + zeros + right).prefix(4).joined(separator: ":")
  }
}
