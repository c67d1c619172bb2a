import SMTP
import Testing

/// What a sender wants to hear of its mail (RFC 3461).
struct SMTPNotificationTests {
  @Test(arguments: dialogues, Chunking.all)
  func `a dialogue goes as written, however its bytes are cut and however slow lookups are`(
    dialogue: Dialogue, chunking: Chunking
  ) {
    dialogue.run(chunking, answersLate: false)
    dialogue.run(chunking, answersLate: true)
  }

  @Test(arguments: [true, false])
  func `DSN is announced where reports can be sent, and not in LMTP`(isAnnounced: Bool) {
    for dialect in [SMTPConfiguration.Dialect.smtp, .lmtp] {
      var session = SMTPSession(
        SMTPConfiguration(hostName: "mx.example.com", dialect: dialect, announcesDSN: isAnnounced))
      _ = session.handle(.connected)
      let actions = session.handle(.received(Array((dialect == .smtp ? "EHLO c\r\n" : "LHLO c\r\n").utf8)))
      let isSaid = actions.contains { action in
        if case .reply(let reply) = action { return reply.lines.contains("DSN") }
        return false
      }
      #expect(isSaid == (isAnnounced && dialect == .smtp))
    }
  }

  @Test(arguments: [
    "RET", "RET=", "RET=ALL", "RET=FULL RET=FULL", "ENVID", "ENVID=", "ENVID=a+2", "ENVID=a=b", "ENVID=+0D+0A",
    "ENVID=+00",
    "ENVID=+FF", "ENVID=\u{FC}", "ENVID=+09", "ENVID=a ENVID=b", "ENVID=\(String(repeating: "x", count: 101))",
  ])
  func `what MAIL says wrongly is refused`(parameters: String) {
    var server = greeted()
    let refusal = ["S: 501 5.5.4 parameter repeated or with a value out of its range"]
    #expect(server.say("MAIL FROM:<alice@example.org> SMTPUTF8 \(parameters)") == refusal)
  }

  @Test(arguments: [
    "NOTIFY", "NOTIFY=", "NOTIFY=NEVER,SUCCESS", "NOTIFY=SUCCESS,", "NOTIFY=,", "NOTIFY=SOMETIMES",
    "NOTIFY=NEVER NOTIFY=NEVER",
    "ORCPT", "ORCPT=", "ORCPT=rfc822", "ORCPT=;bob", "ORCPT=rfc822;", "ORCPT=rf c;bob", "ORCPT=r@c;bob",
    "ORCPT=rfc822;a+0D+0Ab",
    "ORCPT=rfc822;+FF", "ORCPT=rfc822;a=b", "ORCPT=\u{FC};a", "ORCPT=rfc822;b\u{F6}b", "ORCPT=x400;b+C3+B6b",
    "ORCPT=utf-8;+FF",
    #"ORCPT=utf-8;a\b"#, #"ORCPT=utf-8;\x{D800}"#, #"ORCPT=utf-8;\x{110000}"#, #"ORCPT=utf-8;\x{0A}"#,
    #"ORCPT=utf-8;\x{F}"#, #"ORCPT=utf-8;\x{f6}"#, #"ORCPT=utf-8;\x{F6"#, #"ORCPT=utf-8;\x{00000F6}"#,
    #"ORCPT=utf-8;\"#,
    "ORCPT=rfc822;a ORCPT=rfc822;a",
    "ORCPT=rfc822;\(String(repeating: "x", count: 494))",
  ])
  func `what RCPT says wrongly is refused`(parameters: String) {
    var server = greeted()
    _ = server.say("MAIL FROM:<alice@example.org> SMTPUTF8")
    let refusal = ["S: 501 5.5.4 parameter repeated or with a value out of its range"]
    #expect(server.say("RCPT TO:<bob@example.com> \(parameters)") == refusal)
  }

  @Test func `the longest values are taken`() {
    var server = greeted()
    let envelopeID = String(repeating: "x", count: 100)
    #expect(server.say("MAIL FROM:<> ENVID=\(envelopeID)") == ["S: 250 2.1.0 sender OK"])
    let original = "rfc822;" + String(repeating: "y", count: 493)
    let answer = server.say("RCPT TO:<bob@example.com> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=\(original)")
    #expect(answer == ["S: 250 2.1.5 recipient OK"])
    _ = server.say("BDAT 0 LAST")
    #expect(server.transcript.contains { $0.contains(envelopeID) && $0.contains(original) })
  }

