/// What a server keeps of a password for SCRAM (RFC 5802 §3): enough to know the password again, not to say it.
package struct SCRAMSecret: Hashable, Sendable {
  package let salt: [UInt8]
  package let iterationCount: Int
  /// SHA-256 of the client's key: 32 bytes.
  package let storedKey: [UInt8]
  package let serverKey: [UInt8]

  package init(salt: [UInt8], iterationCount: Int, storedKey: [UInt8], serverKey: [UInt8]) {
    self.salt = salt
    self.iterationCount = iterationCount
    self.storedKey = storedKey
    self.serverKey = serverKey
  }
}
