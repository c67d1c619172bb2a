import Bytes
import MailStore
import NIOCore
import NIOPosix
import Receipt
import SMTP
import TestSupport
import Testing

/// Real sockets, on a port of the system's choice.
@Suite(.timeLimit(.minutes(30)))
struct SMTPListenerTests {
  private let receiver = MemoryReceiver()

  @Test func `a mail arrives with its envelope, byte for byte`() async throws {
    try await withListener(receiver: receiver) { server in
      let client = try await TestClient.connect(port: server.listener.port())
      #expect(try await client.reply() == "220 mx.example.com ESMTP Maildex")
      #expect(
        try await client.beginData() == [
          "250 ENHANCEDSTATUSCODES", "250 2.1.0 sender OK", "250 2.1.5 recipient OK",
          "354 send the mail, end with CR LF . CR LF",
        ])
      try await client.send("Subject: hi\r\n\r\n..\r\nbye\r\n.\r\n")
      #expect(try await client.reply() == "250 2.0.0 queued as 1")
      #expect(try await client.say("QUIT") == ["221 2.0.0 bye"])
      #expect(try await client.reply() == nil)
    }
    let expected = InboundEnvelope(
      receivedAt: FixedClock().now(), clientAddress: "127.0.0.1", heloName: "client.example.org",
      protocolName: "ESMTP", reversePath: "alice@example.org",
      recipients: [InboundRecipient(address: "bob@example.com", user: UserID(rawValue: 7))], needsUTF8: false,
      is8Bit: false)
    #expect(receiver.mails == [.init(envelope: expected, content: Array("Subject: hi\r\n\r\n.\r\nbye\r\n".utf8))])
  }

  @Test func `what the sender wants to hear of its mail is kept with the envelope`() async throws {
    try await withListener(receiver: receiver) { server in
      let client = try await server.client()
      _ = try await client.say(
        "EHLO c", "MAIL FROM:<> RET=FULL ENVID=a+20b",
        "RCPT TO:<bob@example.com> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=x;y",
        "RCPT TO:<carol@example.com> NOTIFY=NEVER")
      try await client.send("BDAT 1 LAST\r\nx")
      #expect(try await client.reply() == "250 2.0.0 queued as 1")
    }
    let envelope = receiver.mails.first?.envelope
    #expect(envelope?.returnedContent == .full && envelope?.envelopeID == "a b")
    #expect(envelope?.recipients.map(\.occasions) == [[.success, .failure, .delay], []])
    #expect(envelope?.recipients.map(\.originalRecipient) == ["x;y", nil])
  }

  @Test func `the 250 comes only when the store has the mail, and what was pipelined after it later still`()
    async throws
  {
    receiver.gate.close()
    try await withListener(receiver: receiver) { server in
      let client = try await server.client()
      _ = try await client.beginData()
      try await client.send("x\r\n.\r\nNOOP\r\nRCPT TO:<bob@example.com>\r\n")
      await receiver.gate.waitForArrival()
      #expect(receiver.mails.isEmpty)
      receiver.gate.open()
      #expect(try await client.reply() == "250 2.0.0 queued as 1")
      #expect(receiver.mails.count == 1)
      #expect(try await client.reply() == "250 2.0.0 OK")
      #expect(try await client.reply() == "503 5.5.1 say MAIL first")
    }
  }

  @Test(arguments: [
    (StoreError(code: .noSpace, message: "full"), "452 4.3.1 mail system full, try later"),
    (StoreError(code: .queueFull, message: "full"), "452 4.3.1 mail system full, try later"),
    (StoreError(code: .stopped, message: "sync failed"), "451 4.3.0 cannot store the mail now, try later"),
    (StoreError(code: .failed, message: "?"), "451 4.3.0 cannot store the mail now, try later"),
  ])
  func `an error of the store is temporary to the client, whose connection goes on`(
    error: StoreError, answer: String
  ) async throws {
    receiver.change { $0.acceptError = error }
    try await withListener(receiver: receiver) { server in
      let client = try await server.client()
      _ = try await client.beginData()
      try await client.send("x\r\n.\r\n")
      #expect(try await client.reply() == answer)
      receiver.change { $0.acceptError = nil }
      _ = try await client.beginData()
      try await client.send("x\r\n.\r\n")
      #expect(try await client.reply() == "250 2.0.0 queued as 1")
    }
  }

  @Test(arguments: [
    (MailRefusal.rejected(reason: "Eicar-Signature"), "554 5.7.1 the mail's content is refused: Eicar-Signature"),
    (MailRefusal.unchecked(reason: "rspamd is down"), "451 4.7.1 cannot check the mail now, try later"),
  ])
  func `what filters say before acceptance the client is told, and may go on`(
    refusal: MailRefusal, answer: String
  ) async throws {
    receiver.change { $0.acceptError = refusal }
    try await withListener(receiver: receiver) { server in
      let client = try await server.client()
      _ = try await client.beginData()
      try await client.send("x\r\n.\r\n")
      #expect(try await client.reply() == answer)
      receiver.change { $0.acceptError = nil }
      _ = try await client.beginData()
      try await client.send("x\r\n.\r\n")
      #expect(try await client.reply() == "250 2.0.0 queued as 1")
    }
  }

  @Test func `long content is spooled in pieces and arrives whole`() async throws {
    let content = longContent(byteCount: 3 << 20)
    try await withListener(receiver: receiver) { server in
      let client = try await server.client()
      _ = try await client.beginData()
      try await client.send(content + Array(".\r\n".utf8))
      #expect(try await client.reply() == "250 2.0.0 queued as 1")
    }
    #expect(receiver.mails.first?.content == content)
    let state = receiver.state
    #expect(state.openSpools == 0)
    #expect(state.discardedSpools == 0)
    #expect(
      state.largestAppend > 0 && state.largestAppend <= 96 << 10,
      "one piece of the spool and one read, not \(state.largestAppend)")
  }

  @Test func `a disk that fills up while content comes in is answered after its end`() async throws {
    receiver.change { state in
      state.spoolCapacity = 100_000
      state.spoolError = StoreError(code: .noSpace, message: "full")
    }
    try await withListener(receiver: receiver) { server in
      let client = try await server.client()
      _ = try await client.beginData()
      try await client.send(longContent(byteCount: 1 << 20) + Array(".\r\nNOOP\r\n".utf8))
      #expect(try await client.reply() == "452 4.3.1 mail system full, try later")
      #expect(try await client.reply() == "250 2.0.0 OK")
    }
    #expect([receiver.state.openSpools, receiver.state.discardedSpools] == [0, 1])
    #expect(receiver.mails.isEmpty)
  }

  @Test func `a refused mail over the limit is drained and leaves no spool`() async throws {
    var configuration = ReceiptConfiguration.forTests
    configuration.session.maxMessageSize = 200_000
    try await withListener(configuration, receiver: receiver) { server in
      let client = try await server.client()
      _ = try await client.beginData()
      try await client.send(longContent(byteCount: 2 << 20) + Array(".\r\n".utf8))
      #expect(try await client.reply() == "552 5.3.4 the limit is 200000 bytes")
    }
    #expect([receiver.state.openSpools, receiver.state.discardedSpools] == [0, 1])
  }

  @Test func `forty connections at once, each with five mails in pieces, lose and mix nothing`() async throws {
    try await withListener(receiver: receiver) { server in
      let port = server.listener.port()
      try await withThrowingTaskGroup(of: Void.self) { clients in
        for number in 0..<40 { clients.addTask { try await sendFiveMails(number, port: port) } }
        try await clients.waitForAll()
      }
    }
    let contents = receiver.mails.map { String(decoding: $0.content, as: UTF8.self) }
    let expected = (0..<40).flatMap { client in (0..<5).map { "mail \(client).\($0)\r\n" } }
    #expect(contents.sorted() == expected.sorted())
  }

  @Test func `a client that says all at once and closes its side still hears every answer`() async throws {
    try await withListener(receiver: receiver) { server in
      let client = try await server.client()
      try await client.send(
        "EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<nobody@example.com>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\nx\r\n.\r\n")
      try await client.closeOutput()
      var replies: [String] = []
      while let reply = try await client.reply() { replies.append(String(reply.prefix(3))) }
      #expect(replies == ["250", "250", "550", "250", "354", "250"])
    }
    #expect(receiver.mails.count == 1)
  }

  @Test func `a client that vanishes within its content leaves nothing behind`() async throws {
    try await withListener(receiver: receiver) { server in
      let client = try await server.client()
      _ = try await client.beginData()
      try await client.send(longContent(byteCount: 100_000))
      try await client.close()
    }
    #expect(receiver.mails.isEmpty)
    #expect(receiver.state.openSpools == 0)
  }

  @Test func `a connection over the limit is told to come back, and finds room when another has gone`() async throws {
    var configuration = ReceiptConfiguration.forTests
    configuration.maxConnections = 2
    try await withListener(configuration, receiver: receiver) { server in
      let first = try await server.client()
      let second = try await server.client()
      let third = try await TestClient.connect(port: server.listener.port())
      #expect(try await third.reply() == "421 too many connections, come back later")
      #expect(try await third.reply() == nil)
      _ = try await first.say("QUIT")
      #expect(try await first.reply() == nil)
      while server.listener.connectionCount > 1 { await Task.yield() }
      let fourth = try await TestClient.connect(port: server.listener.port())
      #expect(try await fourth.reply() == "220 mx.example.com ESMTP Maildex")
      #expect(try await second.say("NOOP") == ["250 2.0.0 OK"])
    }
  }

  @Test func `a refused client that has spoken early hears why, and no reset destroys it`() async throws {
    var configuration = ReceiptConfiguration.forTests
    configuration.maxConnections = 1
    let listener = try await SMTPListener.bind(configuration, receiver: receiver)
    // Both speak before anybody answers, and one of them finds the only place taken.
    var clients: [TestClient] = []
    for _ in 0..<2 {
      let client = try await TestClient.connect(port: listener.port())
      try await client.send("EHLO client.example.org\r\n")
      clients.append(client)
    }
    try await withThrowingTaskGroup(of: Void.self) { group async throws in
      group.addTask { try await listener.run() }
      var greetings: Set<String?> = []
      for client in clients {
        let greeting = try await client.reply()
        greetings.insert(greeting)
        if greeting?.hasPrefix("421") == true { #expect(try await client.reply() == nil) }
      }
      #expect(greetings == ["220 mx.example.com ESMTP Maildex", "421 too many connections, come back later"])
      group.cancelAll()
    }
  }

  @Test func `a client that asks far ahead of its reading gets every reply in the end`() async throws {
    var configuration = ReceiptConfiguration.forTests
    configuration.session.maxCommands = .max
    try await withListener(configuration, receiver: receiver) { server in
      let client = try await server.client()
      try await client.send(String(repeating: "HELP\r\n", count: 20_000) + "QUIT\r\n")
      for _ in 0..<20_000 { #expect(try await client.reply()?.hasPrefix("214 ") == true) }
      #expect(try await client.reply() == "221 2.0.0 bye")
      #expect(try await client.reply() == nil)
    }
  }

  @Test func `a port that is taken is a clear error`() async throws {
    try await withListener(receiver: receiver) { server in
      var configuration = ReceiptConfiguration.forTests
      configuration.doors = [Door(.tcp(host: "127.0.0.1", port: server.listener.port()))]
      let error = await #expect(throws: ReceiptError.self) {
        try await withListener(configuration, receiver: MemoryReceiver()) { _ in }
      }
      #expect(error?.message.hasPrefix("cannot listen for SMTP on 127.0.0.1:\(server.listener.port())") == true)
    }
  }
}

/// Lines of many lengths, none beginning with a dot.
private func longContent(byteCount: Int) -> [UInt8] {
  var random = SeededGenerator(seed: 5)
  var content: [UInt8] = []
  while content.count < byteCount {
    content += (0..<Int.random(in: 0...2_000, using: &random)).map { UInt8(32 + $0 % 14) }
    content += [UInt8(ascii: "x"), 13, 10]
  }
  return content
}

private func sendFiveMails(_ number: Int, port: Int) async throws {
  var random = SeededGenerator(seed: UInt64(number))
  let client = try await TestClient.greeted(port: port)
  for mail in 0..<5 {
    _ = try await client.beginData()
    var rest = Array("mail \(number).\(mail)\r\n.\r\n".utf8)[...]
    while !rest.isEmpty {
      let piece = rest.prefix(Int.random(in: 1...6, using: &random))
      rest = rest.dropFirst(piece.count)
      try await client.send(Array(piece))
    }
    let reply = try await client.reply()
    #expect(reply?.hasPrefix("250 2.0.0 queued as") == true, "client \(number), mail \(mail)")
  }
  #expect(try await client.say("QUIT") == ["221 2.0.0 bye"])
}
