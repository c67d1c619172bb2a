import Bytes
import TestSupport
import Testing

@testable import SMTP

struct SASLExchangeTests {
  @Test(arguments: SASLMechanism.allCases)
  func `a mechanism without an initial response asks for one`(mechanism: SASLMechanism) {
    var exchange = SASLExchange(mechanism)
    let challenge = exchange.begin(nil)
    #expect(challenge == .challenge(mechanism == .login ? Array("Username:".utf8) : []))
  }

  @Test(arguments: ["plain", "PLAIN", "Plain"]) func `a mechanism is known in any case`(name: String) {
    #expect(SASLMechanism(name: Array(name.utf8)) == .plain)
    #expect(SASLMechanism(name: Array("SCRAM-SHA-256-PLUS".utf8)) == nil)
  }

  /// Nothing but a right answer makes somebody known, and an exchange that has ended goes nowhere any more.
  @Test(arguments: UInt64(0)..<500)
  func `any responses end in a request, a refusal or an error`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let pieces = [
      "n,,n=user,r=x", "\0user\0pencil", "user", "pencil", "", "c=biws,r=x", ",", "=", "p=AAAA", "\0", "*",
      "c=biws,r=x\(ScriptedAccounts.nonce),p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    ]
    var exchange = SASLExchange(SASLMechanism.allCases.randomElement(using: &random) ?? .plain)
    var hasEnded = false
    for _ in 0..<6 {
      let response = Array(
        (0..<Int.random(in: 0...2, using: &random)).compactMap { _ in pieces.randomElement(using: &random) }.joined()
          .utf8)
      var step = exchange.respond(response)
      if case .request(let request) = step, request.proof == .secret {
        step = exchange.found(ScriptedAccounts.secret, nonce: ScriptedAccounts.nonce, identity: nil)
      }
      switch step {
      case .challenge: #expect(!hasEnded, "seed \(seed)")
      case .accepted: Issue.record("nobody was there to be accepted, seed \(seed)")
      case .request, .refused, .malformed:
        if hasEnded { #expect(step == .malformed, "seed \(seed)") }
        hasEnded = true
      }
    }
  }
}
