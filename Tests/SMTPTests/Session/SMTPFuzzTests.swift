import SMTP
import TestSupport
import Testing

/// Random conversations of nearly sensible pieces.
struct SMTPFuzzTests {
  private static let pieces = [
    "EHLO c\r\n", "HELO c\r\n", "LHLO c\r\n", "LHLO c\r\n", "MAIL FROM:<a@example.org>\r\n",
    "MAIL FROM:<> SIZE=5 BODY=8BITMIME\r\n",
    "RCPT TO:<bob@example.com>\r\n", "RCPT TO:<carol@example.com> NOTIFY=DELAY ORCPT=rfc822;a+2Bb\r\n",
    "MAIL FROM:<> RET=FULL ENVID=+20x\r\n", "RCPT TO:<nobody@example.com>\r\n", "DATA\r\n",
    ".\r\n", "\r\n.\r\n", "..\r\n", "text\r\n", "full disk\r\n", "failed sync\r\n", "RSET\r\n", "NOOP\r\n", "QUIT\r\n",
    "\r",
    "\n", "\0", ".", "\u{FF}", "VRFY x\r\n", "HELP\r\n", "x", "MAIL FROM:<ü@example.org> SMTPUTF8\r\n",
    String(repeating: "y", count: 300), "BDAT 6\r\n", "BDAT 14\r\n", "BDAT 0\r\n", "BDAT 3 LAST\r\n", "BDAT 0 LAST\r\n",
    "BDAT 700\r\n", "BDAT 6\r\ntext\r\n", "full spool", "BDAT\r\n", "Received: a\r\nreceived :b\r\n",
  ]

  @Test(arguments: UInt64(0)..<300)
  func `a conversation has the same course at every chunking and every speed of the store`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var bytes = Array("EHLO c\r\nLHLO c\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n".utf8)
    if Bool.random(using: &random) { bytes = [] }
    for _ in 0..<Int.random(in: 1...60, using: &random) {
      bytes += Array((Self.pieces.randomElement(using: &random) ?? "").utf8)
    }
    for dialect in [SMTPConfiguration.Dialect.smtp, .lmtp] {
      let expected = transcript(bytes, .allAtOnce, answersLate: false, dialect)
      for chunking in [Chunking.everyByte, .random(seed: seed), .random(seed: seed + 1_000)] {
        #expect(transcript(bytes, chunking, answersLate: false, dialect) == expected, "seed \(seed)")
        #expect(transcript(bytes, chunking, answersLate: true, dialect) == expected, "seed \(seed)")
      }
    }
  }

  @Test(arguments: UInt64(0)..<300)
  func `events out of turn do no harm`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var server = ScriptedServer(SMTPConfiguration(hostName: "mx.example.com", maxMessageSize: 1_000, tls: .offered))
    server.handle(.connected)
    for _ in 0..<80 {
      switch Int.random(in: 0...15, using: &random) {
      case 0: server.handle(.dataRefused(.noSpace))
      case 1: server.handle(.connected)
      case 2: server.answersLate.toggle()
      case 3: server.answer()
      case 4 where Int.random(in: 0...9, using: &random) == 0: server.handle(.shutdown)
      case 5 where Int.random(in: 0...9, using: &random) == 0: server.handle(.inputClosed)
      case 6 where Int.random(in: 0...9, using: &random) == 0: server.handle(.idleTimeout)
      case 7 where Int.random(in: 0...9, using: &random) == 0: server.handle(.mailTimeout)
      case 8: server.readsReplies.toggle()
      case 9: server.handle(.repliesSent)
      case 10: server.handle(.chunkStored)
      case 11: server.handle(.secured)
      case 12: server.handle(.received(Array("STARTTLS\r\n".utf8)))
      default: server.handle(.received(Array((Self.pieces.randomElement(using: &random) ?? "").utf8)))
      }
    }
    server.handle(.shutdownDeadline)
    server.answer()
    #expect(server.isClosed, "seed \(seed)")
  }

  private func transcript(
    _ bytes: [UInt8], _ chunking: Chunking, answersLate: Bool, _ dialect: SMTPConfiguration.Dialect
  ) -> [String] {
    var server = ScriptedServer(
      SMTPConfiguration(hostName: "mx.example.com", maxMessageSize: 1_000, maxHops: 4, dialect: dialect))
    server.answersLate = answersLate
    server.handle(.connected)
    server.receive(bytes, chunking: chunking)
    return server.transcript
  }
}
