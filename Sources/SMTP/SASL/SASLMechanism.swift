/// A way to say who one is (RFC 4422), the better ones first. There is no channel binding: SCRAM-SHA-256-PLUS needs what the TLS
/// library keeps to itself (RFC 9266's exporter).
package enum SASLMechanism: String, CaseIterable, Sendable {
  /// RFC 5802 and 7677: the password does not leave the client.
  case scramSHA256 = "SCRAM-SHA-256"
  /// RFC 4616
  case plain = "PLAIN"
  /// draft-murchison-sasl-login: as PLAIN, in two answers; for old clients.
  case login = "LOGIN"

  /// - Parameter name: in any case (RFC 4954 §4 has `sasl-mech` from RFC 4422, whose names are capitals; clients differ).
  init?(name: [UInt8]) { self.init(rawValue: String(decoding: name.map(\.asciiUppercased), as: UTF8.self)) }
}
