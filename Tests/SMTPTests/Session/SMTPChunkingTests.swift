import SMTP
import TestSupport
import Testing

/// BDAT (RFC 3030).
struct SMTPChunkingTests {
  @Test(arguments: chunkDialogues + chunkAttacks, Chunking.all)
  func `a dialogue goes as written, however its bytes are cut and however slow the store is`(
    dialogue: Dialogue, chunking: Chunking
  ) {
    dialogue.run(chunking, answersLate: false)
    dialogue.run(chunking, answersLate: true)
  }

  @Test(arguments: UInt64(0)..<400)
  func `any content in any chunks is taken byte for byte, or refused for a CR or LF alone`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let alphabet = Array("\r\n.aN\0".utf8)
    let content = (0..<Int.random(in: 0...60, using: &random)).flatMap { _ -> [UInt8] in
      Int.random(in: 0...9, using: &random) < 8 ? [13, 10] : [alphabet.randomElement(using: &random) ?? 0]
    }
    var sent: [UInt8] = []
    var rest = content[...]
    while !rest.isEmpty {
      let chunk = rest.prefix(Int.random(in: 0...12, using: &random))
      rest = rest.dropFirst(chunk.count)
      sent += Array("BDAT \(chunk.count)\r\n".utf8) + chunk
    }
    sent += Array("BDAT 0 LAST\r\nNOOP\r\n".utf8)

