import Bytes
import MailStore
import NIOCore
import NIOPosix
import Receipt
import SMTP
import TestSupport
import Testing

@testable import Outbound

@Suite(.timeLimit(.minutes(10))) struct RelayClientTests {
  private let content = Array("Subject: periwinkle\r\n\r\n.dots\r\n..\r\ntext\r\n".utf8)

  private func send(
    to port: Int, _ recipient: String = "dan@example.net", wantsTLS: Bool = true,
    timeouts: RelayTimeouts = RelayTimeouts()
  ) async -> SMTPClientSession.Outcome {
    let client = RelayClient(
      to: RelayAddress(host: "127.0.0.1", port: port, wantsTLS: wantsTLS), hostName: "mx.example.com",
      timeouts: timeouts)
    return await client.send(SMTPClientSession.Mail(recipient: recipient, content: content, needsUTF8: false))
  }

  @Test func `a relay takes the mail with the null reverse-path, its dots as they were`() async throws {
    try await TestRelay.withRelay { relay, port throws in
      #expect(await send(to: port) == .accepted)
      let mail = try #require(relay.mails.first)
      #expect(mail.content == content && mail.envelope.reversePath.isEmpty)
      #expect(mail.envelope.addresses == ["dan@example.net"] && mail.envelope.protocolName == "ESMTP")
    }
  }

  @Test(arguments: [true, false])
  func `TLS is spoken where it is offered and wanted`(wantsTLS: Bool) async throws {
    try await withTemporaryDirectory { directory in
      let (chain, key) = (directory + "/certificate.pem", directory + "/key.pem")
      try SelfSignedCertificate.make(certificate: chain, key: key)
      let certificate = try TLSCertificate(
        TLSCertificate.Files([TLSCertificate.Pair(certificateChain: chain, privateKey: key)]),
        fileSystem: PosixFileSystem(), logger: TestRelay.logger)
      try await TestRelay.withRelay(certificate: certificate) { relay, port throws in
        #expect(await send(to: port, wantsTLS: wantsTLS) == .accepted)
        #expect(relay.mails.first?.envelope.protocolName == (wantsTLS ? "ESMTPS" : "ESMTP"))
      }
    }
  }

  @Test func `the relay's answers tell later from never`() async throws {
    try await TestRelay.withRelay { relay, port throws in
      relay.fail(with: StoreError(code: .noSpace, message: "full"))
      guard case .deferred(let later) = await send(to: port) else {
        Issue.record("a full relay is no reason to give up")
        return
      }
      #expect(later.hasPrefix("452"))
      guard case .refused(let never) = await send(to: port, "nobody@example.net") else {
        Issue.record("an unknown recipient will not become known")
        return
      }
      #expect(never.hasPrefix("550"))
    }
  }

  @Test func `nobody who listens is a reason to try later`() async throws {
    let port = try await withServer({ $0.close(promise: nil) }) { port in port }
    guard case .deferred = await send(to: port) else {
      Issue.record("expected a deferral")
      return
    }
  }

  @Test(arguments: [
    "", "220 mx\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "220-a\r\n", String(repeating: "x", count: 5_000),
  ])
  func `a server that breaks off or is none is a reason to try later`(greeting: String) async throws {
    let outcome = try await withServer({ channel in
      channel.writeAndFlush(ByteBuffer(string: greeting)).whenComplete { _ in channel.close(promise: nil) }
    }) { await send(to: $0) }
    guard case .deferred = outcome else {
      Issue.record("\(outcome)")
      return
    }
  }

  @Test func `a server that says nothing is given up after its time`() async throws {
    let timeouts = RelayTimeouts(connect: .seconds(5), reply: .milliseconds(50), content: .seconds(5))
    let outcome = try await withServer({ _ in }) { await send(to: $0, timeouts: timeouts) }
    #expect(outcome == .deferred("no reply in 0.05 seconds"))
  }

  /// Somebody between could put commands' answers before the handshake (RFC 3207 §6).
  @Test func `more than a reply before the handshake ends the connection`() async throws {
    let outcome = try await withServer({ channel in
      channel.writeAndFlush(
        ByteBuffer(string: "220 mx\r\n250-mx\r\n250 STARTTLS\r\n220 go\r\n250 injected\r\n"), promise: nil)
    }) { await send(to: $0) }
    #expect(outcome == .deferred("more than a reply before the TLS handshake"))
  }

  /// Listens, does something with each connection, and says nothing else.
  private func withServer<Result>(
    _ greet: @escaping @Sendable (any Channel) -> Void, _ body: (Int) async throws -> Result
  ) async throws -> Result {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(GreetingHandler(greet))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let port = server.localAddress?.port ?? 0
    do {
      let result = try await body(port)
      try await server.close()
      return result
    } catch {
      try? await server.close()
      throw error
    }
  }
}

private final class GreetingHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let greet: @Sendable (any Channel) -> Void

  init(_ greet: @escaping @Sendable (any Channel) -> Void) { self.greet = greet }

  func channelActive(context: ChannelHandlerContext) { greet(context.channel) }
}
