/// Makes headers of the PROXY protocol's version 2, good ones and bad ones.
package enum ProxyHeaderBytes {
  package static let signature = bytes("0d0a0d0a000d0a515549540a")
  /// From 192.0.2.7 to 198.51.100.25, with ports.
  package static let ipv4 = bytes("c0000207 c6336419 dc04 0019")
  /// From 2001:db8::7 to 2001:db8::25, with ports.
  package static let ipv6 = bytes("20010db8000000000000000000000007 20010db8000000000000000000000025 dc04 0019")

  /// - Parameters:
  ///   - command: with the version.
  ///   - kind: family and transport.
  package static func header(_ command: UInt8, _ kind: UInt8, _ body: [UInt8]) -> [UInt8] {
    signature + [command, kind] + length(body) + body
  }

  package static func tlv(_ type: UInt8, _ value: [UInt8]) -> [UInt8] { [type] + length(value) + value }

  private static func length(_ bytes: [UInt8]) -> [UInt8] { [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] }

  /// - Parameter hex: digits, and spaces where they help.
  package static func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}