    var server = ScriptedServer()
    server.handle(.connected)
    server.receive(Array("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\n".utf8))
    server.receive(sent, chunking: .random(seed: seed))
    let text = Escapes.encode(content)
    let answer = server.transcript.suffix(3)
    #expect(answer.last == "S: 250 2.0.0 OK", "seed \(seed): \(text)")
    if hasBareLineEnding(content) {
      #expect(answer.contains("S: 554 5.6.0 the mail holds a CR or LF alone"), "seed \(seed): \(text)")
      #expect(!server.transcript.contains { $0.hasPrefix("M:") }, "seed \(seed): \(text)")
    } else {
      #expect(answer.first == "M: ESMTP c <> to <bob@example.com> \"\(text)\"", "seed \(seed): \(text)")
    }
  }

  @Test func `a mail of exactly the limit is taken in chunks, one byte more is not`() {
    for (size, answer) in [(600, "S: 250 2.0.0 queued as Q1"), (601, "S: 552 5.3.4 the limit is 1000 bytes")] {
      var server = inTransaction()
      #expect(server.send("BDAT 400\r\n" + String(repeating: "x", count: 400)) == ["S: 250 2.0.0 chunk OK"])
      let answers = server.send("BDAT \(size) LAST\r\n" + String(repeating: "y", count: size))
      #expect(answers.last == answer)
      #expect(server.say("NOOP") == ["S: 250 2.0.0 OK"])
    }
  }

  @Test func `a chunk over the limit is read to its end, and what follows it hears the same`() {
    var server = inTransaction()
    let before = server.transcript.count
    server.receive(Array("BDAT 5000\r\n".utf8))
    for _ in 0..<4 { server.receive(Array(repeating: UInt8(ascii: "x"), count: 1_000)) }
    #expect(server.transcript.count == before, "no answer before the true end")
    let tooBig = "S: 552 5.3.4 the limit is 1000 bytes"
    #expect(server.send(String(repeating: "x", count: 1_000)) == [tooBig])
    #expect(server.send("BDAT 4\r\nRSET") == [tooBig])
    #expect(server.say("BDAT 0 LAST") == [tooBig])
    #expect(server.say("MAIL FROM:<alice@example.org>") == ["S: 250 2.1.0 sender OK"])
    #expect(server.largestChunk <= 1_000)
  }

  @Test(arguments: ["3001", "99999999999999999999"], [true, false])
  func `a giant chunk that no reading would end closes the connection at once`(size: String, hasTransaction: Bool) {
    var server = inTransaction(
      SMTPConfiguration(hostName: "mx.example.com", maxMessageSize: 1_000, maxExcessByteCount: 2_000))
    if !hasTransaction { _ = server.say("RSET") }
    #expect(server.say("BDAT \(size)") == ["S: 552 5.3.4 the limit is 1000 bytes", "X"])
  }

  @Test func `many chunks do not add up to more than a mail may have`() {
    var server = inTransaction(
      SMTPConfiguration(hostName: "mx.example.com", maxMessageSize: 1_000, maxExcessByteCount: 2_000))
    for _ in 0..<3 { _ = server.send("BDAT 1000\r\n" + String(repeating: "x", count: 1_000)) }
    #expect(server.say("BDAT 1") == ["S: 552 5.3.4 the limit is 1000 bytes", "X"])
  }

  @Test func `a thousand chunks are one mail, a hundred empty ones are too many commands`() {
    var server = inTransaction()
    #expect(server.send(String(repeating: "BDAT 1\r\nx", count: 1_000)).count == 1_000)
    #expect(server.say("BDAT 0 LAST").last == "S: 250 2.0.0 queued as Q1")

    var other = inTransaction()
    let answers = other.send(String(repeating: "BDAT 0\r\n", count: 100))
    #expect(answers.suffix(2) == ["S: 421 4.7.0 too many commands without a mail", "X"])
  }

  @Test func `ten chunks without a transaction are read past and end the session`() {
    var server = ScriptedServer()
    server.handle(.connected)
    _ = server.say("EHLO client.example.org")
    for _ in 0..<9 { #expect(server.send("BDAT 6\r\nQUIT\r\n") == ["S: 503 5.5.1 say MAIL first"]) }
    let end = ["S: 503 5.5.1 say MAIL first", "S: 421 4.7.0 too many errors", "X"]
    #expect(server.send("BDAT 6\r\nQUIT\r\n") == end)
  }

  @Test func `a chunk is answered when the store has room for it, and nothing is read until then`() {
    var slow = inTransaction()
    slow.answersLate = true
    let start = slow.transcript.count
    slow.handle(.received(Array("BDAT 1\r\nxNOOP\r\n".utf8)))
    #expect(slow.transcript.count == start)
    #expect(!slow.session.wantsInput)
    slow.handle(.idleTimeout)
    slow.handle(.mailTimeout)
    slow.answer()
    #expect(Array(slow.transcript[start...]) == ["S: 250 2.0.0 chunk OK", "S: 250 2.0.0 OK"])
  }

  @Test func `a store that fails within a chunk is answered at its end`() {
    var server = inTransaction()
    let before = server.transcript.count
    server.receive(Array("BDAT 6\r\nabc".utf8))
    server.handle(.dataRefused(.storeUnavailable))
    #expect(server.transcript.count == before)
    let refusal = "S: 451 4.3.0 cannot store the mail now, try later"
    #expect(server.send("def") == [refusal])
    #expect(server.send("BDAT 3 LAST\r\nghi") == [refusal])
    #expect(server.say("DATA") == ["S: 503 5.5.1 say MAIL first"])
  }

  @Test(arguments: [
    (SMTPSession.Event.idleTimeout, "S: 421 4.4.2 idle for too long"),
    (.mailTimeout, "S: 421 4.4.2 too long without a mail"),
    (.shutdownDeadline, "S: 421 4.3.2 shutting down, come back later"),
  ])
  func `a client that falls silent within or between chunks is given up, and its chunks with it`(
    event: SMTPSession.Event, answer: String
  ) {
    for sent in ["BDAT 6\r\nabc", "BDAT 3\r\nabc"] {
      var server = inTransaction()
      server.receive(Array(sent.utf8))
      server.handle(event)
      #expect(server.transcript.suffix(2) == [answer, "X"])
      #expect(!server.transcript.contains { $0.hasPrefix("M:") })
    }
  }

  @Test func `a shutdown between chunks waits for the mail`() {
    var server = inTransaction()
    _ = server.send("BDAT 3\r\nabc")
    server.handle(.shutdown)
    let answers = server.send("BDAT 3 LAST\r\ndef")
    #expect(answers.suffix(3) == ["S: 250 2.0.0 queued as Q1", "S: 421 4.3.2 shutting down, come back later", "X"])
  }

  @Test func `a client that closed its side between chunks sends no mail`() {
    var server = inTransaction()
    _ = server.send("BDAT 3\r\nabc")
    server.handle(.inputClosed)
    #expect(server.transcript.last == "X")
    #expect(!server.transcript.contains { $0.hasPrefix("M:") })
  }

  private func inTransaction(
    _ configuration: SMTPConfiguration = SMTPConfiguration(hostName: "mx.example.com", maxMessageSize: 1_000)
  ) -> ScriptedServer {
    var server = ScriptedServer(configuration)
    server.handle(.connected)
    server.receive(Array("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\n".utf8))
    return server
  }

  private func hasBareLineEnding(_ content: [UInt8]) -> Bool {
    content.indices.contains { index in
      switch content[index] {
      case 13: index + 1 == content.count || content[index + 1] != 10
      case 10: index == 0 || content[index - 1] != 13
      default: false
      }
    }
  }
}

