import Foundation
import Glibc
import MailStore
import NIOCore
import Receipt
import TestSupport
import Testing

/// LMTP over TCP and Unix sockets.
@Suite(.timeLimit(.minutes(30)))
struct LMTPTests {
  private let receiver = MemoryReceiver()

  @Test func `mail comes over a Unix socket, which is there as long as its listener`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/lmtp"
      try await withListener(configuration(.unix(path: path)), receiver: receiver) { server in
        #expect(server.listener.addresses == [.unix(path: path)])
        let client = try await TestClient.connect(path: path)
        try await sendMail(client)
      }
      #expect(!FileManager.default.fileExists(atPath: path))
    }
    #expect(receiver.mails.map(\.envelope.protocolName) == ["LMTP"])
    #expect(receiver.mails.map(\.envelope.clientAddress) == [""])
  }

  @Test func `mail comes over TCP, beside SMTP`() async throws {
    var configuration = configuration(Door.forTests.address)
    configuration.doors.append(.forTests)
    try await withListener(configuration, receiver: receiver) { server in
      try await sendMail(try await TestClient.connect(port: server.listener.port()))
      let other = try await TestClient.connect(port: server.listener.port(ofDoor: 1))
      #expect(try await other.reply() == "220 mx.example.com ESMTP Maildex")
      #expect(try await other.say("LHLO c") == ["500 5.5.2 command not recognised"])
    }
    #expect(receiver.mails.map(\.envelope.clientAddress) == ["127.0.0.1"])
  }

  @Test func `a thousand recipients hear a thousand answers, though they are read late`() async throws {
    try await withListener(configuration(Door.forTests.address), receiver: receiver) { server in
      let client = try await TestClient.connect(port: server.listener.port())
      let recipients = (0..<1_000).map { "RCPT TO:<u\($0)@example.com>\r\n" }.joined()
      try await client.send("LHLO c\r\nMAIL FROM:<>\r\n\(recipients)DATA\r\nx\r\n.\r\nNOOP\r\nQUIT\r\n")
      var replies: [String] = []
      while let reply = try await client.reply() { replies.append(reply) }
      #expect(replies.count(where: { $0 == "250 2.0.0 queued as 1" }) == 1_000)
      #expect(replies.suffix(3) == ["250 2.0.0 queued as 1", "250 2.0.0 OK", "221 2.0.0 bye"])
    }
  }

  @Test func `a socket that a killed process left is taken over, one of a living process is not`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/lmtp"
      try await withListener(configuration(.unix(path: path)), receiver: receiver) { server in
        let error = await #expect(throws: ReceiptError.self) {
          try await withListener(configuration(.unix(path: path)), receiver: MemoryReceiver()) { _ in }
        }
        #expect((error?.cause as? IOError)?.errnoCode == EADDRINUSE)
        try await sendMail(try await TestClient.connect(path: path))
      }
      try leaveSocket(path)
      try await withListener(configuration(.unix(path: path)), receiver: receiver) { _ in
        try await sendMail(try await TestClient.connect(path: path))
      }
    }
  }

  /// As a process does that is killed: bound, and nobody listens.
  private func leaveSocket(_ path: String) throws {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { Glibc.close(descriptor) }
    let address = try SocketAddress(unixDomainSocketPath: path)
    let status = address.withSockAddr { Glibc.bind(descriptor, $0, socklen_t($1)) }
    try #require(status == 0, "errno \(errno)")
  }

  private func configuration(_ address: Door.Address) -> ReceiptConfiguration {
    var configuration = ReceiptConfiguration.forTests
    configuration.doors = [Door(address, .lmtp)]
    return configuration
  }

  private func sendMail(_ client: TestClient) async throws {
    #expect(try await client.reply() == "220 mx.example.com LMTP Maildex")
    let replies = try await client.say(
      "LHLO c", "MAIL FROM:<>", "RCPT TO:<bob@example.com>", "RCPT TO:<nobody@example.com>",
      "RCPT TO:<carol@example.com>", "DATA")
    #expect(replies.map { $0.prefix(3) } == ["250", "250", "250", "550", "250", "354"])
    try await client.send("x\r\n.\r\nQUIT\r\n")
    for _ in 0..<2 { #expect(try await client.reply()?.hasPrefix("250 2.0.0 queued as") == true) }
    #expect(try await client.reply() == "221 2.0.0 bye")
    #expect(try await client.reply() == nil)
  }
}