  @Test func `a client that was told of no extensions may not use them`() {
    var server = ScriptedServer()
    server.handle(.connected)
    _ = server.say("HELO client.example.org")
    #expect(server.say("MAIL FROM:<> RET=FULL") == ["S: 555 5.5.4 parameter not recognised"])
    _ = server.say("MAIL FROM:<>")
    #expect(server.say("RCPT TO:<bob@example.com> NOTIFY=NEVER") == ["S: 555 5.5.4 parameter not recognised"])
  }

  private func greeted() -> ScriptedServer {
    var server = ScriptedServer()
    server.handle(.connected)
    _ = server.say("EHLO client.example.org")
    return server
  }
}

private let dialogues: [Dialogue] = [
  .afterHello(
    "everything is kept with the envelope, decoded, and with the recipient that it was said of",
    """
    C: MAIL FROM:<alice@example.org> ret=hdrs ENVID=QQ+2B314+20159 SIZE=10
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com> notify=success,Delay ORCPT=rfc822;Bob+2Bx@example.net
    S: 250 2.1.5 recipient OK
    C: RCPT TO:<nobody@example.com> NOTIFY=NEVER
    S: 550 5.1.1 no such user here
    C: RCPT TO:<carol@example.com> NOTIFY=NEVER
    S: 250 2.1.5 recipient OK
    C: RCPT TO:<dave@example.com>
    S: 250 2.1.5 recipient OK
    L| x
    M: ESMTP client.example.org <alice@example.org> to \
    <bob@example.com>(success,delay)(rfc822;Bob+x@example.net) <carol@example.com>(never) <dave@example.com> \
    RET=headers ENVID='QQ+314 159' "x"
    S: 250 2.0.0 queued as Q1
    C: MAIL FROM:<alice@example.org> RET=FULL
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com> NOTIFY=FAILURE
    S: 250 2.1.5 recipient OK
    L| y
    M: ESMTP client.example.org <alice@example.org> to <bob@example.com>(failure) RET=full "y"
    S: 250 2.0.0 queued as Q2
    """),
  .afterHello(
    "of a recipient that is named twice, what was said first counts",
    """
    C: MAIL FROM:<>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com> NOTIFY=NEVER
    S: 250 2.1.5 recipient OK
    C: RCPT TO:<bob@example.com> NOTIFY=SUCCESS
    S: 250 2.1.5 recipient OK
    L| x
    M: ESMTP client.example.org <> to <bob@example.com>(never) "x"
    S: 250 2.0.0 queued as Q1
    """),
  .afterHello(
    "an original recipient outside ASCII needs SMTPUTF8",
    """
    C: MAIL FROM:<>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com> ORCPT=utf-8;b\\xc3\\xb6b@example.net
    S: 553 5.6.7 a non-ASCII address needs MAIL with SMTPUTF8
    C: RSET
    S: 250 2.0.0 OK
    C: MAIL FROM:<> SMTPUTF8
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com> ORCPT=utf-8;b\\xc3\\xb6b@example.net
    S: 250 2.1.5 recipient OK
    L| x
    M: UTF8SMTP client.example.org <> to <bob@example.com>(utf-8;böb@example.net) UTF8 "x"
    S: 250 2.0.0 queued as Q1
    """),
  .afterHello(
    "an original recipient outside ASCII of type rfc822 in xtext, as Postfix says it, is one of type utf-8",
    """
    C: MAIL FROM:<>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com> ORCPT=rfc822;b+C3+B6b@example.net
    S: 553 5.6.7 a non-ASCII address needs MAIL with SMTPUTF8
    C: RSET
    S: 250 2.0.0 OK
    C: MAIL FROM:<> SMTPUTF8
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com> ORCPT=rfc822;b+C3+B6b@example.net
    S: 250 2.1.5 recipient OK
    L| x
    M: UTF8SMTP client.example.org <> to <bob@example.com>(utf-8;böb@example.net) UTF8 "x"
    S: 250 2.0.0 queued as Q1
    """),
  .afterHello(
    "an original recipient outside ASCII that is said in ASCII needs nothing, and another type has no such characters",
    """
    C: MAIL FROM:<>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com> ORCPT=UTF-8;b\\\\x{F6}b\\\\x{2B}\\\\x{1F600}@example.net
    S: 250 2.1.5 recipient OK
    C: RCPT TO:<carol@example.com> ORCPT=rfc822;b\\\\x{F6}b@example.net
    S: 250 2.1.5 recipient OK
    L| x
    M: ESMTP client.example.org <> to <bob@example.com>(UTF-8;böb+😀@example.net) \
    <carol@example.com>(rfc822;b\\x{F6}b@example.net) "x"
    S: 250 2.0.0 queued as Q1
    """),
]
