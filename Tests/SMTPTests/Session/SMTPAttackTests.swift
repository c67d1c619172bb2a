import SMTP
import Testing

/// Each attack by its name.
struct SMTPAttackTests {
  @Test(arguments: smuggling, Chunking.all)
  func `smuggling: what is not CR LF dot CR LF does not end the data, and refuses the mail`(
    lookAlike: String, chunking: Chunking
  ) {
    let dialogue = Dialogue.inData(
      "smuggling by \(lookAlike)",
      """
      C| harmless\(lookAlike)MAIL FROM:<mallory@example.org>\\r\\nRCPT TO:<victim@example.com>\\r\\nDATA\\r\\nsmuggled
      C| \\r\\n.\\r\\n
      S: 554 5.6.0 the mail holds a CR or LF alone
      C: QUIT
      S: 221 2.0.0 bye
      X
      """)
    dialogue.run(chunking, answersLate: false)
  }

  @Test(arguments: harmlessLookAlikes, Chunking.all)
  func `smuggling: a look-alike without bare CR or LF is content`(
    lookAlike: (sent: String, kept: String), chunking: Chunking
  ) {
    let (sent, kept) = lookAlike
    let dialogue = Dialogue.inData(
      "content \(sent)",
      """
      C| a\(sent)MAIL FROM:<mallory@example.org>\\r\\n.\\r\\n
      M: ESMTP client.example.org <alice@example.org> to <bob@example.com> \
      "a\(kept)MAIL FROM:<mallory@example.org>\\r\\n"
      S: 250 2.0.0 queued as Q1
      """)
    dialogue.run(chunking, answersLate: true)
  }

  @Test(arguments: commandAttacks, Chunking.all)
  func `an attack by commands goes as written`(dialogue: Dialogue, chunking: Chunking) {
    dialogue.run(chunking, answersLate: false)
    dialogue.run(chunking, answersLate: true)
  }

