import SMTP
import Testing

/// RFC 5321 §4.1.2 and §4.1.3, seen through RCPT: what the server resolves, or the reply it gives.
struct PathTests {
  @Test(arguments: [
    ("<bob@example.com>", "bob@example.com"),
    ("<B.o+b=x@EXAMPLE.com>", "B.o+b=x@EXAMPLE.com"),
    ("<!#$%&'*+-/=?^_`{|}~@example.com>", "!#$%&'*+-/=?^_`{|}~@example.com"),
    ("<\"bob\"@example.com>", "bob@example.com"),
    ("<\"b\\o\\b\"@example.com>", "bob@example.com"),
    ("<\"b ob\"@example.com>", "\"b ob\"@example.com"),
    ("<\"b..ob\"@example.com>", "\"b..ob\"@example.com"),
    ("<\"\"@example.com>", "\"\"@example.com"),
    ("<\"b\\\"o\\\\b>\"@example.com>", "\"b\\\"o\\\\b>\"@example.com"),
    ("<\"a@b\"@example.com>", "\"a@b\"@example.com"),
    ("<@a.example,@b.example:bob@example.com>", "bob@example.com"),
    ("<@a.example:bob@example.com>", "bob@example.com"),
    ("<bob@localhost>", "bob@localhost"),
    ("<bob@3com.example>", "bob@3com.example"),
    ("<bob@a_b.example>", "bob@a_b.example"),
    ("<bob@xn--mller-kva.example>", "bob@xn--mller-kva.example"),
    ("<bob@[192.0.2.1]>", "bob@[192.0.2.1]"),
    ("<bob@[IPv6:2001:db8::1]>", "bob@[IPv6:2001:db8::1]"),
    ("<bob@[ipv6:::]>", "bob@[ipv6:::]"),
    ("<bob@[IPv6:::ffff:192.0.2.1]>", "bob@[IPv6:::ffff:192.0.2.1]"),
    ("<bob@[IPv6:1:2:3:4:5:6:7:8]>", "bob@[IPv6:1:2:3:4:5:6:7:8]"),
    ("<bob@[IPv6:1:2:3:4:5:6:192.0.2.1]>", "bob@[IPv6:1:2:3:4:5:6:192.0.2.1]"),
    ("<postmaster>", "postmaster"),
    ("<POSTmaster>", "POSTmaster"),
    ("<postmaster@example.com>", "postmaster@example.com"),
  ])
  func `is an address`(path: String, address: String) {
    #expect(resolved(path) == address)
  }

  @Test(arguments: [
    "", "bob@example.com", "<bob@example.com", "<>", "< bob@example.com>", "<bob@example.com >", "<bob>",
    "<@example.com>",
    "<bob@>", "<bob@@example.com>", "<b ob@example.com>", "<.bob@example.com>", "<bob.@example.com>",
    "<b..ob@example.com>", "<b\"o\"b@example.com>", "<\"bob@example.com>", "<\"bob\\\"@example.com>",
    "<b,ob@example.com>",
    "<b(c)ob@example.com>", "<bob@example..com>", "<bob@.example.com>", "<bob@example.com.>", "<bob@-a.example>",
    "<bob@a-.example>", "<bob@exam ple.com>", "<bob@example.com,carol@example.com>", "<@a.example,bob@example.com>",
    "<@a.example:>", "<@:bob@example.com>", "<a@b:bob@example.com>", "<bob@[192.0.2.256]>", "<bob@[192.0.2]>",
    "<bob@[192.0.2.1.5]>", "<bob@192.0.2.1]>", "<bob@[192.0.2.1>", "<bob@[]>", "<bob@[IPv6:]>",
    "<bob@[IPv6:1:2:3:4:5:6:7]>",
    "<bob@[IPv6:1:2:3:4:5:6:7:8:9]>", "<bob@[IPv6:1::2::3]>", "<bob@[IPv6:1:2:3:4:5:6:7::]>", "<bob@[IPv6:12345::]>",
    "<bob@[IPv6:g::]>", "<bob@[IPv6::1]>", "<bob@[IPv6:192.0.2.1::]>", "<bob@[IPv6:1:2:3:4:5:6:7:192.0.2.1]>",
    "<bob@[X-400:c=de]>",
    "<bob@[X:]>", "<bob@[-:a]>", "<bob@[a b]>", "<postmaster@>", "<post.master>", "<<bob@example.com>>",
    "Bob <bob@example.com>",
  ])
  func `is no address`(path: String) {
    var server = startedTransaction()
    let replies = server.say("RCPT TO:\(path)")
    #expect(replies == ["S: 501 5.1.3 the recipient is no address in RFC 5321's form"])
  }

  @Test func `a path may have 256 bytes and a domain 255, a local part all that the path leaves`() {
    let label = String(repeating: "a", count: 60)
    let domain = "\(label).\(label).\(label).com"  // 186
    #expect(resolved("<\(String(repeating: "l", count: 256 - 3 - 186))@\(domain)>") != nil)
    #expect(resolved("<\(String(repeating: "l", count: 257 - 3 - 186))@\(domain)>") == nil)
    #expect(resolved("<l@\(String(repeating: "a.", count: 130))com>") == nil)
  }

  @Test func `a parser of random bytes never accepts what it cannot write down again`() {
    for seed in UInt64(0)..<2_000 {
      let path = RandomPath.make(seed: seed)
      guard let address = resolved(path) else { continue }
      #expect(resolved("<\(address)>") == address, "seed \(seed): \(path)")
    }
  }

  private func startedTransaction() -> ScriptedServer {
    var server = ScriptedServer()
    server.handle(.connected)
    _ = server.say("EHLO client.example.org")
    _ = server.say("MAIL FROM:<alice@example.org> SMTPUTF8")
    return server
  }

  /// The address that RCPT looks up, if it does.
  private func resolved(_ path: String) -> String? {
    var session = startedTransaction().session
    for case .resolveRecipient(let address) in session.handle(.received(Array("RCPT TO:\(path)\r\n".utf8))) {
      return address
    }
    return nil
  }
}