private let chunkDialogues: [Dialogue] = [
  .inTransaction(
    "a mail in one chunk: dots are not stuffed and nothing in it ends it",
    """
    L| ..\\r\\n.\\r\\nDATA\\r\\nQUIT\\r\\n
    M: ESMTP client.example.org <alice@example.org> to <bob@example.com> "..\\r\\n.\\r\\nDATA\\r\\nQUIT\\r\\n"
    S: 250 2.0.0 queued as Q1
    C: QUIT
    S: 221 2.0.0 bye
    X
    """),
  .inTransaction(
    "chunks sent at once, a CR LF cut between two, no CR LF at the end, NUL and bytes over 127",
    """
    B| Subject: a\\r
    S: 250 2.0.0 chunk OK
    B| \\n\\r\\n\\0\\xff
    S: 250 2.0.0 chunk OK
    B| 
    S: 250 2.0.0 chunk OK
    L| end
    M: ESMTP client.example.org <alice@example.org> to <bob@example.com> "Subject: a\\r\\n\\r\\n\\0\\xffend"
    S: 250 2.0.0 queued as Q1
    """),
  .inTransaction(
    "an empty LAST, verbs in any case, zeros before the size, and then a mail by DATA in the same session",
    """
    C| bdat 0000000000000000003\\r\\nabc
    S: 250 2.0.0 chunk OK
    C: Bdat 0 last
    M: ESMTP client.example.org <alice@example.org> to <bob@example.com> "abc"
    S: 250 2.0.0 queued as Q1
    C: MAIL FROM:<>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    C: DATA
    S: 354 send the mail, end with CR LF . CR LF
    C: BDAT 5 LAST
    C: .
    M: ESMTP client.example.org <> to <bob@example.com> "BDAT 5 LAST\\r\\n"
    S: 250 2.0.0 queued as Q2
    """),
  .inTransaction(
    "RSET between chunks throws them away, and EHLO does",
    """
    B| first
    S: 250 2.0.0 chunk OK
    C: RSET
    S: 250 2.0.0 OK
    L| second
    S: 503 5.5.1 say MAIL first
    C: MAIL FROM:<>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    B| third
    S: 250 2.0.0 chunk OK
    C: HELO client.example.org
    S: 250 mx.example.com
    C: MAIL FROM:<>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    C: DATA
    S: 354 send the mail, end with CR LF . CR LF
    C: fourth
    C: .
    M: SMTP client.example.org <> to <bob@example.com> "fourth\\r\\n"
    S: 250 2.0.0 queued as Q1
    """),
  .inTransaction(
    "between chunks there is NOOP, but no DATA, MAIL or RCPT",
    """
    B| one
    S: 250 2.0.0 chunk OK
    C: NOOP
    S: 250 2.0.0 OK
    C: DATA
    S: 503 5.5.1 the content began with BDAT: go on with it or say RSET
    C: RCPT TO:<carol@example.com>
    S: 503 5.5.1 the content began with BDAT: go on with it or say RSET
    C: MAIL FROM:<>
    S: 503 5.5.1 a mail transaction is open already
    L| two
    M: ESMTP client.example.org <alice@example.org> to <bob@example.com> "onetwo"
    S: 250 2.0.0 queued as Q1
    L| three
    S: 503 5.5.1 say MAIL first
    """),
  Dialogue(
    "BDAT from a client that was told of no extensions, or has not said hello",
    """
    S: 220 mx.example.com ESMTP Maildex
    L| QUIT\\r\\n
    S: 503 5.5.1 say EHLO first
    C: HELO client.example.org
    S: 250 mx.example.com
    C: MAIL FROM:<>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    B| QUIT\\r\\n
    S: 503 5.5.1 say EHLO first
    C: DATA
    S: 354 send the mail, end with CR LF . CR LF
    C: .
    M: SMTP client.example.org <> to <bob@example.com> ""
    S: 250 2.0.0 queued as Q1
    """),
  .inTransaction(
    "a disk that is full between chunks and one at the end",
    """
    B| full spool
    S: 452 4.3.1 mail system full, try later
    B| more
    S: 452 4.3.1 mail system full, try later
    L| end
    S: 452 4.3.1 mail system full, try later
    C: MAIL FROM:<>
    S: 250 2.1.0 sender OK
    C: RCPT TO:<bob@example.com>
    S: 250 2.1.5 recipient OK
    B| full 
    S: 250 2.0.0 chunk OK
    L| disk
    S: 452 4.3.1 mail system full, try later
    """),
]

