import Bytes
import Testing

@testable import SMTP

struct SCRAMExchangeTests {
  private static let first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
  private static let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
  private static let proof = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
  private static let last = "c=biws,r=\(nonce),p=\(proof)"

  private func exchange(_ first: String = first) throws -> SCRAMExchange {
    var exchange = try #require(SCRAMExchange(clientFirst: Array(first.utf8)))
    _ = exchange.answer(with: ScriptedAccounts.secret, nonce: ScriptedAccounts.nonce)
    return exchange
  }

  @Test func `the exchange of RFC 7677 is had word by word`() throws {
    var exchange = try #require(SCRAMExchange(clientFirst: Array(Self.first.utf8)))
    #expect(exchange.claim == SASLClaim(name: "user"))
    let answer = exchange.answer(with: ScriptedAccounts.secret, nonce: ScriptedAccounts.nonce)
    #expect(
      String(decoding: answer, as: UTF8.self) == "r=\(Self.nonce),s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
    let expected = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    #expect(exchange.finish(clientFinal: Array(Self.last.utf8)) == .proven(Array(expected.utf8)))
  }

  @Test func `a client that would bind the channel, and names in which signs are written, are understood`() throws {
    let exchange = try exchange("y,a=o=3Dther,n=us=2Cer,r=x,q=1")
    #expect(exchange.claim == SASLClaim(name: "us,er", authorizationName: "o=ther"))
  }

  @Test(arguments: [
    "", "n", "n,,", "n,,n=user", "n,,r=x,n=user", "x,,n=user,r=x", "nn,,n=user,r=x", "n,b=z,n=user,r=x",
    "n,a=,n=user,r=x",
    "n,,n=,r=x", "n,,n=user,r=", "n,,n=us=er,r=x", "n,,n=user=2,r=x", "n,,n=user=2c,r=x", "n,,n=us\u{0}er,r=x",
    "n,,n=user,r=a b", "n,,n=user,r=ä", "n,,m=1,n=user,r=x", "n,,n=user,r=x,m=1", "n,,n=user,r=x,", "n,,n=user,r=x,a",
    "n,,n=user,r=x,1=a", "n,,n=user,r=x,a=\u{0}", "p=tls-exporter,,n=user,r=x", "p=,,n=user,r=x",
    "n,,n=user,r=" + String(repeating: "x", count: 257),
  ])
  func `a first message outside the grammar, or that asks for channel binding, is refused`(message: String) {
    #expect(SCRAMExchange(clientFirst: Array(message.utf8)) == nil)
  }

  @Test(arguments: [
    ("wrong nonce", last.replacing("$k0,p", with: "$k1,p")),
    ("its own nonce alone", "c=biws,r=rOprNGfwEbeRWgbNEkqO,p=\(proof)"),
    ("another binding", last.replacing("biws", with: "eSws")),
    ("a binding that is no base64", last.replacing("biws", with: "biw")),
    ("another proof", last.replacing("p=dH", with: "p=dG")),
    ("an extension that was not signed", last.replacing(",p=", with: ",x=1,p=")),
  ])
  func `a last message that proves nothing is wrong`(name: String, message: String) throws {
    #expect(try exchange().finish(clientFinal: Array(message.utf8)) == .wrong, "\(name)")
  }

  @Test(arguments: [
    "", "c=biws", "c=biws,r=\(nonce)", "r=\(nonce),c=biws,p=\(proof)", "\(last),x=1", "c=biws,r=\(nonce),p=",
    "c=biws,r=\(nonce),p=AAAA",
    last + "=", "c=biws,r=\(nonce),m=1,p=\(proof)", ",,,", "p=\(proof)",
  ])
  func `a last message outside the grammar is malformed`(message: String) throws {
    #expect(try exchange().finish(clientFinal: Array(message.utf8)) == .malformed)
  }

  /// Cut by characters, the comma and the accent would be one.
  @Test func `a comma parts fields whatever follows it`() {
    #expect(SCRAMExchange(clientFirst: Array("n,,n=user,\u{301}r=x".utf8)) == nil)
    #expect(SCRAMExchange(clientFirst: Array("n,,n=user,r=x,a=\u{301}".utf8)) != nil)
  }
}
