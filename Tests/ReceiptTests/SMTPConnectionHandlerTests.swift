import Bytes
import Logging
import NIOCore
import NIOEmbedded
import NIOSSL
import NIOTLS
import SMTP
import TestSupport
import Testing

@testable import Receipt

/// The handler on a loop whose time the test turns.
struct SMTPConnectionHandlerTests {
  private let channel: EmbeddedChannel
  private let counter = EventCounter()
  private let connections = ConnectionTable(maxConnections: 1, maxConnectionsPerClient: 1)

  init() throws { channel = try Self.makeChannel(counter, connections) }

  private static func makeChannel(
    _ counter: EventCounter,
    _ connections: ConnectionTable = ConnectionTable(maxConnections: 1, maxConnectionsPerClient: 1),
    certificate: TLSCertificate? = nil, speech: Door.Speech = .smtp, policy: ReceiptPolicy = ReceiptPolicy()
  ) throws -> EmbeddedChannel {
    var configuration = ReceiptConfiguration.forTests
    configuration.idleTimeout = .seconds(300)
    configuration.mailTimeout = .seconds(3_000)
    configuration.minimumByteRate = 100
    let shared = SMTPConnectionHandler.Shared(
      configuration: configuration,
      session: configuration.session(
        at: Door(Door.forTests.address, speech), hasCertificate: certificate != nil), certificate: certificate,
      receiver: MemoryReceiver(answersAtOnce: true), policy: CurrentPolicy(policy), clock: FixedClock(),
      jobs: JobQueue(),
      connections: connections,
      refusals: RefusalCounter(), rates: ClientRates(), logger: Logger(label: "maildex.tests"))
    let handler = SMTPConnectionHandler(shared: shared, client: ClientAddress(IPAddress("192.0.2.7")))
    let channel = EmbeddedChannel(handlers: [counter, handler])
    try channel.connect(to: SocketAddress(ipAddress: "192.0.2.7", port: 1)).wait()
    return channel
  }

  @Test func `the replies to a pipelined batch are flushed together`() throws {
    let flushes = counter.flushCount
    try receive("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n")
    #expect(counter.flushCount == flushes + 1)
    #expect(try sent().split(separator: "\r\n").last == "354 send the mail, end with CR LF . CR LF")
  }

  @Test func `a thousand pipelined recipients are answered in order`() throws {
    try receive(
      "EHLO c\r\nMAIL FROM:<>\r\n" + (0..<1_000).map { "RCPT TO:<\($0)@example.com>\r\n" }.joined() + "NOOP\r\n")
    let replies = try sent().split(separator: "\r\n")
    #expect(replies.count(where: { $0 == "250 2.1.5 recipient OK" }) == 1_000)
    #expect(replies.last == "250 2.0.0 OK")
  }

  @Test func `a silent client hears 421 after the idle timeout`() throws {
    _ = try sent()
    channel.embeddedEventLoop.advanceTime(by: .seconds(299))
    #expect(try sent() == "")
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(try sent() == "421 4.4.2 idle for too long\r\n")
    channel.embeddedEventLoop.advanceTime(by: .seconds(2))
    #expect(!channel.isActive)
  }

  @Test func `a slow sender lives as long as each byte comes in time`() throws {
    _ = try sent()
    for character in "NOOP\r\n" {
      channel.embeddedEventLoop.advanceTime(by: .seconds(299))
      try receive(String(character))
    }
    #expect(try sent() == "250 2.0.0 OK\r\n")
    channel.embeddedEventLoop.advanceTime(by: .seconds(300))
    #expect(try sent() == "421 4.4.2 idle for too long\r\n")
  }

  @Test func `in a crowd a client has half a minute for a mail, and no longer for each byte`() throws {
    _ = try sent()
    channel.embeddedEventLoop.advanceTime(by: .seconds(10))
    #expect(connections.admit(channel, from: nil) == .admitted)
    for character in "NOOP" {
      channel.embeddedEventLoop.advanceTime(by: .seconds(4))
      try receive(String(character))
    }
    channel.embeddedEventLoop.advanceTime(by: .seconds(13))
    #expect(try sent() == "")
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(try sent() == "421 4.4.2 too long without a mail\r\n")
  }

  @Test
  func `who has been there for long has half a minute from when a crowd begins, unless a mail has earned it more`()
    throws
  {
    channel.embeddedEventLoop.advanceTime(by: .seconds(250))
    try receive("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<a@example.com>\r\nDATA\r\n")
    _ = try sent()
    #expect(connections.admit(channel, from: nil) == .admitted)
    channel.embeddedEventLoop.advanceTime(by: .seconds(29))
    try receive("a\r\n")
    #expect(try sent() == "")
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(try sent() == "421 4.4.2 too long without a mail\r\n")
  }

