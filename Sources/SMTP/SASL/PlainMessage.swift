/// The one message of PLAIN: `[authzid] NUL authcid NUL passwd` (RFC 4616 §2).
struct PlainMessage: Equatable {
  let claim: SASLClaim
  let password: [UInt8]

  /// Bytes of each of its parts; the RFC allows for 255 characters at least.
  static let maxPartByteCount = 1_024

  /// `nil` for what has not exactly two NULs, lacks name or password, is too long or no UTF-8. Control characters in a name are
  /// no name's; those of a password are its preparation's to refuse.
  static func parse(_ message: [UInt8]) -> PlainMessage? {
    let parts = message.split(separator: 0, omittingEmptySubsequences: false)
    guard parts.count == 3, parts.allSatisfy({ $0.count <= maxPartByteCount }), !parts[2].isEmpty,
      let authorizationName = name(parts[0]), let authenticationName = name(parts[1]), !authenticationName.isEmpty,
      String(validating: parts[2], as: UTF8.self) != nil
    else { return nil }
    let claim = SASLClaim(
      name: authenticationName, authorizationName: authorizationName.isEmpty ? nil : authorizationName)
    return PlainMessage(claim: claim, password: Array(parts[2]))
  }

  /// - Returns: nil for bytes that are no name.
  static func name(_ bytes: some Collection<UInt8>) -> String? {
    guard bytes.count <= maxPartByteCount, bytes.allSatisfy({ $0 >= 32 && $0 != 127 }) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}
