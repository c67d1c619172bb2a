import Bytes

/// The binary form (§2.2 of the specification). All numbers have their highest byte first.
extension ProxyHeader {
  static let version2Signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]

  /// What the addresses are of.
  private enum Family: UInt8 {
    case unspecified, ipv4, ipv6, unix

    /// Of source and destination, with ports where there are any.
    var addressesByteCount: Int {
      switch self {
      case .unspecified: 0
      case .ipv4: 2 * (4 + 2)
      case .ipv6: 2 * (16 + 2)
      case .unix: 2 * 108
      }
    }
  }

  private enum Transport: UInt8 {
    case unspecified, stream, datagram
  }

  /// Signature, version and command, family and transport, length.
  private static let fixedByteCount = 16

  static func parseVersion2(_ bytes: [UInt8]) throws(DecodingError) -> ProxyHeader? {
    guard try hasSignature(version2Signature, bytes), bytes.count >= fixedByteCount else { return nil }
    let (family, transport): (Family, Transport) =
      try isLocal(bytes[12]) ? (.unspecified, .unspecified) : kind(bytes[13])
    let byteCount = fixedByteCount + number(bytes[14..<16])
    let addressesEnd = fixedByteCount + family.addressesByteCount
    guard (addressesEnd...maxByteCount).contains(byteCount) else {
      throw DecodingError(
        offset: 14, message: "PROXY header of \(byteCount) bytes, expected \(addressesEnd) to \(maxByteCount)")
    }
    guard bytes.count >= byteCount else { return nil }
    // What an unspecified family comes with is unspecified as well.
    if family != .unspecified { try checkExtensions(Array(bytes[..<byteCount]), from: addressesEnd) }
    return ProxyHeader(source: transport == .stream ? source(family, bytes) : nil, byteCount: byteCount)
  }

  /// LOCAL: the proxy's own connection, as to see whether the server is well. What comes with it is ignored, its family too.
  private static func isLocal(_ versionAndCommand: UInt8) throws(DecodingError) -> Bool {
    switch versionAndCommand {
    case 0x20: true
    case 0x21: false
    default: throw DecodingError(offset: 12, message: "expected version 2, and LOCAL or PROXY")
    }
  }

  private static func kind(_ byte: UInt8) throws(DecodingError) -> (Family, Transport) {
    guard let family = Family(rawValue: byte >> 4), let transport = Transport(rawValue: byte & 0x0F) else {
      throw DecodingError(offset: 13, message: "unknown family or transport")
    }
    // Either of the two makes both.
    return family == .unspecified || transport == .unspecified ? (.unspecified, .unspecified) : (family, transport)
  }

  private static func source(_ family: Family, _ bytes: [UInt8]) -> IPAddress? {
    let addresses = bytes[fixedByteCount...]
    switch family {
    case .ipv4: return IPAddress(ipv4: number(addresses.prefix(4)))
    case .ipv6: return IPAddress(ipv6: number(addresses.prefix(16)))
    case .unspecified, .unix: return nil
    }
  }

  /// What follows the addresses, each with a type, two bytes of length and a value. Only a checksum matters here.
  private static func checkExtensions(_ header: [UInt8], from start: Int) throws(DecodingError) {
    var offset = start
    while offset < header.count {
      guard header.count - offset >= 3 else {
        throw DecodingError(offset: offset, message: "PROXY header that ends within a TLV")
      }
      let value = offset + 3
      let end = value + number(header[(offset + 1)..<value])
      guard end <= header.count else {
        throw DecodingError(offset: offset, message: "TLV that ends behind its PROXY header")
      }
      if header[offset] == checksumType { try checkChecksum(header, value..<end) }
      offset = end
    }
  }

  /// PP2_TYPE_CRC32C.
  private static let checksumType: UInt8 = 0x03

  /// It is of the whole header with zeros in its own place (§2.2.3).
  private static func checkChecksum(_ header: [UInt8], _ place: Range<Int>) throws(DecodingError) {
    guard place.count == 4 else {
      throw DecodingError(offset: place.lowerBound, message: "expected a checksum of 4 bytes, found \(place.count)")
    }
    var zeroed = header
    zeroed.replaceSubrange(place, with: repeatElement(0, count: 4))
    guard CRC32C.checksum(zeroed) == number(header[place]) else {
      throw DecodingError(offset: place.lowerBound, message: "PROXY header with a checksum of other bytes")
    }
  }

  private static func number<Number: FixedWidthInteger>(_ bytes: ArraySlice<UInt8>) -> Number {
    bytes.reduce(0) { $0 << 8 | Number($1) }
  }
}
