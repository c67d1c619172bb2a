import SMTP
import Testing

/// STARTTLS (RFC 3207) and what is different within TLS.
struct SMTPTLSTests {
  private var server = ScriptedServer(.offeringTLS)

  init() {
    server.handle(.connected)
  }

  @Test mutating func `STARTTLS is offered in clear, and a mail that comes within TLS says so`() {
    #expect(server.say("EHLO client.example.org").contains("S: 250-STARTTLS"))
    #expect(server.say("STARTTLS") == ["S: 220 2.0.0 ready for TLS", "T"])
    let hello = server.say("EHLO client.example.org")
    #expect(hello.contains("S: 250-PIPELINING") && !hello.contains("S: 250-STARTTLS"))
    #expect(server.say("STARTTLS") == ["S: 503 5.5.1 TLS is in use already"])
    #expect(takeMail("") == "M: ESMTPS client.example.org <> to <bob@example.com> \"x\\r\\n\"")
    #expect(takeMail(" SMTPUTF8") == "M: UTF8SMTPS client.example.org <> to <bob@example.com> UTF8 \"x\\r\\n\"")
    _ = server.say("HELO client.example.org")
    #expect(takeMail("") == "M: SMTP client.example.org <> to <bob@example.com> \"x\\r\\n\"")
  }

  @Test mutating func `HELP names STARTTLS where it is offered`() {
    #expect(server.say("HELP").first?.contains(" STARTTLS ") == true)
    _ = server.say("EHLO client.example.org")
    _ = server.say("STARTTLS")
    #expect(server.say("HELP").first?.contains("STARTTLS") == false)
  }

  @Test func `a connection that is TLS from the first byte is offered no STARTTLS`() {
    var server = ScriptedServer(SMTPConfiguration(hostName: "mx.example.com", tls: .implicit))
    server.handle(.connected)
    server.handle(.secured)
    #expect(server.transcript == ["S: 220 mx.example.com ESMTP Maildex"])
    #expect(!server.say("EHLO client.example.org").contains("S: 250-STARTTLS"))
    #expect(server.say("STARTTLS") == ["S: 503 5.5.1 TLS is in use already"])
    server.receive(Array("MAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\nBDAT 1 LAST\r\nx".utf8))
    #expect(server.transcript.contains("M: ESMTPS client.example.org <> to <bob@example.com> \"x\""))
  }

  /// CVE-2011-0411: what an attacker puts behind STARTTLS in clear would be performed as if the client had said it in TLS.
  @Test(arguments: [
    "NOOP\r\n", "EHLO mallory.example.org\r\nMAIL FROM:<mallory@example.org>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n",
    "MAIL FROM:<mallory@ex", "BDAT 1000\r\n", "QUIT\r\n", "\r\n", "A\r\nA\r\nA\r\nA\r\nA\r\nA\r\nA\r\nA\r\nA\r\nA\r\n",
  ])
  func `STARTTLS command injection: what follows in clear is thrown away and never performed`(injected: String) {
    for isWithHandshake in [false, true] {
      var server = server
      server.answersLate = true
      server.receive(Array("EHLO client.example.org\r\n".utf8))
      let before = server.transcript.count
      if isWithHandshake {
        server.handle(.received(Array("STARTTLS\r\n".utf8)))
        server.handle(.received(Array(injected.utf8)))
      } else {
        server.handle(.received(Array("STARTTLS\r\n\(injected)".utf8)))
      }
      #expect(Array(server.transcript[before...]) == ["S: 220 2.0.0 ready for TLS", "T"])
      server.answer()
      #expect(Array(server.transcript[before...]) == ["S: 220 2.0.0 ready for TLS", "T"])
      #expect(server.say("RCPT TO:<bob@example.com>") == ["S: 503 5.5.1 say EHLO first"])
      #expect(server.say("EHLO client.example.org").last == "S: 250 ENHANCEDSTATUSCODES")
    }
  }

  @Test mutating func `the handshake forgets hello, sender, recipients and chunks`() {
    _ = server.say("EHLO client.example.org")
    server.receive(Array("MAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\nBDAT 3\r\nabc".utf8))
    #expect(server.say("STARTTLS") == ["S: 220 2.0.0 ready for TLS", "T"])
    #expect(server.say("MAIL FROM:<>") == ["S: 503 5.5.1 say EHLO first"])
    #expect(server.say("BDAT 0 LAST") == ["S: 503 5.5.1 say EHLO first"])
    _ = server.say("EHLO client.example.org")
    #expect(server.say("RCPT TO:<bob@example.com>") == ["S: 503 5.5.1 say MAIL first"])
    #expect(takeMail("") == "M: ESMTPS client.example.org <> to <bob@example.com> \"x\\r\\n\"")
  }

  @Test mutating func `the handshake forgets no mistakes`() {
    _ = server.say("EHLO client.example.org")
    for _ in 0..<9 { _ = server.say("FOO") }
    _ = server.say("STARTTLS")
    #expect(server.say("FOO").suffix(2) == ["S: 421 4.7.0 too many errors", "X"])
  }

  @Test mutating func `STARTTLS has its place and takes no argument`() {
    #expect(server.say("STARTTLS") == ["S: 503 5.5.1 say EHLO first"])
    _ = server.say("HELO client.example.org")
    #expect(server.say("STARTTLS") == ["S: 503 5.5.1 say EHLO first"])
    _ = server.say("EHLO client.example.org")
    #expect(server.say("STARTTLS now") == ["S: 501 5.5.4 this command takes no argument"])
  }

  @Test(arguments: [SMTPSession.Event.idleTimeout, .mailTimeout, .inputClosed, .shutdownDeadline])
  func `a handshake that does not come about ends without a word, which nobody could read`(event: SMTPSession.Event) {
    var server = server
    server.answersLate = true
    server.receive(Array("EHLO client.example.org\r\n".utf8))
    server.handle(.received(Array("STARTTLS\r\n".utf8)))
    #expect(server.session.isSecuring && !server.session.wantsInput)
    server.handle(event)
    #expect(server.transcript.suffix(2) == ["T", "X"])
  }

  @Test mutating func `a shutdown during the handshake is told within TLS`() {
    server.answersLate = true
    server.receive(Array("EHLO client.example.org\r\n".utf8))
    server.handle(.received(Array("STARTTLS\r\n".utf8)))
    server.handle(.shutdown)
    #expect(server.transcript.last == "T")
    server.answer()
    #expect(server.transcript.suffix(2) == ["S: 421 4.3.2 shutting down, come back later", "X"])
  }

  private mutating func takeMail(_ parameters: String) -> String? {
    server.receive(Array("MAIL FROM:<>\(parameters)\r\nRCPT TO:<bob@example.com>\r\nDATA\r\nx\r\n.\r\n".utf8))
    return server.transcript.last { $0.hasPrefix("M:") }
  }
}

extension SMTPConfiguration {
  fileprivate static let offeringTLS = SMTPConfiguration(hostName: "mx.example.com", tls: .offered)
}
