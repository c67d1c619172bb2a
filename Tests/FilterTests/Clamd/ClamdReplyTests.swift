import Testing

@testable import Filter

@Suite struct ClamdReplyTests {
  @Test(arguments: [
    ("stream: OK", ClamdReply.clean), ("PONG", .pong), ("INSTREAM size limit exceeded. ERROR", .tooLarge),
    ("stream: Eicar-Test-Signature FOUND", .found(signature: "Eicar-Test-Signature")),
    ("stream: Test.Maildex.UNOFFICIAL FOUND", .found(signature: "Test.Maildex.UNOFFICIAL")),
    ("stream: Eicar(44d88612fea8a8f36de82e1278abb02f:68) FOUND", .found(signature: "Eicar")),
    ("stream: a FOUND b FOUND", .found(signature: "a FOUND b")),
  ])
  func `a line is read`(line: String, reply: ClamdReply) throws {
    #expect(try ClamdReply(Array(line.utf8)) == reply)
  }

  @Test(arguments: [
    "", "stream: ", "stream: FOUND", "stream:  FOUND", "FOUND", "OK", "stream: (x) FOUND", "UNKNOWN COMMAND",
    "stream: Can't allocate memory ERROR", "COMMAND READ TIMED OUT", "\u{0}\u{1F600}",
    String(repeating: "x", count: 5_000),
    "stream: \(String(repeating: "x", count: 5_000)) FOUND",
  ])
  func `anything else is a protocol error`(line: String) {
    #expect { try ClamdReply(Array(line.utf8)) } throws: { ($0 as? FilterError)?.code == .protocolError }
  }

  @Test func `a signature's name is one line of bounded length`() throws {
    let line = "stream: evil\r\nX: \(String(repeating: "y", count: 300)) FOUND"
    guard case .found(let name) = try ClamdReply(Array(line.utf8)) else {
      Issue.record("expected a finding")
      return
    }
    #expect(name.hasPrefix("evil X: y") && name.utf8.count == 128)
  }
}
