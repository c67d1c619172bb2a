package import Bytes

/// What a proxy says of a connection that it hands on, before anything else comes over it: the PROXY protocol, versions 1
/// and 2 (HAProxy's doc/proxy-protocol.txt of 2020/03/05).
///
///     version 1    PROXY TCP4 192.0.2.7 198.51.100.25 56324 25 CR LF
///
///     version 2    0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A  21 11 00 0C  C0 00 02 07  C6 33 64 19  DC 04  00 19  …
///                  signature                            │  │  │      source       destination  ports         TLVs
///                                    version and command┘  │  └length of what follows
///                                       family and protocol┘
package struct ProxyHeader: Equatable, Sendable {
  /// The most bytes that a header may have. They are few, so that a header fits into one segment; the length of version 2
  /// would allow for more.
  package static let maxByteCount = 4_096

  /// Whose connection it is. `nil` where it is the proxy's own, or one of which the proxy says nothing that is of use here:
  /// then the address counts that the connection has.
  package let source: IPAddress?
  /// Of the header. What follows belongs to the connection.
  package let byteCount: Int

  /// Parses the beginning of a connection. More bytes change nothing once there is a header or an error, so that it makes
  /// no difference how they are cut on their way.
  /// - Parameter bytes: all that has come; no more than `maxByteCount` of them are looked at.
  /// - Returns: `nil` if more must come; `maxByteCount` are always enough.
  /// - Throws: what it is that is no header, as soon as that is known.
  package static func parse(_ bytes: [UInt8]) throws(DecodingError) -> ProxyHeader? {
    switch bytes.first {
    case nil: nil
    case version1Signature.first: try parseVersion1(bytes)
    case version2Signature.first: try parseVersion2(bytes)
    default: throw DecodingError(offset: 0, message: "no PROXY header")
    }
  }

  /// Whether a signature is there as a whole.
  static func hasSignature(_ signature: [UInt8], _ bytes: [UInt8]) throws(DecodingError) -> Bool {
    for (offset, (found, expected)) in zip(bytes, signature).enumerated() where found != expected {
      throw DecodingError(offset: offset, message: "no PROXY header")
    }
    return bytes.count >= signature.count
  }
}
