package import SMTP

/// Who may submit mail, and as whom.
package protocol Authenticator: Sendable {
  /// What is kept of the password of who a client says it is; of who does not exist something that looks the same, and is the
  /// same each time, and no identity. Called on an event loop: it must not block, and takes as long in either case.
  func secret(for claim: SASLClaim) -> (secret: SCRAMSecret, identity: SASLIdentity?)

  /// Takes as long whether there is such an account or not.
  /// - Returns: nil for a wrong password and for who does not exist.
  /// - Throws: when nobody can tell now.
  func verify(_ claim: SASLClaim, password: [UInt8]) async throws -> SASLIdentity?

  /// Whether an account may send as `address`: still is there, and has it, as its own, with a tag or by an alias; not because it
  /// catches what is nobody's. The null reverse path is anybody's, for notifications (RFC 8098 §3). Called on an event loop.
  func mayUse(_ address: String, _ identity: SASLIdentity, by policy: RecipientPolicy) -> Bool
}
