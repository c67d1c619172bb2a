/// An internet address. An IPv4 address that is mapped into IPv6 (RFC 4291 §2.5.5.2), as a socket for both shows it, is
/// that IPv4 address.
package struct IPAddress: Hashable, Sendable {
  package enum Family: Sendable {
    case ipv4, ipv6

    /// Of an address.
    package var bitCount: Int {
      switch self {
      case .ipv4: 32
      case .ipv6: 128
      }
    }
  }

  package let family: Family
  /// As the address is sent, the first byte highest; an IPv4 address is in the lowest 32.
  let bits: UInt128

  private init(family: Family, bits: UInt128) {
    self.family = family
    self.bits = bits
  }

  package init(ipv4 bits: UInt32) { self.init(family: .ipv4, bits: UInt128(bits)) }

  package init(ipv6 bits: UInt128) {
    if bits >> 32 == 0xFFFF {
      self.init(ipv4: UInt32(truncatingIfNeeded: bits))
    } else {
      self.init(family: .ipv6, bits: bits)
    }
  }

  /// Of the machine that is spoken to: `127.0.0.0/8` or `::1`.
  package var isLoopback: Bool {
    switch family {
    case .ipv4: bits >> 24 == 127
    case .ipv6: bits == 1
    }
  }

  /// The first address of those that begin with the same bits.
  func keeping(firstBits count: Int) -> IPAddress {
    IPAddress(family: family, bits: bits & (UInt128.max << (family.bitCount - count)))
  }
}
