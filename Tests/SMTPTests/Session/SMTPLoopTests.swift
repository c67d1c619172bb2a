import SMTP
import Testing

/// Mail that goes round in circles (RFC 5321 §6.3).
struct SMTPLoopTests {
  private static let loop = "S: 554 5.4.6 too many Received fields: the mail goes round in circles"

  @Test(arguments: Chunking.all)
  func `a mail with as many Received fields as are allowed is taken, one with one more is refused`(chunking: Chunking) {
    for (count, answer) in [(3, "S: 250 2.0.0 queued as Q1"), (4, Self.loop)] {
      let header = String(repeating: "Received: from a by b\r\n\twith SMTP\r\n", count: count)
      let content = header + "Subject: x\r\n\r\nReceived: body\r\nReceived: body\r\n"
      for sent in ["DATA\r\n\(content).\r\n", "BDAT \(content.utf8.count) LAST\r\n\(content)"] {
        var server = inTransaction()
        server.receive(Array("\(sent)NOOP\r\n".utf8), chunking: chunking)
        #expect(server.transcript.suffix(2) == [answer, "S: 250 2.0.0 OK"])
      }
    }
  }

  @Test func `a loop is answered after the true end, or at the end of its chunk, and nothing of it is kept`() {
    var server = inTransaction()
    _ = server.say("DATA")
    let field = "Received: from a by b\r\n"
    for _ in 0..<20 { #expect(server.send(field) == []) }
    #expect(server.say(".") == [Self.loop])

    var chunked = inTransaction()
    for number in 1...5 {
      let answer = number < 4 ? "S: 250 2.0.0 chunk OK" : Self.loop
      #expect(chunked.send("BDAT \(field.utf8.count)\r\n\(field)") == [answer])
    }
    #expect(chunked.say("BDAT 0 LAST") == [Self.loop])
    #expect(!chunked.transcript.contains { $0.hasPrefix("M:") })
  }

  @Test func `a mail that is wrong in two ways hears of the worse one`() {
    var server = inTransaction()
    let content = String(repeating: "Received: a\r\n", count: 4) + "a\nb\r\n"
    #expect(server.send("DATA\r\n\(content).\r\n").last == "S: 554 5.6.0 the mail holds a CR or LF alone")
  }

  private func inTransaction() -> ScriptedServer {
    var server = ScriptedServer(SMTPConfiguration(hostName: "mx.example.com", maxMessageSize: 1_000, maxHops: 3))
    server.handle(.connected)
    server.receive(Array("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\n".utf8))
    return server
  }
}
