import Crypto
import Foundation

/// A bearer token: `mdx_` and 32 random bytes in base64url. It is shown once; only its SHA-256 is stored, which needs
/// neither salt nor stretching since the token has 256 random bits.
struct TokenSecret {
  let text: String

  init(randomBytes: [UInt8], prefix: String = prefix) {
    precondition(randomBytes.count == Self.randomByteCount)
    let base64 = Data(randomBytes).base64EncodedString()
    text =
      prefix
      + base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }

  var hash: [UInt8] { Self.hash(of: text) }

  static func hash(of token: some StringProtocol) -> [UInt8] { Array(SHA256.hash(data: Data(token.utf8))) }

  static let prefix = "mdx_"
  /// Of operators' tokens: told from users' by people and by scanners of secrets; what counts is the hash.
  static let adminPrefix = "mdx_admin_"
  static let randomByteCount = 32
  /// Longer text is no token, and is not hashed.
  static let maxByteCount = 64
}
