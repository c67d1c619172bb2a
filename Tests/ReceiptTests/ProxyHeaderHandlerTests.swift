import Logging
import NIOCore
import NIOEmbedded
import SMTP
import Testing

@testable import Receipt

/// The handler on a loop whose time the test turns. The proxy is not this machine, whose connections meet no limits.
struct ProxyHeaderHandlerTests {
  private static let header = Array("PROXY TCP4 192.0.2.7 198.51.100.25 56324 25\r\n".utf8)
  private static let greeting = "220 mx.example.com ESMTP Maildex\r\n"

  private let connections = ConnectionTable(maxConnections: 3, maxConnectionsPerClient: 1)

  @Test func `nothing is said before the header`() throws {
    let channel = try connect()
    #expect(try sent(channel) == "")
    try receive(Self.header.dropLast(), channel)
    #expect(try sent(channel) == "")
    try receive([UInt8(ascii: "\n")], channel)
    #expect(try sent(channel) == Self.greeting)
  }

  @Test func `it makes no difference where header and commands are cut`() throws {
    let bytes = Self.header + Array("EHLO c\r\nNOOP\r\nQUIT\r\n".utf8)
    for cut in 0...bytes.count {
      let channel = try connect()
      try receive(bytes.prefix(cut), channel)
      try receive(bytes.dropFirst(cut), channel)
      let replies = try sent(channel).split(separator: "\r\n")
      #expect(replies.first.map { "\($0)\r\n" } == Self.greeting, "cut at \(cut)")
      #expect(replies.suffix(2) == ["250 2.0.0 OK", "221 2.0.0 bye"], "cut at \(cut)")
      try close(channel)
      #expect(connections.count == 0)
    }
  }

  @Test func `a header has a few seconds, and without it the connection ends without a word`() throws {
    let channel = try connect()
    channel.embeddedEventLoop.advanceTime(by: .seconds(4))
    try receive(Self.header.dropLast(), channel)
    #expect(channel.isActive && connections.count == 1)
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(!channel.isActive && connections.count == 0)
    #expect(try sent(channel) == "")
  }

  @Test func `a header that has come has no deadline any more`() throws {
    let channel = try connect()
    try receive(Self.header, channel)
    _ = try sent(channel)
    channel.embeddedEventLoop.advanceTime(by: .seconds(299))
    #expect(channel.isActive)
    #expect(try sent(channel) == "")
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(try sent(channel) == "421 4.4.2 idle for too long\r\n")
  }

  @Test func `no header is no connection, and frees its place`() throws {
    let channel = try connect()
    #expect(connections.count == 1)
    try receive("EHLO c\r\n", channel)
    channel.embeddedEventLoop.run()
    #expect(!channel.isActive && connections.count == 0)
    #expect(try sent(channel) == "")
  }

  @Test func `a proxy has no share of its own but for connections of its own`() throws {
    for client in ["192.0.2.7", "192.0.2.8", "2001:db8::7"] {
      let channel = try connect()
      try receive("PROXY TCP\(client.contains(":") ? 6 : 4) \(client) \(client) 56324 25\r\n", channel)
      #expect(try sent(channel) == Self.greeting)
      if client == "192.0.2.8" { try close(channel) }
    }
    let first = try connect()
    try receive("PROXY UNKNOWN\r\n", first)
    #expect(try sent(first) == Self.greeting)
    try close(first)
    let second = try connect()
    try receive("PROXY TCP4 203.0.113.1 203.0.113.2 56324 25\r\n", second)
    #expect(try sent(second) == Self.greeting, "the proxy itself as a client of another")
  }

  @Test func `a client that has its share hears so, and its place is free at once`() throws {
    let first = try connect()
    try receive(Self.header, first)
    let second = try connect()
    #expect(connections.count == 2)
    try receive(Self.header, second)
    #expect(connections.count == 1)
    #expect(try sent(second) == "421 too many connections from you, come back later\r\n")
    try close(second)
    try close(first)
    #expect(connections.count == 0)
  }

  @Test func `who finds no place waits for the header all the same, and leaves when it does not come`() throws {
    for _ in 0..<3 { _ = try connect() }
    let refused = try connect()
    #expect(try sent(refused) == "")
    try receive(Self.header, refused)
    #expect(try sent(refused) == "421 too many connections, come back later\r\n")
    let silent = try (0..<2).map { _ in try connect() }
    let turnedAway = try connect()
    #expect(!turnedAway.isActive)
    silent[0].embeddedEventLoop.advanceTime(by: .seconds(5))
    #expect(!silent[0].isActive)
    let next = try connect()
    #expect(next.isActive, "a goodbye that ended without a word has its place free again")
  }

  @Test(arguments: [ConnectionEvent.shutdown, .shutdownDeadline])
  func `a shutdown ends the connection without a word`(event: ConnectionEvent) throws {
    let channel = try connect()
    connections.close(telling: event)
    channel.embeddedEventLoop.run()
    #expect(!channel.isActive && connections.count == 0)
    #expect(try sent(channel) == "")
  }

  @Test func `a client that is let in is told of a shutdown`() throws {
    let channel = try connect()
    try receive(Self.header, channel)
    _ = try sent(channel)
    connections.close(telling: .shutdown)
    #expect(try sent(channel) == "421 4.3.2 shutting down, come back later\r\n")
  }

  @Test func `a client of a blocked network hears so behind its header, and keeps no place`() throws {
    let blocking = ReceiptPolicy(networks: NetworkPolicy(blocked: [try Network("192.0.2.0/24")]))
    for _ in 0..<20 {
      let channel = try connect(policy: blocking)
      try receive(Self.header, channel)
      #expect(try sent(channel) == "554 no mail is taken here from your network\r\n")
      #expect(connections.count == 0)
      try close(channel)
    }
    let other = try connect(policy: blocking)
    try receive(Array("PROXY TCP4 198.51.100.9 198.51.100.25 56324 25\r\n".utf8), other)
    #expect(try sent(other) == Self.greeting)
  }

  private func connect(
    from address: String = "203.0.113.1", policy: ReceiptPolicy = ReceiptPolicy()
  ) throws -> EmbeddedChannel {
    var configuration = ReceiptConfiguration.forTests
    configuration.proxies = [try Network("203.0.113.0/24")]
    let shared = SMTPConnectionHandler.Shared(
      configuration: configuration, session: configuration.session(at: .forTests, hasCertificate: false),
      certificate: nil, receiver: MemoryReceiver(answersAtOnce: true), policy: CurrentPolicy(policy),
      clock: FixedClock(), jobs: JobQueue(), connections: connections, refusals: RefusalCounter(),
      rates: ClientRates(), logger: .forTests)
    let channel = EmbeddedChannel()
    let address = try SocketAddress(ipAddress: address, port: 56_324)
    channel.remoteAddress = address
    try shared.accept(channel)
    try channel.connect(to: address).wait()
    return channel
  }

  private func receive(_ text: String, _ channel: EmbeddedChannel) throws { try receive(text.utf8, channel) }

  private func receive(_ bytes: some Sequence<UInt8>, _ channel: EmbeddedChannel) throws {
    try channel.writeInbound(ByteBuffer(bytes: bytes))
  }

  private func sent(_ channel: EmbeddedChannel) throws -> String {
    var text = ""
    while let buffer = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
    return text
  }

  private func close(_ channel: EmbeddedChannel) throws {
    channel.close(promise: nil)
    channel.embeddedEventLoop.run()
  }
}
