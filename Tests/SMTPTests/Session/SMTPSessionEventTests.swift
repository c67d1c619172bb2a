import SMTP
import Testing

/// What happens when it is not the client who speaks.
struct SMTPSessionEventTests {
  private var server = ScriptedServer()

  init() {
    server.handle(.connected)
    _ = server.say("EHLO client.example.org")
  }

  @Test mutating func `shutdown between mails ends the session at once`() {
    server.handle(.shutdown)
    #expect(server.transcript.suffix(2) == ["S: 421 4.3.2 shutting down, come back later", "X"])
  }

  @Test mutating func `shutdown within a transaction waits for the answer to its mail`() {
    beginData()
    server.handle(.shutdown)
    server.receive(Array("x\r\n.\r\nMAIL FROM:<>\r\n".utf8))
    #expect(
      server.transcript.suffix(3) == [
        "S: 250 2.0.0 queued as Q1", "S: 421 4.3.2 shutting down, come back later", "X",
      ])
  }

  @Test mutating func `shutdown within a transaction that is given up ends the session`() {
    _ = server.say("MAIL FROM:<>")
    server.handle(.shutdown)
    #expect(server.say("RSET") == ["S: 250 2.0.0 OK", "S: 421 4.3.2 shutting down, come back later", "X"])
  }

  @Test mutating func `a mail that is complete at the deadline of a shutdown has its true answer`() {
    server.answersLate = true
    beginData()
    let before = server.transcript.count
    server.handle(.received(Array("x\r\n.\r\n".utf8)))
    server.handle(.shutdownDeadline)
    #expect(server.transcript[before...].allSatisfy { $0.hasPrefix("M:") }, "no 421 for what is being stored")
    server.answer()
    #expect(
      server.transcript.suffix(3) == [
        "S: 250 2.0.0 queued as Q1", "S: 421 4.3.2 shutting down, come back later", "X",
      ])
  }

  @Test mutating func `a mail that is not complete at the deadline of a shutdown is given up`() {
    beginData()
    server.receive(Array("x\r\n.".utf8))
    server.handle(.shutdownDeadline)
    #expect(server.transcript.suffix(2) == ["S: 421 4.3.2 shutting down, come back later", "X"])
    #expect(!server.transcript.contains { $0.hasPrefix("M:") })
  }

  @Test mutating func `a client that is never idle and never done is given up, but not while we are at work`() {
    server.answersLate = true
    beginDataWithoutAnswers()
    server.handle(.mailTimeout)
    #expect(!server.isClosed)
    server.answer()
    server.handle(.mailTimeout)
    #expect(server.transcript.suffix(2) == ["S: 421 4.4.2 too long without a mail", "X"])
  }

  @Test mutating func `a client that is silent within its content is given up, and the content with it`() {
    beginData()
    server.receive(Array("x\r\n".utf8))
    server.handle(.idleTimeout)
    #expect(server.transcript.suffix(2) == ["S: 421 4.4.2 idle for too long", "X"])
  }

  @Test mutating func `a client is not idle while we are at work`() {
    server.answersLate = true
    beginDataWithoutAnswers()
    server.handle(.idleTimeout)
    #expect(!server.isClosed)
    server.answer()
    server.handle(.idleTimeout)
    #expect(server.isClosed)
  }

  @Test mutating func `a client that closed its side hears the answer to its mail`() {
    beginData()
    server.answersLate = true
    server.handle(.received(Array("x\r\n.\r\n".utf8)))
    server.handle(.inputClosed)
    #expect(!server.isClosed)
    server.answer()
    #expect(server.transcript.suffix(2) == ["S: 250 2.0.0 queued as Q1", "X"])
  }

  @Test mutating func `a client that closed its side within its content sends no mail`() {
    beginData()
    server.receive(Array("x\r\n.".utf8))
    server.handle(.inputClosed)
    #expect(server.transcript.last == "X")
    #expect(!server.transcript.contains { $0.hasPrefix("M:") })
  }

  @Test mutating func `a spool that fails while content comes in is answered after the true end`() {
    beginData()
    server.receive(Array("x\r\n".utf8))
    server.handle(.dataRefused(.storeUnavailable))
    let before = server.transcript.count
    server.receive(Array("more\r\n\r\n".utf8))
    #expect(server.transcript.count == before)
    #expect(server.say(".") == ["S: 451 4.3.0 cannot store the mail now, try later"])
  }

  @Test mutating func `an accepted mail forgives earlier mistakes`() {
    for _ in 0..<9 { _ = server.say("FOO") }
    beginData()
    _ = server.say(".")
    for _ in 0..<9 { _ = server.say("FOO") }
    #expect(!server.isClosed)
    _ = server.say("FOO")
    #expect(server.isClosed)
  }

  @Test mutating func `a session holds nothing of the content it has handed on`() {
    beginData()
    for _ in 0..<3 { server.receive(Array(String(repeating: "0123456789\r\n", count: 10).utf8)) }
    #expect(server.largestChunk == 120)
    #expect(server.session.wantsInput)
  }

  @Test mutating func `replies to a batch wait for each other, those a client waits for do not`() {
    var session = server.session
    let batch = session.handle(.received(Array("MAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\n".utf8)))
    #expect(batch == [.resolveSender("")])
    let rest = session.handle(.senderResolved(.accepted))
    #expect(!rest.contains(.flush), "the recipient is still being looked up")
    #expect(session.handle(.recipientResolved(.unknown)).last == .flush)
    let probe = session.handle(.received(Array("NOOP\r\nRCPT TO:<bob@example.com>\r\n".utf8)))
    #expect(probe.contains(.flush), "NOOP's answer may not wait")
  }

  private mutating func beginData() {
    _ = server.say("MAIL FROM:<alice@example.org>")
    _ = server.say("RCPT TO:<bob@example.com>")
    _ = server.say("DATA")
  }

  private mutating func beginDataWithoutAnswers() {
    server.handle(.received(Array("MAIL FROM:<alice@example.org>\r\nRCPT TO:<bob@example.com>\r\n".utf8)))
  }
}
