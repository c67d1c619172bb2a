import Bytes
import SMTP

/// One account, `user` with the password `pencil`, with the salt and the server's nonce of RFC 7677 §3. About `busy`, `locked` and
/// `flood` nothing can be said now; all others have a secret that looks like the account's and opens nothing.
enum ScriptedAccounts {
  static let nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
  /// Of `pencil`, 4,096 times; made by another implementation.
  static let secret = SCRAMSecret(
    salt: [
      0x5B, 0x6D, 0x99, 0x68, 0x9D, 0x12, 0x35, 0x8E, 0xEC, 0xA0, 0x4B, 0x14, 0x12, 0x36, 0xFA, 0x81,
    ],
    iterationCount: 4_096, storedKey: bytes("586e5df283e6dceb5c3e791d8b8528ec191e664045ce971792e2e6b5bb13e2a6"),
    serverKey: bytes("c1f3cbc1c13a9d35a14c0990eed97629ea225863e566a4314ab99f3f00e5d9d5"))
  private static let user = SASLIdentity(user: UserID(rawValue: 7), name: "user@example.com")

  static func answer(_ request: SASLRequest) -> SASLAnswer {
    switch request.claim.name {
    case "busy": return .unavailable
    case "locked": return .tooManyFailuresOfAccount
    case "flood": return .tooManyFailuresOfNetwork
    default: break
    }
    let isKnown =
      request.claim.name == "user" && (request.claim.authorizationName ?? "user") == "user"
    switch request.proof {
    case .password(let password):
      return isKnown && password == Array("pencil".utf8) ? .accepted(user) : .refused
    case .secret: return .secret(secret, nonce: nonce, identity: isKnown ? user : nil)
    }
  }

  private static func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = Array(hexadecimal)
    return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0..<($0 + 2)]), radix: 16) }
  }
}
