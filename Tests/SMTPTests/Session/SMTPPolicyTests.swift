import SMTP
import Testing

/// What the session makes of the answers of a policy.
struct SMTPPolicyTests {
  @Test(arguments: dialogues, Chunking.all)
  func `a dialogue goes as written`(dialogue: Dialogue, chunking: Chunking) {
    dialogue.run(chunking, answersLate: false)
    dialogue.run(chunking, answersLate: true)
  }

  @Test(arguments: Chunking.all)
  func `what aliases make of few recipients is bounded, and the rest may come in another mail`(chunking: Chunking) {
    let dialogue = Dialogue.afterHello(
      "many by few",
      """
      C: MAIL FROM:<alice@example.org>
      S: 250 2.1.0 sender OK
      C: RCPT TO:<team1@example.com>
      S: 250 2.1.5 recipient OK
      C: RCPT TO:<team2@example.com>
      S: 250 2.1.5 recipient OK
      C: RCPT TO:<team3@example.com>
      S: 452 4.5.3 too many recipients
      C: RCPT TO:<team1@example.com>
      S: 250 2.1.5 recipient OK
      C: RCPT TO:<bob@example.com>
      S: 250 2.1.5 recipient OK
      C: RCPT TO:<carol@example.com>
      S: 452 4.5.3 too many recipients
      C: RSET
      S: 250 2.0.0 OK
      C: MAIL FROM:<alice@example.org>
      S: 250 2.1.0 sender OK
      C: RCPT TO:<team3@example.com>
      S: 250 2.1.5 recipient OK
      """)
    dialogue.run(
      chunking, answersLate: false,
      with: ScriptedServer(SMTPConfiguration(hostName: "mx.example.com", maxMessageSize: 1_000, maxDeliveries: 7)))
  }

  @Test(arguments: Chunking.all)
  func `what is pipelined behind a sender that is refused is no error, and the next mail is taken`(chunking: Chunking) {
    let recipients = (0..<20).map { "C: RCPT TO:<user\($0)@example.com>\nS: 503 5.5.1 say MAIL first" }
    let dialogue = Dialogue.afterHello(
      "a refused sender",
      """
      C: MAIL FROM:<blocked@example.org>
      S: 550 5.7.1 no mail is taken here from that sender
      \(recipients.joined(separator: "\n"))
      C: DATA
      S: 503 5.5.1 say MAIL first
      C: MAIL FROM:<alice@example.org>
      S: 250 2.1.0 sender OK
      C: RCPT TO:<bob@example.com>
      S: 250 2.1.5 recipient OK
      """)
    dialogue.run(chunking, answersLate: false)
    dialogue.run(chunking, answersLate: true)
  }

  @Test(arguments: Chunking.all)
  func `address harvesting: so many unknown recipients end the session, in however many transactions`(
    chunking: Chunking
  ) {
    let dialogue = Dialogue.afterHello(
      "a harvest",
      """
      C: MAIL FROM:<mallory@example.org>
      S: 250 2.1.0 sender OK
      C: RCPT TO:<nobody1@example.com>
      S: 550 5.1.1 no such user here
      C: RCPT TO:<bob@example.net>
      S: 550 5.7.1 relaying denied: no mail is taken here for that domain
      C: RCPT TO:<bob@example.com>
      S: 250 2.1.5 recipient OK
      L| x
      M: ESMTP client.example.org <mallory@example.org> to <bob@example.com> "x"
      S: 250 2.0.0 queued as Q1
      C: MAIL FROM:<>
      S: 250 2.1.0 sender OK
      C: RCPT TO:<nobody2@example.com>
      S: 550 5.1.1 no such user here
      C: RCPT TO:<nobody2@example.com>
      S: 550 5.1.1 no such user here
      S: 421 4.7.0 too many unknown recipients
      X
      C: RCPT TO:<bob@example.com>
      C: DATA
      """)
    for answersLate in [false, true] {
      dialogue.run(
        chunking, answersLate: answersLate, with: ScriptedServer(rules: ClientRules(maxUnknownRecipients: 3)))
    }
  }