  @Test func `in a crowd a mail has the time that its bytes earn`() throws {
    try receive("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<a@example.com>\r\nDATA\r\n")
    _ = try sent()
    #expect(connections.admit(channel, from: nil) == .admitted)
    // At 100 bytes a second, a minute.
    try receive(String(repeating: String(repeating: "a", count: 98) + "\r\n", count: 60))
    for _ in 0..<4 {
      channel.embeddedEventLoop.advanceTime(by: .seconds(20))
      try receive("a\r\n")
    }
    #expect(try sent() == "")
    channel.embeddedEventLoop.advanceTime(by: .seconds(12))
    #expect(try sent() == "421 4.4.2 too long without a mail\r\n")
  }

  @Test func `LMTP and trusted clients are served as patiently as ever in a crowd`() throws {
    var trusting = ReceiptPolicy()
    trusting.networks = NetworkPolicy(allowed: [try Network("192.0.2.0/24")])
    for (speech, policy) in [(Door.Speech.lmtp, ReceiptPolicy()), (.smtp, trusting)] {
      let connections = ConnectionTable(maxConnections: 1, maxConnectionsPerClient: 1)
      let channel = try Self.makeChannel(EventCounter(), connections, speech: speech, policy: policy)
      #expect(connections.admit(channel, from: nil) == .admitted)
      channel.embeddedEventLoop.advanceTime(by: .seconds(299))
      #expect(channel.isActive)
      channel.embeddedEventLoop.advanceTime(by: .seconds(3))
      #expect(!channel.isActive)
    }
  }

  @Test func `the time is as it was when the crowd is over`() throws {
    _ = try sent()
    #expect(connections.admit(channel, from: nil) == .admitted)
    connections.remove(channel)
    channel.embeddedEventLoop.advanceTime(by: .seconds(299))
    #expect(try sent() == "")
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(try sent() == "421 4.4.2 idle for too long\r\n")
  }

  @Test func `nothing is read from a client that does not read our replies`() throws {
    try receive("NOOP\r\n")
    let reads = counter.readCount
    channel.isWritable = false
    try receive("NOOP\r\n")
    #expect(counter.readCount == reads)
    channel.isWritable = true
    channel.pipeline.fireChannelWritabilityChanged()
    #expect(counter.readCount > reads)
  }

  @Test func `a client that asks and never reads gets one batch in one buffer, and the rest when it reads`() throws {
    try receive("EHLO c\r\nMAIL FROM:<>\r\n")
    _ = try sent()
    counter.isFullAfterWrite = true
    try receive(String(repeating: "RCPT TO:<nobody@example.com>\r\n", count: 900))
    try receive("NOOP\r\n")
    let first = try buffers()
    #expect(first.count == 1)
    #expect(first.joined().split(separator: "\r\n").count <= SMTPSession.replyBatchLimit)
    counter.isFullAfterWrite = false
    channel.isWritable = true
    channel.pipeline.fireChannelWritabilityChanged()
    let replies = (first + (try buffers())).joined().split(separator: "\r\n")
    #expect(replies.count == 901)
    #expect(replies.last == "250 2.0.0 OK")
  }

  @Test func `a client that never reads is idle`() throws {
    try receive("EHLO c\r\nMAIL FROM:<>\r\n")
    counter.isFullAfterWrite = true
    try receive(String(repeating: "RCPT TO:<nobody@example.com>\r\n", count: 900))
    _ = try sent()
    channel.embeddedEventLoop.advanceTime(by: .seconds(300))
    #expect(try sent() == "421 4.4.2 idle for too long\r\n")
  }

  @Test func `slow loris: a byte now and then keeps a connection no longer than a mail may take`() throws {
    try receive("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n")
    _ = try sent()
    for _ in 0..<30 {
      #expect(try sent() == "")
      channel.embeddedEventLoop.advanceTime(by: .milliseconds(99_900))
      try receive("x")
    }
    channel.embeddedEventLoop.advanceTime(by: .seconds(10))
    #expect(try sent() == "421 4.4.2 too long without a mail\r\n")
  }

  @Test func `a large mail over a slow line may take longer`() throws {
    try receive("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n")
    _ = try sent()
    // One second for each hundred of the 10,000 bytes.
    for _ in 0..<10 {
      channel.embeddedEventLoop.advanceTime(by: .seconds(299))
      try receive(String(repeating: "x", count: 1_000))
    }
    channel.embeddedEventLoop.advanceTime(by: .seconds(109))
    #expect(try sent() == "")
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(try sent() == "421 4.4.2 too long without a mail\r\n")
  }

