import MailStore
import Receipt
import SMTP
import TestSupport
import Testing

/// The PROXY protocol over real sockets: this machine is the proxy.
@Suite(.timeLimit(.minutes(30)))
struct ProxyTests {
  private static let header = "PROXY TCP4 192.0.2.7 198.51.100.25 56324 25\r\n"

  private let receiver = MemoryReceiver()
  private let log = LogRecord()

  @Test(
    arguments: [
      (Array("PROXY TCP4 192.0.2.7 198.51.100.25 56324 25\r\n".utf8), "192.0.2.7"),
      (Array("PROXY TCP6 2001:db8::7 2001:db8::25 56324 25\r\n".utf8), "2001:db8::7"),
      (Array("PROXY UNKNOWN\r\n".utf8), "127.0.0.1"),
      (ProxyHeaderBytes.header(0x21, 0x11, ProxyHeaderBytes.ipv4), "192.0.2.7"),
      (ProxyHeaderBytes.header(0x21, 0x21, ProxyHeaderBytes.ipv6), "2001:db8::7"),
      (ProxyHeaderBytes.header(0x20, 0x00, []), "127.0.0.1"),
    ] as [([UInt8], String)])
  func `a mail through a proxy is from the client that its header names`(header: [UInt8], client: String) async throws {
    try await withListener(try configuration(), receiver: receiver) { server in
      let connection = try await TestClient.connect(port: server.listener.port())
      try await connection.send(header)
      #expect(try await connection.reply() == "220 mx.example.com ESMTP Maildex")
      #expect(try await connection.beginData().last == "354 send the mail, end with CR LF . CR LF")
      try await connection.send("x\r\n.\r\n")
      #expect(try await connection.reply() == "250 2.0.0 queued as 1")
      #expect(try await connection.say("QUIT") == ["221 2.0.0 bye"])
      #expect(try await connection.reply() == nil)
    }
    #expect(receiver.mails.map(\.envelope.clientAddress) == [client])
  }

  @Test func `a header may come byte by byte`() async throws {
    try await withListener(try configuration(), receiver: receiver) { server in
      let client = try await TestClient.connect(port: server.listener.port())
      for byte in Self.header.utf8 { try await client.send([byte]) }
      #expect(try await client.reply() == "220 mx.example.com ESMTP Maildex")
      #expect(try await client.say("NOOP") == ["250 2.0.0 OK"])
    }
  }

  @Test func `what comes with the header is the client's, up to a whole mail and the end`() async throws {
    try await withListener(try configuration(), receiver: receiver) { server in
      let client = try await TestClient.connect(port: server.listener.port())
      try await client.send(
        Self.header + "EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n")
      try await client.closeOutput()
      var replies: [String] = []
      while let reply = try await client.reply() { replies.append(String(reply.prefix(3))) }
      #expect(replies == ["220", "250", "250", "250", "354", "250", "221"])
    }
    #expect(receiver.mails.map(\.envelope.clientAddress) == ["192.0.2.7"])
  }

  @Test func `a second header is an unknown command`() async throws {
    try await withListener(try configuration(), receiver: receiver) { server in
      let client = try await TestClient.connect(port: server.listener.port())
      try await client.send(Self.header + Self.header)
      #expect(try await client.reply() == "220 mx.example.com ESMTP Maildex")
      #expect(try await client.reply() == "500 5.5.2 command not recognised")
    }
  }

  @Test func `who is no proxy is greeted at once, and PROXY is an unknown command`() async throws {
    try await withListener(try configuration(proxies: ["192.0.2.0/24", "::1"]), receiver: receiver) { server in
      let client = try await TestClient.connect(port: server.listener.port())
      #expect(try await client.reply() == "220 mx.example.com ESMTP Maildex")
      try await client.send(Self.header)
      #expect(try await client.reply() == "500 5.5.2 command not recognised")
      _ = try await client.beginData()
      try await client.send("x\r\n.\r\n")
      #expect(try await client.reply() == "250 2.0.0 queued as 1")
    }
    #expect(receiver.mails.map(\.envelope.clientAddress) == ["127.0.0.1"])
  }

