import SMTP
import Testing

/// What is different in LMTP (RFC 2033).
struct LMTPTests {
  @Test(arguments: dialogues, Chunking.all)
  func `a dialogue goes as written, however its bytes are cut and however slow the store is`(
    dialogue: Dialogue, chunking: Chunking
  ) {
    for answersLate in [false, true] {
      dialogue.run(chunking, answersLate: answersLate, with: ScriptedServer(.lmtp))
    }
  }

  @Test func `LHLO is no command of SMTP`() {
    var server = ScriptedServer()
    server.handle(.connected)
    #expect(server.say("LHLO client.example.org") == ["S: 500 5.5.2 command not recognised"])
    #expect(server.say("MAIL FROM:<>") == ["S: 503 5.5.1 say EHLO first"])
  }

  @Test func `a thousand answers come in batches, and before anything else is heard`() {
    var server = inTransaction(recipientCount: 1_000)
    server.receive(Array("DATA\r\nx\r\n".utf8))
    server.readsReplies = false
    let before = server.replyCount
    server.receive(Array(".\r\nNOOP\r\n".utf8))
    #expect(server.replyCount - before <= SMTPSession.replyBatchLimit)
    #expect(!server.session.wantsInput)
    server.readsReplies = true
    server.handle(.repliesSent)
    #expect(server.replyCount == before + 1_001)
    #expect(server.transcript.suffix(2) == ["S: 250 2.0.0 queued as Q1", "S: 250 2.0.0 OK"])
  }

  @Test(arguments: [SMTPSession.Event.shutdown, .shutdownDeadline, .inputClosed])
  func `every recipient's answer to a mail that is stored is said before the end`(event: SMTPSession.Event) {
    var server = inTransaction(recipientCount: 300)
    server.receive(Array("DATA\r\nx\r\n".utf8))
    server.answersLate = true
    server.handle(.received(Array(".\r\n".utf8)))
    server.handle(event)
    server.answer()
    #expect(server.transcript.count { $0 == "S: 250 2.0.0 queued as Q1" } == 300)
    #expect(server.isClosed)
  }

  @Test func `a client that does not read its answers is given up with all of them said`() {
    var server = inTransaction(recipientCount: 250)
    server.receive(Array("DATA\r\nx\r\n".utf8))
    server.readsReplies = false
    server.receive(Array(".\r\n".utf8))
    server.handle(.shutdownDeadline)
    #expect(server.transcript.count { $0 == "S: 250 2.0.0 queued as Q1" } == 250)
    #expect(server.transcript.suffix(2) == ["S: 421 4.3.2 shutting down, come back later", "X"])
  }

  @Test func `a deadline that passes while a mail is stored waits for no client to read its answers`() {
    var server = inTransaction(recipientCount: 300)
    server.receive(Array("DATA\r\nx\r\n".utf8))
    server.answersLate = true
    server.readsReplies = false
    server.handle(.received(Array(".\r\n".utf8)))
    server.handle(.shutdownDeadline)
    server.answer()
    #expect(server.transcript.count { $0 == "S: 250 2.0.0 queued as Q1" } == 300)
    #expect(server.transcript.suffix(2) == ["S: 421 4.3.2 shutting down, come back later", "X"])
  }

  @Test(arguments: [
    ("DATA\r\n" + String(repeating: "x", count: 4_000), 3), ("BDAT 4000 LAST\r\n", 3), ("BDAT 4000\r\n", 1),
  ])
  func `a mail that is too long to be read to its end is refused for each recipient`(content: String, count: Int) {
    var server = inTransaction(recipientCount: 2, of: .lmtp(maxExcessByteCount: 2_000))
    _ = server.say("RCPT TO:<u0@example.com>")
    let answers = server.send(content).filter { !$0.hasPrefix("S: 354") }
    #expect(answers == Array(repeating: "S: 552 5.3.4 the limit is 1000 bytes", count: count) + ["X"])
  }

  private func inTransaction(
    recipientCount: Int, of configuration: SMTPConfiguration = .lmtp
  ) -> ScriptedServer {
    var server = ScriptedServer(configuration)
    server.handle(.connected)
    _ = server.say("LHLO c")
    _ = server.say("MAIL FROM:<>")
    for number in 0..<recipientCount { _ = server.say("RCPT TO:<u\(number)@example.com>") }
    return server
  }
}

extension SMTPConfiguration {
  static let lmtp = lmtp(maxExcessByteCount: 64 << 20)