  @Test(arguments: Chunking.all)
  func `a name that the operator does not take is refused, and one that was taken stays`(chunking: Chunking) {
    let dialogue = Dialogue.afterHello(
      "names",
      """
      C: MAIL FROM:<alice@example.org>
      S: 250 2.1.0 sender OK
      C: HELO localhost
      S: 550 a host name with its domain or an address literal is needed
      C: EHLO 192.0.2.1
      S: 501 a host name or address literal is needed
      C: RCPT TO:<bob@example.com>
      S: 250 2.1.5 recipient OK
      L| x
      M: ESMTP client.example.org <alice@example.org> to <bob@example.com> "x"
      S: 250 2.0.0 queued as Q1
      C: HELO [192.0.2.1]
      S: 250 mx.example.com
      """)
    dialogue.run(chunking, answersLate: true, with: ScriptedServer(rules: ClientRules(hello: .fullyQualified)))
  }

  @Test(arguments: [ClientRules.HelloRule.anything, .wellFormed, .fullyQualified])
  func `names are refused as the rule says, and never in LMTP`(rule: ClientRules.HelloRule) {
    let names = ["(x)", "x", "x.example.com"]
    let accepted: [ClientRules.HelloRule: Int] = [.anything: 3, .wellFormed: 2, .fullyQualified: 1]
    for dialect in [SMTPConfiguration.Dialect.smtp, .lmtp] {
      var server = ScriptedServer(
        SMTPConfiguration(hostName: "mx.example.com", dialect: dialect), rules: ClientRules(hello: rule))
      server.handle(.connected)
      let answers = names.map { server.say((dialect == .lmtp ? "LHLO " : "EHLO ") + $0).last ?? "" }
      #expect(answers.count { $0.hasPrefix("S: 250 ") } == (dialect == .lmtp ? 3 : accepted[rule]))
    }
  }

  @Test func `mail before a name that is taken is out of order`() {
    var server = ScriptedServer(rules: ClientRules(hello: .wellFormed))
    server.handle(.connected)
    #expect(server.say("EHLO 192.0.2.1") == ["S: 501 a host name or address literal is needed"])
    #expect(server.say("MAIL FROM:<alice@example.org>") == ["S: 503 5.5.1 say EHLO first"])
    for _ in 0..<7 { _ = server.say("EHLO 192.0.2.1") }
    #expect(
      server.say("HELO (") == ["S: 501 a host name or address literal is needed", "S: 421 4.7.0 too many errors", "X"])
  }

  @Test func `an alias is one recipient of those that a client may name, and has one answer in LMTP`() {
    let dialogue = Dialogue(
      "an alias in LMTP",
      """
      S: 220 mx.example.com LMTP Maildex
      C: LHLO c
      S: 250-mx.example.com
      S: 250-PIPELINING
      S: 250-SIZE 1000
      S: 250-8BITMIME
      S: 250-SMTPUTF8
      S: 250-CHUNKING
      S: 250 ENHANCEDSTATUSCODES
      C: MAIL FROM:<>
      S: 250 2.1.0 sender OK
      C: RCPT TO:<team@example.com>
      S: 250 2.1.5 recipient OK
      C: RCPT TO:<bob@example.com>
      S: 250 2.1.5 recipient OK
      C: RCPT TO:<carol@example.com>
      S: 452 4.5.3 too many recipients
      L| x
      M: LMTP c <> to <team@example.com> <team@example.com> <team@example.com> <bob@example.com> "x"
      S: 250 2.0.0 queued as Q1
      S: 250 2.0.0 queued as Q1
      """)
    dialogue.run(
      .allAtOnce, answersLate: true,
      with: ScriptedServer(
        SMTPConfiguration(hostName: "mx.example.com", maxMessageSize: 1_000, maxRecipients: 2, dialect: .lmtp)))
  }
}