  @Test(arguments: [
    "EHLO c\r\n", "\r\nEHLO c\r\n", "PROXY TCP4 192.0.2.7\r\n",
    "PROXY TCP4 192.0.2.7 198.51.100.25 56324 25\nEHLO c\r\n",
    "PROXY UNKNOWN " + String(repeating: "x", count: 94), "GET / HTTP/1.1\r\n",
  ])
  func `without a valid header a proxy hears nothing, and the log says so`(bytes: String) async throws {
    try await withListener(try configuration(), receiver: receiver, logger: log.logger) { server in
      let client = try await TestClient.connect(port: server.listener.port())
      try await client.send(bytes)
      #expect(await hearsNothing(client))
      while server.listener.connectionCount > 0 { await Task.yield() }
    }
    #expect(log.messages.filter { $0 == "connection from a proxy closed" }.count == 1)
  }

  @Test func `a header that says that it is too long is not waited for`() async throws {
    try await withListener(try configuration(), receiver: receiver) { server in
      let client = try await TestClient.connect(port: server.listener.port())
      try await client.send(ProxyHeaderBytes.signature + [0x21, 0x11, 0x10, 0x00])
      #expect(await hearsNothing(client))
    }
  }

  @Test(arguments: ["", "PROXY TCP4 192.0.2."])
  func `a header that does not come in time ends the connection`(beginning: String) async throws {
    var configuration = try configuration()
    configuration.proxyHeaderTimeout = .milliseconds(50)
    try await withListener(configuration, receiver: receiver, logger: log.logger) { server in
      let client = try await TestClient.connect(port: server.listener.port())
      try await client.send(beginning)
      #expect(await hearsNothing(client))
    }
    #expect(log.messages.contains("connection from a proxy closed"))
  }

  @Test func `a proxy that only looks whether somebody listens is not worth a line in the log`() async throws {
    try await withListener(try configuration(), receiver: receiver, logger: log.logger) { server in
      let client = try await TestClient.connect(port: server.listener.port())
      try await client.closeOutput()
      #expect(await hearsNothing(client))
      while server.listener.connectionCount > 0 { await Task.yield() }
    }
    #expect(!log.messages.contains("connection from a proxy closed"))
  }

  @Test func `a shutdown does not wait for a header`() async throws {
    try await withListener(try configuration(), receiver: receiver) { server in
      let client = try await TestClient.connect(port: server.listener.port())
      try await client.send("PROXY")
      while server.listener.connectionCount == 0 { await Task.yield() }
      await server.shutDown()
      #expect(await hearsNothing(client))
    }
  }

  @Test func `each client behind a proxy has its own share of the connections`() async throws {
    var configuration = try configuration()
    configuration.maxConnectionsPerClient = 1
    try await withListener(configuration, receiver: receiver) { server in
      let first = try await client("192.0.2.7", of: server)
      #expect(try await first.reply() == "220 mx.example.com ESMTP Maildex")
      let second = try await client("192.0.2.7", of: server)
      #expect(try await second.reply() == "421 too many connections from you, come back later")
      #expect(try await second.reply() == nil)
      let other = try await client("192.0.2.8", of: server)
      #expect(try await other.reply() == "220 mx.example.com ESMTP Maildex")
      _ = try await first.say("QUIT")
      #expect(try await first.reply() == nil)
      while server.listener.connectionCount > 1 { await Task.yield() }
      let third = try await client("192.0.2.7", of: server)
      #expect(try await third.reply() == "220 mx.example.com ESMTP Maildex")
    }
  }

  @Test func `who waits for a header has a place among all, and who finds none hears so after the header`()
    async throws
  {
    var configuration = try configuration()
    configuration.maxConnections = 1
    try await withListener(configuration, receiver: receiver) { server in
      let first = try await TestClient.connect(port: server.listener.port())
      while server.listener.connectionCount == 0 { await Task.yield() }
      let second = try await client("192.0.2.8", of: server)
      #expect(try await second.reply() == "421 too many connections, come back later")
      #expect(try await second.reply() == nil)
      try await first.send(Self.header)
      #expect(try await first.reply() == "220 mx.example.com ESMTP Maildex")
    }
  }

