import Bytes
import Crypto
import Foundation
import MailStore
import Receipt
import SMTP

/// All accounts have the password `pencil`, with the salt and iterations of RFC 7677 §3.
struct TestAuthenticator: Authenticator {
  struct Trouble: Error {}

  let accounts: TestAccounts
  /// Nobody can tell.
  var isInTrouble = false

  func secret(for claim: SASLClaim) -> (secret: SCRAMSecret, identity: SASLIdentity?) {
    (SCRAMClient.secretOfPencil, identity(of: claim))
  }

  func verify(_ claim: SASLClaim, password: [UInt8]) async throws -> SASLIdentity? {
    if isInTrouble { throw Trouble() }
    return password == Array("pencil".utf8) ? identity(of: claim) : nil
  }

  func mayUse(_ address: String, _ identity: SASLIdentity, by policy: RecipientPolicy) -> Bool {
    address.isEmpty || policy.has(identity.user, address, among: accounts)
  }

  private func identity(of claim: SASLClaim) -> SASLIdentity? {
    guard let address = AccountAddress(claim.name), let user = accounts.userID(at: address) else { return nil }
    return SASLIdentity(user: user, name: address.text)
  }
}

/// The client's side of SCRAM-SHA-256 for the password `pencil`, as far as a test needs it.
enum SCRAMClient {
  /// `Hi("pencil", salt, 4096)`, made by another implementation.
  private static let saltedPassword = Data(base64Encoded: "xKSVEDI6tPlSysH6mUQZOeeOp01r6B3fcJbodRPcYV0=") ?? Data()
  static let secretOfPencil = SCRAMSecret(
    salt: Array(Data(base64Encoded: "W22ZaJ0SNY7soEsUEjb6gQ==") ?? Data()), iterationCount: 4_096,
    storedKey: Array(SHA256.hash(data: hmac(saltedPassword, "Client Key"))),
    serverKey: Array(hmac(saltedPassword, "Server Key")))

  /// - Returns: the answer to the server's last message, or to whatever came in its place.
  static func authenticate(_ client: TestClient, as name: String) async throws -> String {
    let first = "n=\(name),r=fyko+d2lbbFgONRv9qkxdawL"
    let challenge = try await client.say("AUTH SCRAM-SHA-256 \(base64("n,,\(first)"))")[0]
    guard challenge.hasPrefix("334 "), let decoded = Data(base64Encoded: String(challenge.dropFirst(4))) else {
      return challenge
    }
    let answer = String(decoding: decoded, as: UTF8.self)
    let last = "c=biws,\(answer.prefix { $0 != "," })"
    let clientKey = hmac(saltedPassword, "Client Key")
    let signature = hmac(Data(SHA256.hash(data: clientKey)), "\(first),\(answer),\(last)")
    let proof = Data(zip(clientKey, signature).map { $0 ^ $1 }).base64EncodedString()
    let signed = try await client.say(base64("\(last),p=\(proof)"))[0]
    guard signed.hasPrefix("334 ") else { return signed }
    let expected = hmac(hmac(saltedPassword, "Server Key"), "\(first),\(answer),\(last)").base64EncodedString()
    guard signed == "334 " + base64("v=\(expected)") else { return "the server does not know the password" }
    return try await client.say("")[0]
  }

  private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

  private static func hmac(_ key: Data, _ text: String) -> Data {
    Data(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: key)))
  }
}

/// `AUTH PLAIN` with its initial response.
func authPlain(_ name: String, _ password: String) -> String {
  "AUTH PLAIN " + Data("\0\(name)\0\(password)".utf8).base64EncodedString()
}
