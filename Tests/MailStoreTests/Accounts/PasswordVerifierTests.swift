import Bytes
import Crypto
import CryptoExtras
import Foundation
import MailStore
import Testing

struct PasswordVerifierTests {
  private static let salt = Array(Data(base64Encoded: "W22ZaJ0SNY7soEsUEjb6gQ==") ?? Data())
  /// Of `pencil` with the salt of RFC 7677 §3, made by another implementation.
  private static let text =
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
    + "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="

  /// RFC 7914 §11, which has the vectors of PBKDF2 with HMAC-SHA-256 that keys here are derived with.
  @Test(arguments: [
    (
      "passwd", "salt", 1,
      "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
        + "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"
    ),
    (
      "Password", "NaCl", 80_000,
      "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
        + "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d"
    ),
  ])
  func `keys are derived as RFC 7914 has it`(password: String, salt: String, rounds: Int, expected: String) throws {
    let key = try KDF.Insecure.PBKDF2.deriveKey(
      from: Array(password.utf8), salt: Array(salt.utf8), using: .sha256, outputByteCount: 64,
      unsafeUncheckedRounds: rounds)
    let hexadecimal = key.withUnsafeBytes { $0.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) } }
      .joined()
    #expect(hexadecimal == expected)
  }

  @Test func `the password of RFC 7677 has the keys that other implementations make of it`() throws {
    let made = try #require(
      try PasswordVerifier(password: Array("pencil".utf8), salt: Self.salt, iterationCount: 4_096))
    #expect(made.text == Self.text)
    #expect(PasswordVerifier(text: Self.text) == made)
    #expect(try made.matches(Array("pencil".utf8)))
    for wrong in ["", "Pencil", "pencil ", "pencil\0", String(repeating: "x", count: 5_000)] {
      #expect(try !made.matches(Array(wrong.utf8)), "\(wrong)")
    }
    #expect(try !made.matches([0xFF]))
  }

  @Test func `a password is one however its letters are written, and another beside that`() throws {
    let made = try #require(
      try PasswordVerifier(password: Array("Grüße\u{A0}Ⅸ".utf8), salt: Self.salt, iterationCount: 4_096))
    #expect(try made.matches(Array("Gru\u{308}ße IX".utf8)))
    #expect(try !made.matches(Array("grüße IX".utf8)), "case is kept")
  }

  @Test func `new ones have more iterations than the least`() throws {
    let made = try #require(try PasswordVerifier(password: Array("pencil".utf8), salt: Self.salt))
    #expect(made.iterationCount == PasswordVerifier.defaultIterationCount && made.iterationCount >= 210_000)
  }

  @Test(arguments: ["", "a\u{0}", "a\tb", "\u{7F}", "\u{202E}x", "\u{E000}", "\u{1F9FF}"])
  func `what a password may not hold is not kept`(password: String) throws {
    #expect(try PasswordVerifier(password: Array(password.utf8), salt: Self.salt, iterationCount: 4_096) == nil)
  }

  @Test func `a decoy is always the same one for a name, and nobody's password`() throws {
    let decoy = PasswordVerifier(decoyFor: "eve@example.com", key: [1, 2, 3])
    #expect(decoy == PasswordVerifier(decoyFor: "eve@example.com", key: [1, 2, 3]))
    #expect(decoy.salt != PasswordVerifier(decoyFor: "dan@example.com", key: [1, 2, 3]).salt)
    #expect(decoy.salt != PasswordVerifier(decoyFor: "eve@example.com", key: [1, 2, 4]).salt)
    #expect(
      decoy.salt.count == PasswordVerifier.saltByteCount
        && decoy.iterationCount == PasswordVerifier.defaultIterationCount)
    #expect(PasswordVerifier(text: decoy.text) == decoy)
    #expect(try !decoy.matches(Array("pencil".utf8)))
  }

  @Test(arguments: [
    "", "SCRAM-SHA-256", text + "$", "SCRAM-SHA-1" + text.dropFirst(13), text.replacing("4096", with: "4095"),
    text.replacing("4096", with: "10000001"), text.replacing("4096", with: "-1"), text.replacing("4096", with: "x"),
    text.replacing("W22ZaJ0SNY7soEsUEjb6gQ==", with: "W22Z"), text.replacing("W22ZaJ0SNY7soEsUEjb6gQ==", with: "?"),
    text.replacing("T4qY=", with: "T4qY"), text.replacing("WG5d", with: ""), String(text.dropLast(45)),
  ])
  func `text that is no verifier is none`(text: String) {
    #expect(PasswordVerifier(text: text) == nil)
  }
}
