extension IPAddress {
  /// The labels under which lists in DNS have the address, before the list's own name (RFC 5782 §2.1 and §2.4): `7.2.0.192` for
  /// 192.0.2.7; of IPv6 all 32 hex digits, the last first, each a label.
  package var reversedLabels: String {
    switch family {
    case .ipv4:
      (0..<4).map { String(UInt8(truncatingIfNeeded: bits >> (8 * $0))) }.joined(separator: ".")
    case .ipv6:
      (0..<32).map { String(UInt8(truncatingIfNeeded: bits >> (4 * $0)) & 0xF, radix: 16) }.joined(separator: ".")
    }
  }

  /// Of IPv4, as a number; `nil` of IPv6.
  package var ipv4Bits: UInt32? { family == .ipv4 ? UInt32(truncatingIfNeeded: bits) : nil }
}
