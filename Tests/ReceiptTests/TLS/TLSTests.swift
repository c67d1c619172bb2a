import MailStore
import NIOSSL
import Receipt
import Testing

/// TLS over real sockets, against a client that checks the certificate.
@Suite(.timeLimit(.minutes(30)))
struct TLSTests {
  private let receiver = MemoryReceiver()

  @Test func `a mail arrives after STARTTLS`() async throws {
    try await withCertificate { certificate in
      try await withListener(certificate: certificate.load(), receiver: receiver) { server in
        let client = try await server.client()
        #expect(try await client.say("EHLO c", "STARTTLS") == ["250 ENHANCEDSTATUSCODES", "220 2.0.0 ready for TLS"])
        try await client.secure(trusting: certificate.files.certificateChain)
        #expect(try await client.beginData().last == "354 send the mail, end with CR LF . CR LF")
        try await client.send("x\r\n.\r\n")
        #expect(try await client.reply() == "250 2.0.0 queued as 1")
        #expect(try await client.say("QUIT") == ["221 2.0.0 bye"])
        #expect(try await client.reply() == nil)
      }
    }
    #expect(receiver.mails.map(\.envelope.protocolName) == ["ESMTPS"])
  }

  @Test func `STARTTLS command injection: commands sent behind it in clear are never performed`() async throws {
    try await withCertificate { certificate in
      try await withListener(certificate: certificate.load(), receiver: receiver) { server in
        let client = try await server.client()
        _ = try await client.say("EHLO c")
        try await client.send(
          "STARTTLS\r\nEHLO mallory\r\nMAIL FROM:<mallory@example.org>\r\nRCPT TO:<bob@example.com>\r\n")
        #expect(try await client.reply() == "220 2.0.0 ready for TLS")
        try await client.secure(trusting: certificate.files.certificateChain)
        #expect(try await client.say("DATA", "EHLO c") == ["503 5.5.1 say EHLO first", "250 ENHANCEDSTATUSCODES"])
        #expect(try await client.say("RCPT TO:<bob@example.com>") == ["503 5.5.1 say MAIL first"])
        #expect(!client.hasUnread)
      }
    }
  }

  @Test func `a door with implicit TLS takes mail beside one in clear, up to a common limit`() async throws {
    var configuration = ReceiptConfiguration.forTests
    configuration.doors = [.forTests, Door(Door.forTests.address, .smtpOverTLS)]
    configuration.maxConnections = 2
    try await withCertificate { certificate in
      try await withListener(configuration, certificate: certificate.load(), receiver: receiver) { server in
        let client = try await TestClient.connect(port: server.listener.port(ofDoor: 1))
        try await client.secure(trusting: certificate.files.certificateChain)
        #expect(try await client.reply() == "220 mx.example.com ESMTP Maildex")
        #expect(try await client.beginData().count == 4)
        try await client.send("x\r\n.\r\n")
        #expect(try await client.reply() == "250 2.0.0 queued as 1")

        let inClear = try await server.client()
        #expect(try await inClear.say("NOOP") == ["250 2.0.0 OK"])
        let third = try await TestClient.connect(port: server.listener.port(ofDoor: 1))
        try await third.secure(trusting: certificate.files.certificateChain)
        #expect(try await third.reply() == "421 too many connections, come back later")
        #expect(try await third.reply() == nil)
        #expect(try await client.say("QUIT") == ["221 2.0.0 bye"])
        #expect(try await client.reply() == nil)
      }
    }
    #expect(receiver.mails.map(\.envelope.protocolName) == ["ESMTPS"])
  }

  @Test func `long content comes through TLS byte for byte`() async throws {
    let content = (0..<100_000).flatMap { Array("line \($0)\r\n".utf8) }
    try await withCertificate { certificate in
      try await withListener(certificate: certificate.load(), receiver: receiver) { server in
        let client = try await server.client()
        _ = try await client.say("EHLO c", "STARTTLS")
        try await client.secure(trusting: certificate.files.certificateChain)
        _ = try await client.beginData()
        try await client.send(content + Array(".\r\n".utf8))
        #expect(try await client.reply() == "250 2.0.0 queued as 1")
      }
    }
    #expect(receiver.mails.map(\.content) == [content])
  }

  @Test(arguments: [(TLSCertificate.Version.tls12, TLSVersion.tlsv11), (.tls13, .tlsv12)])
  func `TLS that is older than the oldest allowed is no TLS`(
    allowed: TLSCertificate.Version, spoken: TLSVersion
  ) async throws {
    try await withCertificate(minimumVersion: allowed) { certificate in
      try await withListener(certificate: certificate.load(), receiver: receiver) { server in
        let client = try await server.client()
        _ = try await client.say("EHLO c", "STARTTLS")
        try await client.secure(trusting: certificate.files.certificateChain, atMost: spoken)
        await #expect(throws: (any Error).self) { try await client.say("EHLO c") }
      }
    }
  }

  @Test func `a client that goes on in clear after STARTTLS is not heard`() async throws {
    try await withCertificate { certificate in
      try await withListener(certificate: certificate.load(), receiver: receiver) { server in
        let client = try await server.client()
        _ = try await client.say("EHLO c", "STARTTLS")
        try await client.send("EHLO c\r\nMAIL FROM:<>\r\n")
        while let line = try? await client.reply() { #expect(!line.hasPrefix("250")) }
      }
    }
  }

  @Test func `without a certificate STARTTLS is not implemented`() async throws {
    try await withListener(receiver: receiver) { server in
      let client = try await server.client()
      #expect(try await client.say("EHLO c", "STARTTLS").last == "502 5.5.1 command not implemented")
    }
  }

  @Test func `a client may end TLS and still hears the answer to its mail`() async throws {
    try await withCertificate { certificate in
      try await withListener(certificate: certificate.load(), receiver: receiver) { server in
        let client = try await server.client()
        _ = try await client.say("EHLO c", "STARTTLS")
        try await client.secure(trusting: certificate.files.certificateChain)
        try await client.send("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\nx\r\n.\r\n")
        try await client.closeOutput()
        var replies: [String] = []
        while let reply = try await client.reply() { replies.append(String(reply.prefix(3))) }
        #expect(replies == ["250", "250", "250", "354", "250"])
      }
    }
  }
}