  @Test func `the header comes before implicit TLS, also in one piece with its beginning`() async throws {
    var configuration = try configuration()
    configuration.doors = [Door(Door.forTests.address, .smtpOverTLS)]
    configuration.maxConnections = 1
    try await withCertificate { certificate in
      let listener = try await SMTPListener.bind(configuration, certificate: certificate.load(), receiver: receiver)
      // All that it says first is there before anybody reads.
      let client = try await TestClient.connect(port: listener.port())
      try await client.send(Self.header)
      try await client.secure(trusting: certificate.files.certificateChain)
      try await withThrowingTaskGroup(of: Void.self) { group async throws in
        group.addTask { try await listener.run() }
        #expect(try await client.reply() == "220 mx.example.com ESMTP Maildex")
        _ = try await client.beginData()
        try await client.send("x\r\n.\r\n")
        #expect(try await client.reply() == "250 2.0.0 queued as 1")

        let second = try await TestClient.connect(port: listener.port())
        try await second.send(Self.header)
        try await second.secure(trusting: certificate.files.certificateChain)
        #expect(try await second.reply() == "421 too many connections, come back later")
        #expect(try await second.reply() == nil)
        group.cancelAll()
      }
    }
    #expect(receiver.mails.map(\.envelope.protocolName) == ["ESMTPS"])
    #expect(receiver.mails.map(\.envelope.clientAddress) == ["192.0.2.7"])
  }

  @Test func `STARTTLS works behind a header`() async throws {
    try await withCertificate { certificate in
      try await withListener(try configuration(), certificate: certificate.load(), receiver: receiver) { server in
        let client = try await client("192.0.2.7", of: server)
        #expect(try await client.reply() == "220 mx.example.com ESMTP Maildex")
        _ = try await client.say("EHLO c", "STARTTLS")
        try await client.secure(trusting: certificate.files.certificateChain)
        #expect(try await client.say("EHLO c", "NOOP").last == "250 2.0.0 OK")
      }
    }
  }

  @Test func `TLS without a header before it is no header`() async throws {
    var configuration = try configuration()
    configuration.doors = [Door(Door.forTests.address, .smtpOverTLS)]
    try await withCertificate { certificate in
      try await withListener(configuration, certificate: certificate.load(), receiver: receiver) { server in
        let client = try await TestClient.connect(port: server.listener.port())
        try await client.secure(trusting: certificate.files.certificateChain)
        #expect(await hearsNothing(client))
      }
    }
  }

  @Test func `proxies count at LMTP's door too`() async throws {
    var configuration = try configuration()
    configuration.doors = [Door(Door.forTests.address, .lmtp)]
    try await withListener(configuration, receiver: receiver) { server in
      let client = try await client("192.0.2.7", of: server)
      #expect(try await client.reply() == "220 mx.example.com LMTP Maildex")
      _ = try await client.say("LHLO c", "MAIL FROM:<>", "RCPT TO:<bob@example.com>", "DATA")
      try await client.send("x\r\n.\r\n")
      #expect(try await client.reply() == "250 2.0.0 queued as 1")
      let other = try await TestClient.connect(port: server.listener.port())
      try await other.send("LHLO c\r\n")
      #expect(await hearsNothing(other))
    }
    #expect(receiver.mails.map(\.envelope.clientAddress) == ["192.0.2.7"])
  }

  @Test func `a Unix socket is no proxy's, whatever networks are listed`() async throws {
    try await withTemporaryDirectory { directory in
      var configuration = try configuration(proxies: ["0.0.0.0/0", "::/0"])
      configuration.doors = [Door(.unix(path: directory + "/lmtp"), .lmtp)]
      try await withListener(configuration, receiver: receiver) { _ in
        let client = try await TestClient.connect(path: directory + "/lmtp")
        #expect(try await client.reply() == "220 mx.example.com LMTP Maildex")
        try await client.send(Self.header)
        #expect(try await client.reply() == "500 5.5.2 command not recognised")
      }
    }
  }

  private func configuration(proxies: [String] = ["127.0.0.0/8"]) throws -> ReceiptConfiguration {
    var configuration = ReceiptConfiguration.forTests
    configuration.proxies = try proxies.map { try Network($0) }
    configuration.proxyHeaderTimeout = .seconds(600)
    return configuration
  }

  /// Says the header at once.
  private func client(_ address: String, of server: RunningListener) async throws -> TestClient {
    let client = try await TestClient.connect(port: server.listener.port())
    try await client.send("PROXY TCP4 \(address) 198.51.100.25 56324 25\r\n")
    return client
  }

  /// Until the connection ends, which it may do by a reset where the server has not read all.
  private func hearsNothing(_ client: TestClient) async -> Bool {
    let reply = try? await client.reply()
    return reply == nil && !client.hasUnread
  }
}
