import Bytes

/// The line of text (§2.1 of the specification).
extension ProxyHeader {
  static let version1Signature = Array("PROXY ".utf8)

  /// With the CR LF.
  private static let maxLineByteCount = 107

  /// The first LF ends the line or is an error; nobody sends one within what is said after UNKNOWN.
  static func parseVersion1(_ bytes: [UInt8]) throws(DecodingError) -> ProxyHeader? {
    guard try hasSignature(version1Signature, bytes) else { return nil }
    guard let end = bytes.prefix(maxLineByteCount).firstIndex(of: UInt8(ascii: "\n")) else {
      if bytes.count < maxLineByteCount { return nil }
      throw DecodingError(offset: maxLineByteCount, message: "PROXY header without CR LF")
    }
    guard bytes[end - 1] == UInt8(ascii: "\r") else {
      throw DecodingError(offset: end, message: "PROXY header with LF alone")
    }
    let fields = bytes[..<(end - 1)].split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    return ProxyHeader(source: try source(fields), byteCount: end + 1)
  }

  /// - Parameter fields: `PROXY`, the family and, but where it is unknown, source and destination, first their addresses, then
  ///   their ports.
  private static func source(_ fields: [ArraySlice<UInt8>]) throws(DecodingError) -> IPAddress? {
    let family = String(decoding: fields[1], as: UTF8.self)
    // What follows that is to be ignored.
    if family == "UNKNOWN" { return nil }
    guard family == "TCP4" || family == "TCP6" else {
      throw DecodingError(offset: fields[1].startIndex, message: "expected TCP4, TCP6 or UNKNOWN")
    }
    guard fields.count == 6 else {
      throw DecodingError(
        offset: fields[1].startIndex, message: "expected two addresses and two ports after single spaces")
    }
    let isIPv4 = family == "TCP4"
    let source = try address(fields[2], isIPv4)
    _ = try address(fields[3], isIPv4)
    try checkPort(fields[4])
    try checkPort(fields[5])
    return source
  }

  private static func address(_ text: ArraySlice<UInt8>, _ isIPv4: Bool) throws(DecodingError) -> IPAddress {
    guard let address = isIPv4 ? IPAddress(ipv4Text: text) : IPAddress(ipv6Text: text) else {
      throw DecodingError(offset: text.startIndex, message: "expected an IPv\(isIPv4 ? 4 : 6) address")
    }
    return address
  }

  private static func checkPort(_ text: ArraySlice<UInt8>) throws(DecodingError) {
    guard DecimalNumber.parse(text, atMost: 65_535) != nil else {
      throw DecodingError(offset: text.startIndex, message: "expected a port")
    }
  }
}