  @Test func `a handshake that never begins is given up, and is read for until then`() throws {
    try withTemporaryDirectory { directory in
      let counter = EventCounter()
      let channel = try Self.makeChannel(counter, certificate: TestCertificate(in: directory).load())
      let reads = counter.readCount
      try channel.writeInbound(ByteBuffer(string: "EHLO c\r\nSTARTTLS\r\n"))
      #expect(counter.readCount > reads)
      channel.embeddedEventLoop.advanceTime(by: .seconds(299))
      #expect(channel.isActive)
      // Two seconds for the client to close its side.
      channel.embeddedEventLoop.advanceTime(by: .seconds(3))
      #expect(!channel.isActive)
    }
  }

  @Test func `a client has two seconds to close its side within TLS as well`() throws {
    try withTemporaryDirectory { directory in
      let channel = try Self.makeChannel(EventCounter(), certificate: TestCertificate(in: directory).load())
      try channel.writeInbound(ByteBuffer(string: "EHLO c\r\nSTARTTLS\r\n"))
      while try channel.readOutbound(as: ByteBuffer.self) != nil {}
      try channel.pipeline.syncOperations.addHandler(HalfClosing(), position: .first)
      try shakeHands(with: channel)
      channel.embeddedEventLoop.advanceTime(by: .seconds(300))
      #expect(channel.isActive)
      channel.embeddedEventLoop.advanceTime(by: .seconds(2))
      #expect(!channel.isActive)
    }
  }

  /// As a client that says nothing afterwards.
  private func shakeHands(with server: EmbeddedChannel) throws {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = .none
    let context = try NIOSSLContext(configuration: configuration)
    let client = EmbeddedChannel(handler: try NIOSSLClientHandler(context: context, serverHostname: nil))
    try client.connect(to: SocketAddress(ipAddress: "192.0.2.8", port: 25)).wait()
    var isDone = false
    while !isDone {
      isDone = true
      for (sender, receiver) in [(client, server), (server, client)] {
        while let bytes = try sender.readOutbound(as: ByteBuffer.self) {
          try receiver.writeInbound(bytes)
          isDone = false
        }
      }
    }
  }

  @Test func `a handshake that took long leaves the client its time to speak`() throws {
    try withTemporaryDirectory { directory in
      let channel = try Self.makeChannel(EventCounter(), certificate: TestCertificate(in: directory).load())
      try channel.writeInbound(ByteBuffer(string: "EHLO c\r\nSTARTTLS\r\n"))
      channel.embeddedEventLoop.advanceTime(by: .seconds(299))
      channel.pipeline.fireUserInboundEventTriggered(TLSUserEvent.handshakeCompleted(negotiatedProtocol: nil))
      channel.embeddedEventLoop.advanceTime(by: .seconds(299))
      #expect(channel.isActive)
      channel.embeddedEventLoop.advanceTime(by: .seconds(3))
      #expect(!channel.isActive)
    }
  }

  @Test func `what comes after QUIT is thrown away`() throws {
    _ = try sent()
    try receive("QUIT\r\n")
    try receive("MAIL FROM:<alice@example.org>\r\n")
    #expect(try sent() == "221 2.0.0 bye\r\n")
  }

  private func receive(_ text: String) throws {
    try channel.writeInbound(ByteBuffer(string: text))
  }

  private func sent() throws -> String { try buffers().joined() }

  /// What was sent, one string for each buffer.
  private func buffers() throws -> [String] {
    var texts: [String] = []
    while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
      if buffer.readableBytes > 0 { texts.append(String(buffer: buffer)) }
    }
    return texts
  }
}

private final class EventCounter: ChannelOutboundHandler {
  typealias OutboundIn = ByteBuffer
  private(set) var flushCount = 0
  private(set) var readCount = 0
  /// As a socket does whose client does not read.
  var isFullAfterWrite = false

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if isFullAfterWrite { (context.channel as? EmbeddedChannel)?.isWritable = false }
    context.write(data, promise: promise)
  }

  func flush(context: ChannelHandlerContext) {
    flushCount += 1
    context.flush()
  }

  func read(context: ChannelHandlerContext) {
    readCount += 1
    context.read()
  }
}

/// As a socket does: an embedded channel that closes one side closes both.
private final class HalfClosing: ChannelOutboundHandler {
  typealias OutboundIn = ByteBuffer

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    if mode == .output { promise?.succeed() } else { context.close(mode: mode, promise: promise) }
  }
}