  @Test func `an endless line is answered once and ends the session within 64 KiB`() {
    var server = ScriptedServer()
    server.handle(.connected)
    let chunk = [UInt8](repeating: UInt8(ascii: "A"), count: 1_000)
    var sent = 0
    while !server.isClosed, sent < 1 << 20 {
      server.handle(.received(chunk))
      sent += chunk.count
    }
    #expect(
      server.transcript == [
        "S: 220 mx.example.com ESMTP Maildex", "S: 500 5.5.2 line too long", "S: 421 4.7.0 too many errors", "X",
      ])
    #expect(sent < 70_000)
  }

  @Test func `an endless header is drained to its end and refused by size, in small pieces`() {
    var server = ScriptedServer()
    server.handle(.connected)
    _ = server.say("EHLO client.example.org")
    _ = server.say("MAIL FROM:<alice@example.org>")
    _ = server.say("RCPT TO:<bob@example.com>")
    _ = server.say("DATA")
    let before = server.transcript.count
    for number in 0..<20_000 { server.receive(Array("X-Header-\(number): value\r\n".utf8)) }
    #expect(server.transcript.count == before, "no answer before the true end")
    #expect(server.largestChunk < 1_001)
    #expect(server.say(".") == ["S: 552 5.3.4 the limit is 1000 bytes"])
    #expect(server.say("NOOP") == ["S: 250 2.0.0 OK"])
  }

  @Test func `a mail of exactly the limit is taken, one byte more is not`() {
    for (size, answer) in [(1_000, "queued as Q1"), (1_001, "the limit is 1000 bytes")] {
      var server = ScriptedServer()
      server.handle(.connected)
      // Stuffed dots and the end do not count (RFC 1870 section 5).
      let content = "EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n.."
      server.receive(Array((content + String(repeating: "x", count: size - 3) + "\r\n.\r\n").utf8))
      #expect(server.transcript.last?.hasSuffix(answer) == true)
    }
  }

  @Test func `a flood of recipients ends at the limit, known or unknown`() {
    for (address, answer) in [("bob", "S: 250 2.1.5 recipient OK"), ("nobody", "S: 550 5.1.1 no such user here")] {
      var server = ScriptedServer()
      server.handle(.connected)
      _ = server.say("EHLO client.example.org")
      _ = server.say("MAIL FROM:<alice@example.org>")
      for number in 0..<1_000 { #expect(server.say("RCPT TO:<\(address)\(number)@example.com>") == [answer]) }
      for number in 0..<50 {
        #expect(server.say("RCPT TO:<\(address)\(number)@example.com>") == ["S: 452 4.5.3 too many recipients"])
      }
      #expect(server.say("DATA").first == (address == "bob" ? startData : "S: 554 5.5.1 no valid recipients"))
    }
  }

  @Test func `a directory harvest over many transactions ends, and one mail to an old list does not`() {
    var server = ScriptedServer()
    server.handle(.connected)
    _ = server.say("EHLO client.example.org")
    for _ in 0..<10 {
      _ = server.say("MAIL FROM:<alice@example.org>")
      for number in 0..<9 { _ = server.say("RCPT TO:<nobody\(number)@example.com>") }
      _ = server.say("RCPT TO:<a..b@example.com>")
      #expect(server.say("RSET") == ["S: 250 2.0.0 OK"])
    }
    #expect(server.say("MAIL FROM:<alice@example.org>") == ["S: 421 4.7.0 too many refused recipients", "X"])

    var list = ScriptedServer()
    list.handle(.connected)
    _ = list.say("EHLO client.example.org")
    for _ in 0..<2 {
      #expect(list.say("MAIL FROM:<alice@example.org>") == ["S: 250 2.1.0 sender OK"])
      for number in 0..<300 { _ = list.say("RCPT TO:<nobody\(number)@example.com>") }
      _ = list.say("RCPT TO:<bob@example.com>")
      _ = list.say("DATA")
      #expect(list.say(".").last?.hasPrefix("S: 250 2.0.0 queued") == true)
    }
  }

  @Test(arguments: ["NOOP", "HELP", "RSET", "VRFY bob", "HELO c", "MAIL FROM:<> SIZE=1001"])
  func `a hundred commands without a mail are enough, sensible or not`(command: String) {
    var server = ScriptedServer()
    server.handle(.connected)
    _ = server.say("EHLO client.example.org")
    for _ in 0..<99 { _ = server.say(command) }
    #expect(!server.isClosed)
    let status = command == "HELO c" ? "" : "4.7.0 "
    #expect(server.say(command) == ["S: 421 \(status)too many commands without a mail", "X"])
  }

  @Test func `QUIT is heard after any number of commands, and a mail begins the count anew`() {
    var server = ScriptedServer()
    server.handle(.connected)
    _ = server.say("EHLO client.example.org")
    for _ in 0..<97 { _ = server.say("NOOP") }
    _ = server.say("MAIL FROM:<alice@example.org>")
    _ = server.say("RCPT TO:<bob@example.com>")
    _ = server.say("DATA")
    #expect(server.say(".").last == "S: 250 2.0.0 queued as Q1")
    for _ in 0..<100 { #expect(server.say("NOOP") == ["S: 250 2.0.0 OK"]) }
    #expect(server.say("QUIT") == ["S: 221 2.0.0 bye", "X"])
  }

  @Test(arguments: Chunking.all)
  func `a refused mail whose end is too far away is not read for ever`(chunking: Chunking) {
    for (byteCount, ending) in [(3_000, ["S: 552 5.3.4 the limit is 1000 bytes"]), (3_001, [])] {
      var server = ScriptedServer(
        SMTPConfiguration(hostName: "mx.example.com", maxMessageSize: 1_000, maxExcessByteCount: 2_000))
      server.handle(.connected)
      server.receive(Array("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n".utf8))
      let before = server.transcript.count
      let content = String(repeating: "x", count: byteCount - 2) + "\r\n.\r\nNOOP\r\n"
      server.receive(Array(content.utf8), chunking: chunking)
      let expected = ending.isEmpty ? ["S: 552 5.3.4 the limit is 1000 bytes", "X"] : ending + ["S: 250 2.0.0 OK"]
      #expect(Array(server.transcript[before...]) == expected)
    }
  }

  @Test func `a client that asks and never reads gets one batch of replies`() {
    var server = ScriptedServer()
    server.handle(.connected)
    server.receive(Array("EHLO c\r\nMAIL FROM:<>\r\n".utf8))
    server.readsReplies = false
    let replyCount = server.replyCount
    server.receive(Array(String(repeating: "RCPT TO:<a..b@c>\r\n", count: 900).utf8))
    #expect(server.replyCount <= SMTPSession.replyBatchLimit)
    #expect(!server.session.wantsInput)
    server.handle(.repliesSent)
    #expect(server.replyCount <= 2 * SMTPSession.replyBatchLimit)
    server.readsReplies = true
    server.handle(.repliesSent)
    #expect(server.replyCount == replyCount + 900)
    #expect(server.session.wantsInput)
  }

  @Test func `malformed recipients of a list do not end its transaction`() {
    var server = ScriptedServer()
    server.handle(.connected)
    _ = server.say("EHLO client.example.org")
    _ = server.say("MAIL FROM:<alice@example.org>")
    for _ in 0..<50 {
      #expect(
        server.say("RCPT TO:<a..b@example.com>") == ["S: 501 5.1.3 the recipient is no address in RFC 5321's form"])
    }
    #expect(server.say("RCPT TO:<bob@example.com>") == ["S: 250 2.1.5 recipient OK"])
  }
}