private let chunkAttacks: [Dialogue] =
  [
    .inTransaction(
      "smuggling: a mail within a chunk is content",
      """
      L| a\\r\\n.\\r\\nMAIL FROM:<mallory@example.org>\\r\\nRCPT TO:<victim@example.com>\\r\\nBDAT 3 LAST\\r\\nabc
      M: ESMTP client.example.org <alice@example.org> to <bob@example.com> \
      "a\\r\\n.\\r\\nMAIL FROM:<mallory@example.org>\\r\\nRCPT TO:<victim@example.com>\\r\\nBDAT 3 LAST\\r\\nabc"
      S: 250 2.0.0 queued as Q1
      """),
    .inTransaction(
      "smuggling: a CR or LF alone would become the end of a mail that somebody hands on by DATA",
      """
      B| a\\n.\\nMAIL FROM:<mallory@example.org>\\r\\n
      S: 554 5.6.0 the mail holds a CR or LF alone
      L| b
      S: 554 5.6.0 the mail holds a CR or LF alone
      C: MAIL FROM:<>
      S: 250 2.1.0 sender OK
      C: RCPT TO:<bob@example.com>
      S: 250 2.1.5 recipient OK
      B| a\\r
      S: 250 2.0.0 chunk OK
      L| .\\r\\n
      S: 554 5.6.0 the mail holds a CR or LF alone
      C: MAIL FROM:<>
      S: 250 2.1.0 sender OK
      C: RCPT TO:<bob@example.com>
      S: 250 2.1.5 recipient OK
      L| a\\r
      S: 554 5.6.0 the mail holds a CR or LF alone
      """),
    .afterHello(
      "the content of chunks that nobody asked for is no command",
      """
      L| MAIL FROM:<mallory@example.org>\\r\\nRCPT TO:<victim@example.com>\\r\\n
      S: 503 5.5.1 say MAIL first
      C: MAIL FROM:<alice@example.org>
      S: 250 2.1.0 sender OK
      C: RCPT TO:<nobody@example.com>
      S: 550 5.1.1 no such user here
      B| RCPT TO:<victim@example.com>\\r\\n
      S: 554 5.5.1 no valid recipients
      C: RCPT TO:<bob@example.com>
      S: 503 5.5.1 the content began with BDAT: go on with it or say RSET
      L| RCPT TO:<victim@example.com>\\r\\n
      S: 554 5.5.1 no valid recipients
      C: RCPT TO:<bob@example.com>
      S: 503 5.5.1 say MAIL first
      """),
  ]
  + ["", " ", " x", " -1", " 1 LASTING", " 1 FIRST", " 999999999999999999999", " 1 LAST 2", "\\t1"].map { rest in
    .inTransaction(
      "a chunk whose end is not known ends the session: BDAT\(rest)",
      """
      C: BDAT\(rest)
      S: 521 5.5.4 syntax: BDAT size [LAST]
      X
      C: MAIL FROM:<mallory@example.org>
      """)
  }
  + ["BDAT 5\\n\\r\\n", "BDAT 5\\0\\r\\n", "BDAT 5 \(String(repeating: "x", count: 600))\\r\\n"].map { line in
    .inTransaction(
      "so does one in a line that is refused: \(line.prefix(20))",
      """
      C| \(line)
      S: 521 5.5.4 syntax: BDAT size [LAST]
      X
      """)
  }
