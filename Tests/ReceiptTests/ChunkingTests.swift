import MailStore
import Receipt
import TestSupport
import Testing

/// BDAT over real sockets: chunks between the session, the memory and the spool.
@Suite(.timeLimit(.minutes(30)))
struct ChunkingTests {
  private let receiver = MemoryReceiver()

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `chunks of any size, sent at once, arrive as one mail byte for byte`(seed: UInt64) async throws {
    var random = SeededGenerator(seed: seed)
    let content = (0..<40_000).flatMap { Array("line \($0)\r\n".utf8) }
    var sent: [UInt8] = []
    var chunkCount = 0
    var rest = content[...]
    while !rest.isEmpty {
      let chunk = rest.prefix(Int.random(in: 1...(Bool.random(using: &random) ? 500 : 100_000), using: &random))
      rest = rest.dropFirst(chunk.count)
      sent += Array("BDAT \(chunk.count)\(rest.isEmpty ? " LAST" : "")\r\n".utf8) + chunk
      chunkCount += 1
    }
    try await withListener(receiver: receiver) { [sent, chunkCount] server in
      let client = try await server.client()
      try await client.beginTransaction()
      try await client.send(sent)
      for _ in 1..<chunkCount { #expect(try await client.reply() == "250 2.0.0 chunk OK", "seed \(seed)") }
      #expect(try await client.reply() == "250 2.0.0 queued as 1", "seed \(seed)")
    }
    #expect(receiver.mails.map(\.content) == [content], "seed \(seed)")
    #expect([receiver.state.openSpools, receiver.state.discardedSpools] == [0, 0])
    #expect(receiver.state.largestAppend <= 96 << 10, "one piece of the spool and one read")
  }

  @Test func `chunks, RSET and other mails in one read leave no spool behind and mix no content`() async throws {
    let chunk = String(repeating: "0123456789abcd\r\n", count: 1_100)
    let transaction = "MAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\nBDAT \(chunk.utf8.count)\r\n\(chunk)"
    try await withListener(receiver: receiver) { server in
      let client = try await server.client()
      try await client.send("EHLO c\r\n" + String(repeating: transaction + "RSET\r\n", count: 20))
      try await client.send(transaction + "BDAT 5 LAST\r\nend\r\n")
      var replies: [String] = []
      while replies.last?.hasPrefix("250 2.0.0 queued") != true, let reply = try await client.reply() {
        replies.append(reply)
      }
      #expect(replies.count == 1 + 20 * 4 + 4)
      #expect(replies.allSatisfy { $0.hasPrefix("250") })
    }
    #expect(receiver.mails.map(\.content) == [Array((chunk + "end\r\n").utf8)])
    #expect([receiver.state.openSpools, receiver.state.discardedSpools] == [0, 20])
  }

  @Test func `the 250 of LAST comes only when the store has the mail`() async throws {
    receiver.gate.close()
    try await withListener(receiver: receiver) { server in
      let client = try await server.client()
      try await client.beginTransaction()
      try await client.send("BDAT 3\r\na\r\nBDAT 3 LAST\r\nb\r\nNOOP\r\n")
      #expect(try await client.reply() == "250 2.0.0 chunk OK")
      await receiver.gate.waitForArrival()
      #expect(receiver.mails.isEmpty)
      receiver.gate.open()
      #expect(try await client.reply() == "250 2.0.0 queued as 1")
      #expect(try await client.reply() == "250 2.0.0 OK")
    }
  }

  @Test func `a disk that fills up within a chunk refuses it and those after it, and the connection goes on`()
    async throws
  {
    receiver.change { state in
      state.spoolCapacity = 100_000
      state.spoolError = StoreError(code: .noSpace, message: "full")
    }
    let chunk = String(repeating: "0123456789abcd\r\n", count: 10_000)
    try await withListener(receiver: receiver) { server in
      let client = try await server.client()
      try await client.beginTransaction()
      try await client.send("BDAT \(chunk.utf8.count)\r\n\(chunk)BDAT \(chunk.utf8.count) LAST\r\n\(chunk)NOOP\r\n")
      for _ in 0..<2 { #expect(try await client.reply() == "452 4.3.1 mail system full, try later") }
      #expect(try await client.reply() == "250 2.0.0 OK")
    }
    #expect([receiver.state.openSpools, receiver.state.discardedSpools] == [0, 1])
    #expect(receiver.mails.isEmpty)
  }

  @Test func `a client that vanishes between chunks leaves nothing behind`() async throws {
    try await withListener(receiver: receiver) { server in
      let client = try await server.client()
      try await client.beginTransaction()
      try await client.send("BDAT 100000\r\n" + String(repeating: "01234567\r\n", count: 10_000))
      #expect(try await client.reply() == "250 2.0.0 chunk OK")
      try await client.close()
    }
    #expect(receiver.mails.isEmpty)
    #expect([receiver.state.openSpools, receiver.state.discardedSpools] == [0, 1])
  }
}