private let startData = "S: 354 send the mail, end with CR LF . CR LF"

private let smuggling = [
  "\\n.\\n", "\\n.\\r\\n", "\\r.\\r", "\\r.\\r\\n", "\\r.\\n", "\\r\\n.\\n", "\\r\\n.\\r", "\\r\\n.\\r\\r\\n",
  "\\n\\n.\\n\\n", "\\r\\n.\\n\\n",
  "\\r\\n\\n.\\r\\n", "\\r\\r\\n.\\r\\r\\n", "\\n.\\n\\r", "\\r\\n.\\0\\n", "\\n\\0.\\r\\n", "\\r\\0\\n.\\r\\n",
  "\\r\\n.\\r\\0\\n",
  "\\r\\n\\r.\\r\\n", "\\n\\r.\\r\\n",
]

/// Sent, and what is left of it without stuffing.
private let harmlessLookAlikes = [
  ("\\r\\n..\\r\\n", "\\r\\n.\\r\\n"),
  ("\\r\\n. \\r\\n", "\\r\\n \\r\\n"),
  ("\\r\\n.\\0\\r\\n", "\\r\\n\\0\\r\\n"),
  ("\\r\\n\\0.\\r\\n", "\\r\\n\\0.\\r\\n"),
  ("\\r\\n .\\r\\n", "\\r\\n .\\r\\n"),
  (".\\r\\n", ".\\r\\n"),
  ("\\r\\n.\\x0b\\r\\n", "\\r\\n\\x0b\\r\\n"),
  ("\\r\\n.\\xc2\\x85\\r\\n", "\\r\\n\\xc2\\x85\\r\\n"),
]

