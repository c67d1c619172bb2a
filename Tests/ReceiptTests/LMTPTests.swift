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

  @Test func `a socket of which nobody can tell whether it is in use is left alone`() async throws {
    try await withTemporaryDirectory { directory in
      let (datagram, busy) = (directory + "/datagram", directory + "/busy")
      let other = try bindSocket(SOCK_DGRAM, datagram)
      defer { Glibc.close(other) }
      try await expectNoListener(at: datagram, EPROTOTYPE)
      let full = try fillBacklog(busy)
      defer { for descriptor in full { Glibc.close(descriptor) } }
      try await expectNoListener(at: busy, EAGAIN)
    }
  }

  @Test func `a socket that another process made in the place of ours stays when we end`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/lmtp"
      try await withListener(configuration(.unix(path: path)), receiver: receiver) { _ in
        try FileManager.default.removeItem(atPath: path)
        try leaveSocket(path)
      }
      #expect(FileManager.default.fileExists(atPath: path))
    }
  }

  private func expectNoListener(at path: String, _ code: CInt) async throws {
    let error = await #expect(throws: ReceiptError.self) {
      try await withListener(configuration(.unix(path: path)), receiver: MemoryReceiver()) { _ in }
    }
    #expect((error?.cause as? IOError)?.errnoCode == code)
    #expect(error?.message.contains("cannot tell whether the socket is in use") == true)
    #expect(FileManager.default.fileExists(atPath: path))
  }

  /// As a process does that is killed: bound, and nobody listens.
  private func leaveSocket(_ path: String) throws { Glibc.close(try bindSocket(SOCK_STREAM, path)) }

  private func bindSocket(_ kind: __socket_type, _ path: String) throws -> CInt {
    let descriptor = socket(AF_UNIX, CInt(kind.rawValue), 0)
    let address = try SocketAddress(unixDomainSocketPath: path)
    let status = address.withSockAddr { Glibc.bind(descriptor, $0, socklen_t($1)) }
    try #require(status == 0, "errno \(errno)")
    return descriptor
  }

  /// A socket that is listened to, and the clients for which there is room.
  private func fillBacklog(_ path: String) throws -> [CInt] {
    var descriptors = [try bindSocket(SOCK_STREAM, path)]
    try #require(listen(descriptors[0], 0) == 0)
    let address = try SocketAddress(unixDomainSocketPath: path)
    while true {
      let client = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
      descriptors.append(client)
      let status = address.withSockAddr { Glibc.connect(client, $0, socklen_t($1)) }
      if status != 0 { return descriptors }
    }
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