private let dialogues: [Dialogue] = [
  .afterHello(
    "a sender that is blocked",
    """
    C: MAIL FROM:<blocked@example.org> SIZE=5
    S: 550 5.7.1 no mail is taken here from that sender
    C: RCPT TO:<bob@example.com>
    S: 503 5.5.1 say MAIL first
    C: DATA
    S: 503 5.5.1 say MAIL first
    C: MAIL FROM:<>
    S: 250 2.1.0 sender OK
    C: MAIL FROM:<blocked@example.org>
    S: 503 5.5.1 a mail transaction is open already
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    """),
  .afterHello(
    "a sender that is blocked is no mail, and what it declares by BDAT is thrown away",
    """
    C: MAIL FROM:<blocked@example.org>
    S: 550 5.7.1 no mail is taken here from that sender
    C: RCPT TO:<bob@example.com>
    S: 503 5.5.1 say MAIL first
    L| RSET\\r\\n
    S: 503 5.5.1 say MAIL first
    C: NOOP
    S: 250 2.0.0 OK
    """),
  .afterHello(
    "a client that has had its share of mails, then of recipients",
    """
    C: MAIL FROM:<toomany@example.org>
    S: 451 4.7.1 too many mails from you, come back later
    C: RCPT TO:<bob@example.com>
    S: 503 5.5.1 say MAIL first
    C: MAIL FROM:<alice@example.org>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<toomany@example.com>
    S: 450 4.7.1 too many recipients from you, come back later
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    C: RCPT TO:<toomany@example.com>
    S: 450 4.7.1 too many recipients from you, come back later
    C: DATA
    S: 354 send the mail, end with CR LF . CR LF
    C: .
    M: ESMTP client.example.org <alice@example.org> to <bob@example.com> ""
    S: 250 2.0.0 queued as Q1
    """),
  .afterHello(
    "a recipient whose mail must be small, of a client that says how long it is",
    """
    C: MAIL FROM:<alice@example.org> SIZE=101
    S: 250 2.1.0 sender OK
    C: RCPT TO:<small@example.com>
    S: 552 5.3.4 the limit is 100 bytes
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    L| \(String(repeating: "x", count: 101))
    M: ESMTP client.example.org <alice@example.org> to <bob@example.com> "\(String(repeating: "x", count: 101))"
    S: 250 2.0.0 queued as Q1
    C: MAIL FROM:<alice@example.org> SIZE=100
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    C: RCPT TO:<small@example.com>
    S: 250 2.1.5 recipient OK
    # It said less than it sends, which is its own mistake.
    L| \(String(repeating: "x", count: 101))
    S: 552 5.3.4 the limit is 100 bytes
    """),
  .afterHello(
    "a recipient whose mail must be small, of a client that does not say how long it is",
    """
    C: MAIL FROM:<alice@example.org>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<small1@example.com>
    S: 250 2.1.5 recipient OK
    C: RCPT TO:<bob@example.com>
    S: 452 4.5.3 another size limit counts for this recipient: say SIZE, or send to it in another mail
    C: RCPT TO:<small2@example.com>
    S: 250 2.1.5 recipient OK
    B| \(String(repeating: "x", count: 60))
    S: 250 2.0.0 chunk OK
    L| \(String(repeating: "x", count: 41))
    S: 552 5.3.4 the limit is 100 bytes
    C: MAIL FROM:<alice@example.org>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    C: RCPT TO:<small@example.com>
    S: 452 4.5.3 another size limit counts for this recipient: say SIZE, or send to it in another mail
    C: DATA
    S: 354 send the mail, end with CR LF . CR LF
    C: \(String(repeating: "x", count: 200))
    C: .
    M: ESMTP client.example.org <alice@example.org> to <bob@example.com> "\(String(repeating: "x", count: 200))\\r\\n"
    S: 250 2.0.0 queued as Q1
    """),
  .afterHello(
    "another server's domain, and an address that stands for three",
    """
    C: MAIL FROM:<alice@example.org>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.net>
    S: 550 5.7.1 relaying denied: no mail is taken here for that domain
    C: RCPT TO:<bob%example.net@example.org>
    S: 550 5.7.1 relaying denied: no mail is taken here for that domain
    C: RCPT TO:<@example.com:bob@example.net>
    S: 550 5.7.1 relaying denied: no mail is taken here for that domain
    C: RCPT TO:<team@example.com>
    S: 250 2.1.5 recipient OK
    C: DATA
    S: 354 send the mail, end with CR LF . CR LF
    C: x
    C: .
    M: ESMTP client.example.org <alice@example.org> to <team@example.com> <team@example.com> <team@example.com> "x\\r\\n"
    S: 250 2.0.0 queued as Q1
    """),
]