private let commandAttacks: [Dialogue] = [
  .afterHello(
    "a bare LF in a command hides no second one",
    """
    C| NOOP\\nMAIL FROM:<mallory@example.org>\\r\\n
    S: 500 5.5.2 a line ends with CR LF and holds neither alone
    C| NOOP\\rRSET\\r\\n
    S: 500 5.5.2 a line ends with CR LF and holds neither alone
    C| NOOP\\n\\r\\n
    S: 500 5.5.2 a line ends with CR LF and holds neither alone
    C| NOOP\\r\\r\\n
    S: 500 5.5.2 a line ends with CR LF and holds neither alone
    C: RCPT TO:<bob@example.com>
    S: 503 5.5.1 say MAIL first
    """),
  .afterHello(
    "NUL and other control characters in commands",
    """
    C: MAIL FROM:<alice\\0@example.org>
    S: 500 5.5.2 control character in a command
    C: NOOP\\0
    S: 500 5.5.2 control character in a command
    C: RCPT TO:<bob@example.com\\x1b[2J>
    S: 500 5.5.2 control character in a command
    C: NOOP\\x7f
    S: 500 5.5.2 control character in a command
    """),
  .afterHello(
    "command injection in MAIL parameters",
    """
    C| MAIL FROM:<alice@example.org> SIZE=1\\nRCPT TO:<victim@example.com>\\r\\n
    S: 500 5.5.2 a line ends with CR LF and holds neither alone
    C: MAIL FROM:<alice@example.org> BODY=7BIT RCPT TO:<victim@example.com>
    S: 555 5.5.4 parameter not recognised
    C: MAIL FROM:<alice@example.org> BODY=8BITMIME;SIZE=1
    S: 501 5.5.4 parameter repeated or with a value out of its range
    C: MAIL FROM:<alice@example.org>> SIZE=1
    S: 501 5.5.4 parameter repeated or with a value out of its range
    C: MAIL FROM:<alice@example.org\\xc2\\x8d> SIZE=1
    S: 553 5.6.7 a non-ASCII address needs MAIL with SMTPUTF8
    C: DATA
    S: 503 5.5.1 say MAIL first
    """),
  .afterHello(
    "ten commands without sense end the session, and what was pipelined after them is not looked at",
    """
    C: A
    S: 500 5.5.2 command not recognised
    C: A
    S: 500 5.5.2 command not recognised
    C: A
    S: 500 5.5.2 command not recognised
    C: A
    S: 500 5.5.2 command not recognised
    C: A
    S: 500 5.5.2 command not recognised
    C: A
    S: 500 5.5.2 command not recognised
    C: A
    S: 500 5.5.2 command not recognised
    C: A
    S: 500 5.5.2 command not recognised
    C: A
    S: 500 5.5.2 command not recognised
    C: A
    S: 500 5.5.2 command not recognised
    S: 421 4.7.0 too many errors
    X
    C: MAIL FROM:<alice@example.org>
    """),
  .afterHello(
    "pipelining abuse: content sent without waiting for a 354 that never comes is commands, and harmless ones",
    """
    C: MAIL FROM:<alice@example.org>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<nobody@example.com>
    S: 550 5.1.1 no such user here
    C: DATA
    S: 554 5.5.1 no valid recipients
    C: Subject: hi
    S: 500 5.5.2 command not recognised
    C: .
    S: 500 5.5.2 command not recognised
    C: QUIT
    S: 221 2.0.0 bye
    X
    """),
  .inData(
    "pipelining abuse: a mail that was refused, then one that is good, sent at once",
    """
    C| a\\nb\\r\\n.\\r\\nMAIL FROM:<carol@example.org>\\r\\nRCPT TO:<dave@example.com>\\r\\nDATA\\r\\ngood\\r\\n.\\r\\nQUIT\\r\\n
    S: 554 5.6.0 the mail holds a CR or LF alone
    S: 250 2.1.0 sender OK
    S: 250 2.1.5 recipient OK
    S: 354 send the mail, end with CR LF . CR LF
    M: ESMTP client.example.org <carol@example.org> to <dave@example.com> "good\\r\\n"
    S: 250 2.0.0 queued as Q1
    S: 221 2.0.0 bye
    X
    """),
  Dialogue(
    "a browser made to talk to us",
    """
    S: 220 mx.example.com ESMTP Maildex
    C: POST / HTTP/1.1
    S: 421 4.7.0 this is SMTP
    X
    C: Host: mx.example.com
    C: MAIL FROM:<mallory@example.org>
    """),
  .afterHello(
    "a line of 1,048 bytes is read, one more is too long and what follows it is a new line",
    """
    C: NOOP \(String(repeating: "x", count: 1_041))
    S: 250 2.0.0 OK
    C: NOOP \(String(repeating: "x", count: 1_042))
    S: 500 5.5.2 line too long
    C: NOOP \(String(repeating: "x", count: 5_000))
    S: 500 5.5.2 line too long
    C: NOOP
    S: 250 2.0.0 OK
    """),
]
