import Testing

@testable import SMTP

@Suite struct SMTPClientSessionTests {
  /// What a client says to these answers, and how it ends.
  private func talk(
    _ replies: [String], to recipient: String = "dan@example.net", _ content: String = "Subject: a\r\n\r\n.b\r\n",
    needsUTF8: Bool = false, wantsTLS: Bool = true
  ) -> (said: [String], outcome: SMTPClientSession.Outcome?) {
    var session = SMTPClientSession(
      hostName: "mx.example.com",
      mail: SMTPClientSession.Mail(recipient: recipient, content: Array(content.utf8), needsUTF8: needsUTF8),
      wantsTLS: wantsTLS)
    var said: [String] = []
    for text in replies {
      let lines = text.split(separator: "|").map { String($0.dropFirst(4)) }
      var action = session.receive(ServerReply(code: Int(text.prefix(3)) ?? 0, lines: lines))
      if action == .startTLS {
        said.append("(TLS)")
        action = session.secured()
      }
      switch action {
      case .send(let bytes): said.append(String(decoding: bytes, as: UTF8.self))
      case .finished(let outcome): return (said, outcome)
      case .startTLS: return (said, nil)
      }
    }
    return (said, nil)
  }

  @Test func `a mail is sent with the null reverse-path and the extensions that are offered`() {
    let (said, outcome) = talk(
      ["220 mx", "250-mx|250-SIZE 1000|250-8BITMIME|250 PIPELINING", "250 ok", "250 ok", "354 go", "250 ok"],
      "ö\r\n.\r\n")
    #expect(
      said == [
        "EHLO mx.example.com\r\n", "MAIL FROM:<> SIZE=7 BODY=8BITMIME\r\n", "RCPT TO:<dan@example.net>\r\n", "DATA\r\n",
        "ö\r\n..\r\n.\r\n",
      ])
    #expect(outcome == .accepted)
  }

  @Test func `STARTTLS is taken where it is offered and wanted, and what was said before it is forgotten`() {
    let replies = ["220 mx", "250-mx|250-SIZE 1|250 starttls", "220 go", "250 mx", "250 ok"]
    #expect(
      talk(replies).said == [
        "EHLO mx.example.com\r\n", "STARTTLS\r\n", "(TLS)", "EHLO mx.example.com\r\n", "MAIL FROM:<>\r\n",
        "RCPT TO:<dan@example.net>\r\n",
      ])
    #expect(talk(replies, wantsTLS: false).said.contains { $0.hasPrefix("STARTTLS") } == false)
    // Refused, it goes on in clear: TLS is not demanded.
    #expect(talk(["220 mx", "250-mx|250 STARTTLS", "454 no"]).said.last == "MAIL FROM:<>\r\n")
  }

  @Test func `a server of old hears HELO`() {
    #expect(
      talk(["220 mx", "502 what", "250 mx"]).said == [
        "EHLO mx.example.com\r\n", "HELO mx.example.com\r\n", "MAIL FROM:<>\r\n",
      ])
  }

  private static let outcomes: [([String], SMTPClientSession.Outcome)] = [
    (["554 no"], .deferred("554 no")), (["220 mx", "421 bye"], .deferred("421 bye")),
    (["220 mx", "451 later"], .deferred("451 later")), (["220 mx", "502 x", "500 y"], .deferred("500 y")),
    (["220 mx", "250 mx", "451 later"], .deferred("451 later")), (["220 mx", "250 mx", "550 no"], .refused("550 no")),
    (["220 mx", "250 mx", "250 ok", "450 x"], .deferred("450 x")),
    (["220 mx", "250 mx", "250 ok", "550 x"], .refused("550 x")),
    (["220 mx", "250 mx", "250 ok", "250 ok", "250 odd"], .deferred("250 odd")),
    (["220 mx", "250 mx", "250 ok", "250 ok", "354 go", "452 full"], .deferred("452 full")),
    (["220 mx", "250 mx", "250 ok", "250 ok", "354 go", "554 no"], .refused("554 no")),
    (["220 mx", "250 mx", "250 ok", "250 ok", "354 go", "421 bye"], .deferred("421 bye")),
  ]

  @Test(arguments: outcomes)
  func `4yz is later and 5yz about the mail is never`(replies: [String], outcome: SMTPClientSession.Outcome) {
    #expect(talk(replies).outcome == outcome)
  }

  @Test func `a mail that needs SMTPUTF8 is sent with it or not at all`() {
    #expect(
      talk(["220 mx", "250-mx|250 SMTPUTF8"], to: "dän@example.net", needsUTF8: true).said.last
        == "MAIL FROM:<> SMTPUTF8\r\n")
    #expect(talk(["220 mx", "250 mx"], needsUTF8: true).outcome == .refused("the relay does not offer SMTPUTF8"))
  }

  @Test(arguments: ["", "a\r\nRCPT TO:<eve@example.org>", "a\0", "a\u{7F}"])
  func `a recipient that would be more than an argument is refused`(recipient: String) {
    let (said, outcome) = talk(["220 mx", "250 mx", "250 ok"], to: recipient)
    #expect(outcome == .refused("the recipient is no address") && said.count == 1)
  }
}
