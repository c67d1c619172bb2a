import Receipt
import Testing

@Suite(.timeLimit(.minutes(30)))
struct ShutdownTests {
  private let receiver = MemoryReceiver()

  @Test func `an idle client is told to come back`() async throws {
    try await withListener(receiver: receiver) { server in
      let client = try await server.client()
      _ = try await client.say("EHLO client.example.org")
      await server.shutDown()
      #expect(try await client.reply() == "421 4.3.2 shutting down, come back later")
      #expect(try await client.reply() == nil)
    }
  }

  @Test func `a mail that is being stored gets its answer first`() async throws {
    receiver.gate.close()
    try await withListener(receiver: receiver) { server in
      let client = try await server.client()
      _ = try await client.beginData()
      try await client.send("x\r\n.\r\n")
      await receiver.gate.waitForArrival()
      await server.shutDown()
      receiver.gate.open()
      #expect(try await client.reply() == "250 2.0.0 queued as 1")
      #expect(try await client.reply() == "421 4.3.2 shutting down, come back later")
      #expect(try await client.reply() == nil)
    }
    #expect(receiver.mails.count == 1)
  }

  @Test func `a mail that is still being stored at the deadline gets its true answer first`() async throws {
    var configuration = ReceiptConfiguration.forTests
    configuration.shutdownTimeout = .zero
    receiver.gate.close()
    try await withListener(configuration, receiver: receiver) { server in
      let client = try await server.client()
      _ = try await client.beginData()
      try await client.send("x\r\n.\r\n")
      await receiver.gate.waitForArrival()
      let other = try await server.client()
      _ = try await other.beginData()
      await server.shutDown()
      // The other has heard of the deadline, and by now so has this one.
      #expect(try await other.reply() == "421 4.3.2 shutting down, come back later")
      receiver.gate.open()
      #expect(try await client.reply() == "250 2.0.0 queued as 1")
      #expect(try await client.reply() == "421 4.3.2 shutting down, come back later")
      #expect(try await client.reply() == nil)
    }
    #expect(receiver.mails.count == 1)
  }

  @Test func `a transaction under way may end its mail`() async throws {
    try await withListener(receiver: receiver) { server in
      let client = try await server.client()
      _ = try await client.beginData()
      await server.shutDown()
      try await client.send("x\r\n.\r\n")
      #expect(try await client.reply() == "250 2.0.0 queued as 1")
      #expect(try await client.reply() == "421 4.3.2 shutting down, come back later")
    }
  }

  @Test func `a transaction that does not end is cut at the deadline, and its content is not kept`() async throws {
    var configuration = ReceiptConfiguration.forTests
    configuration.shutdownTimeout = .milliseconds(50)
    try await withListener(configuration, receiver: receiver) { server in
      let client = try await server.client()
      _ = try await client.beginData()
      try await client.send("x\r\n")
      await server.shutDown()
      #expect(try await client.reply() == "421 4.3.2 shutting down, come back later")
      #expect(try await client.reply() == nil)
    }
    #expect(receiver.mails.isEmpty)
  }
}