  static func lmtp(maxExcessByteCount: Int) -> SMTPConfiguration {
    SMTPConfiguration(
      hostName: "mx.example.com", maxMessageSize: 1_000, maxExcessByteCount: maxExcessByteCount, dialect: .lmtp)
  }
}

private let hello = """
  S: 220 mx.example.com LMTP Maildex
  C: LHLO client.example.org
  S: 250-mx.example.com
  S: 250-PIPELINING
  S: 250-SIZE 1000
  S: 250-8BITMIME
  S: 250-SMTPUTF8
  S: 250-CHUNKING
  S: 250 ENHANCEDSTATUSCODES
  """

private let dialogues: [Dialogue] = [
  Dialogue(
    "an answer for each recipient that was accepted, and for one that was named twice two",
    """
    \(hello)
    C: MAIL FROM:<alice@example.org>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    C: RCPT TO:<nobody@example.com>
    S: 550 5.1.1 no such user here
    C: RCPT TO:<carol@example.com>
    S: 250 2.1.5 recipient OK
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    C: DATA
    S: 354 send the mail, end with CR LF . CR LF
    C: x
    C: .
    M: LMTP client.example.org <alice@example.org> to <bob@example.com> <carol@example.com> "x\\r\\n"
    S: 250 2.0.0 queued as Q1
    S: 250 2.0.0 queued as Q1
    S: 250 2.0.0 queued as Q1
    C: MAIL FROM:<> SMTPUTF8
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    C: DATA
    S: 354 send the mail, end with CR LF . CR LF
    C: .
    M: UTF8LMTP client.example.org <> to <bob@example.com> UTF8 ""
    S: 250 2.0.0 queued as Q2
    C: QUIT
    S: 221 2.0.0 bye
    X
    """),
  Dialogue(
    "refusals after the data are said for each recipient too",
    """
    \(hello)
    C: MAIL FROM:<>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    C: RCPT TO:<carol@example.com>
    S: 250 2.1.5 recipient OK
    C: DATA
    S: 354 send the mail, end with CR LF . CR LF
    C: full disk
    C: .
    S: 452 4.3.1 mail system full, try later
    S: 452 4.3.1 mail system full, try later
    C: MAIL FROM:<>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    C: RCPT TO:<carol@example.com>
    S: 250 2.1.5 recipient OK
    C: DATA
    S: 354 send the mail, end with CR LF . CR LF
    C| a\\nb\\r\\n.\\r\\n
    S: 554 5.6.0 the mail holds a CR or LF alone
    S: 554 5.6.0 the mail holds a CR or LF alone
    """),
  Dialogue(
    "in chunks each has one answer, but the last one for each recipient, and a chunk that is refused before it one",
    """
    \(hello)
    C: MAIL FROM:<>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    C: RCPT TO:<carol@example.com>
    S: 250 2.1.5 recipient OK
    B| abc
    S: 250 2.0.0 chunk OK
    L| def
    M: LMTP client.example.org <> to <bob@example.com> <carol@example.com> "abcdef"
    S: 250 2.0.0 queued as Q1
    S: 250 2.0.0 queued as Q1
    C: MAIL FROM:<>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    C: RCPT TO:<carol@example.com>
    S: 250 2.1.5 recipient OK
    B| full spool
    S: 452 4.3.1 mail system full, try later
    L| def
    S: 452 4.3.1 mail system full, try later
    S: 452 4.3.1 mail system full, try later
    L| ghi
    S: 503 5.5.1 say MAIL first
    """),
  Dialogue(
    "content without a recipient is 503, and there is one answer",
    """
    \(hello)
    C: MAIL FROM:<>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<nobody@example.com>
    S: 550 5.1.1 no such user here
    C: DATA
    S: 503 5.5.1 no valid recipients
    L| abc
    S: 503 5.5.1 no valid recipients
    """),
  Dialogue(
    "EHLO and HELO are another protocol's",
    """
    S: 220 mx.example.com LMTP Maildex
    C: EHLO client.example.org
    S: 500 5.5.2 command not recognised
    C: EHLO
    S: 500 5.5.2 command not recognised
    C: HELO client.example.org
    S: 500 5.5.2 command not recognised
    C: LHLO
    S: 501 a host name or address literal is needed
    C: MAIL FROM:<>
    S: 503 5.5.1 say LHLO first
    L| QUIT\\r\\n
    S: 503 5.5.1 say LHLO first
    C: STARTTLS
    S: 502 5.5.1 command not implemented
    C: HELP
    S: 214 2.0.0 LHLO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT; see RFC 2033
    """),
]
