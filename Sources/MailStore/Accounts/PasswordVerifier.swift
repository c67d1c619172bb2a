import Bytes
import Crypto
import CryptoExtras
import Foundation

/// What is kept of a password: the keys of SCRAM-SHA-256 (RFC 5802 §3, RFC 7677), by which PLAIN's passwords are known as well.
/// Written as in RFC 5803:
///
///     SCRAM-SHA-256$210000:c2FsdA==$StoredKey:ServerKey        salt and keys in base64
package struct PasswordVerifier: Hashable, Sendable {
  package let salt: [UInt8]
  package let iterationCount: Int
  package let storedKey: [UInt8]
  package let serverKey: [UInt8]

  /// What swift-crypto takes for the least that is safe, and far more than RFC 7677 §4 asks for. A client spends as much on each
  /// login with SCRAM, a server on each with PLAIN. Of what is kept it stays: other counts would tell who has an account.
  package static let defaultIterationCount = 210_000
  package static let saltByteCount = 16
  private static let iterationCounts = 4_096...10_000_000
  private static let saltByteCounts = 8...64

  /// Takes a tenth of a second.
  /// - Returns: nil for a password that cannot be kept (`PasswordPreparation`).
  package init?(
    password: [UInt8], salt: [UInt8], iterationCount: Int = Self.defaultIterationCount
  ) throws {
    guard let prepared = PasswordPreparation.prepare(password, keeps: true) else { return nil }
    let salted = try Self.saltedPassword(prepared, salt, iterationCount)
    self.init(
      salt: salt, iterationCount: iterationCount, storedKey: Self.storedKey(of: salted),
      serverKey: Self.hmac(salted, Array("Server Key".utf8)))
  }

  private init(salt: [UInt8], iterationCount: Int, storedKey: [UInt8], serverKey: [UInt8]) {
    self.salt = salt
    self.iterationCount = iterationCount
    self.storedKey = storedKey
    self.serverKey = serverKey
  }

  /// A verifier of no password, always the same one for a name: who does not exist looks as somebody who does (RFC 5802 §5.1).
  /// - Parameter key: known to nobody else.
  package init(decoyFor name: String, key: [UInt8]) {
    func bytes(_ purpose: String) -> [UInt8] { Self.hmac(SymmetricKey(data: key), Array("\(purpose)\0\(name)".utf8)) }
    self.init(
      salt: Array(bytes("salt").prefix(Self.saltByteCount)), iterationCount: Self.defaultIterationCount,
      storedKey: bytes("stored key"), serverKey: bytes("server key"))
  }

  /// Takes as long for any password, usable or not, right or wrong.
  package func matches(_ password: [UInt8]) throws -> Bool {
    let prepared = PasswordPreparation.prepare(password, keeps: false)
    let salted = try Self.saltedPassword(prepared ?? Array(password.prefix(64)), salt, iterationCount)
    return Self.storedKey(of: salted).equalsInConstantTime(storedKey) && prepared != nil
  }

  // MARK: - As text

  package var text: String {
    func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
    return "\(Self.scheme)$\(iterationCount):\(base64(salt))$\(base64(storedKey)):\(base64(serverKey))"
  }

  /// - Returns: nil for text that is none, or has numbers that nobody would choose.
  package init?(text: String) {
    let parts = text.split(separator: "$", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == Self.scheme else { return nil }
    let parameters = parts[1].split(separator: ":", omittingEmptySubsequences: false)
    let keys = parts[2].split(separator: ":", omittingEmptySubsequences: false)
      .map { Data(base64Encoded: String($0)).map { Array($0) } }
    guard parameters.count == 2, let count = Int(parameters[0]), Self.iterationCounts.contains(count),
      let salt = Data(base64Encoded: String(parameters[1])), Self.saltByteCounts.contains(salt.count), keys.count == 2,
      let storedKey = keys[0], let serverKey = keys[1], storedKey.count == SHA256.byteCount,
      serverKey.count == SHA256.byteCount
    else { return nil }
    self.init(salt: Array(salt), iterationCount: count, storedKey: storedKey, serverKey: serverKey)
  }

  private static let scheme = "SCRAM-SHA-256"

  // MARK: - Keys

  /// `Hi` of RFC 5802 §2.2, which is PBKDF2.
  private static func saltedPassword(
    _ password: [UInt8], _ salt: [UInt8], _ iterationCount: Int
  ) throws -> SymmetricKey {
    try KDF.Insecure.PBKDF2.deriveKey(
      from: password, salt: salt, using: .sha256, outputByteCount: SHA256.byteCount,
      unsafeUncheckedRounds: iterationCount)
  }

  private static func storedKey(of salted: SymmetricKey) -> [UInt8] {
    Array(SHA256.hash(data: hmac(salted, Array("Client Key".utf8))))
  }

  private static func hmac(_ key: SymmetricKey, _ bytes: [UInt8]) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
  }
}
