/// All addresses that begin with the same bits (RFC 4632 §3.1, RFC 4291 §2.3): `192.0.2.0/24`, `2001:db8::/32`.
///
/// One of IPv6 holds none of IPv4, whatever its bits: mapped addresses count as IPv4, so that `::/0` is all of IPv6 alone.
package struct Network: Hashable, Sendable {
  /// The first one.
  package let address: IPAddress
  package let prefixLength: Int

  /// The network of that size in which an address is.
  /// - Parameter prefixLength: from 0 to the bits that an address of the family has.
  package init(of address: IPAddress, prefixLength: Int) {
    self.address = address.keeping(firstBits: prefixLength)
    self.prefixLength = prefixLength
  }

  package func contains(_ address: IPAddress) -> Bool {
    address.family == self.address.family && address.keeping(firstBits: prefixLength) == self.address
  }
}

extension Network: CustomStringConvertible {
  package var description: String { "\(address)/\(prefixLength)" }
}

extension Network {
  /// Why a text is no network.
  package enum ParsingError: Error, Equatable, CustomStringConvertible {
    case noAddress
    case prefixLength(ClosedRange<Int>)
    /// More bits are set than the prefix has, and who wrote that may have meant another network: the one here, or a single
    /// address.
    case within(Network)

    package var description: String {
      switch self {
      case .noAddress: "no IP address"
      case .prefixLength(let range): "the prefix length is from \(range.lowerBound) to \(range.upperBound)"
      case .within(let network): "the network that it is in is written \(network)"
      }
    }
  }

  /// `ADDRESS/PREFIXLENGTH`, or an address for it alone. `::ffff:192.0.2.0/120` is `192.0.2.0/24`.
  package init(_ text: String) throws(ParsingError) {
    let parts = Array(text.utf8).split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = IPAddress(parts[0]) else { throw .noAddress }
    // In IPv6's form the bits of ::ffff: count too.
    let mappedBitCount = address.family == .ipv4 && parts[0].contains(UInt8(ascii: ":")) ? 96 : 0
    let range = mappedBitCount...mappedBitCount + address.family.bitCount
    var length = range.upperBound
    if parts.count == 2 {
      guard let given = DecimalNumber.parse(parts[1], atMost: 128), range.contains(given) else {
        throw .prefixLength(range)
      }
      length = given
    }
    self.init(of: address, prefixLength: length - mappedBitCount)
    guard self.address == address else { throw .within(self) }
  }
}
