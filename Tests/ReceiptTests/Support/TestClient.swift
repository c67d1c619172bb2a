import NIOCore
import NIOPosix
import NIOSSL

/// A tiny SMTP client on a real socket: says bytes, reads reply lines.
final class TestClient {
  private let channel: any Channel
  private var chunks: AsyncThrowingStream<[UInt8], any Error>.Iterator
  private var unread: [UInt8] = []

  private init(channel: any Channel, chunks: AsyncThrowingStream<[UInt8], any Error>) {
    self.channel = channel
    self.chunks = chunks.makeAsyncIterator()
  }

  static func connect(port: Int) async throws -> TestClient {
    try await connect { try await $0.connect(host: "127.0.0.1", port: port).get() }
  }

  static func connect(path: String) async throws -> TestClient {
    try await connect { try await $0.connect(unixDomainSocketPath: path).get() }
  }

  private static func connect(_ connect: (ClientBootstrap) async throws -> any Channel) async throws -> TestClient {
    let (chunks, continuation) = AsyncThrowingStream.makeStream(of: [UInt8].self)
    let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Collector(continuation))
        }
      }
    return TestClient(channel: try await connect(bootstrap), chunks: chunks)
  }

  /// Connects and reads the greeting.
  static func greeted(port: Int) async throws -> TestClient {
    let client = try await connect(port: port)
    _ = try await client.reply()
    return client
  }

  /// The same through a proxy that says whose connection it is.
  static func proxied(port: Int, from address: String) async throws -> TestClient {
    let client = try await connect(port: port)
    let addresses = address.contains(":") ? "TCP6 \(address) 2001:db8::25" : "TCP4 \(address) 198.51.100.25"
    try await client.send("PROXY \(addresses) 56324 25\r\n")
    _ = try await client.reply()
    return client
  }

  /// Begins TLS, as after STARTTLS, with a server whose certificate must be the file's.
  func secure(
    trusting certificate: String, atMost version: TLSVersion? = nil, name: String? = "mx.example.com",
    checksName: Bool = true
  ) async throws {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.trustRoots = .file(certificate)
    configuration.maximumTLSVersion = version
    if name == nil || !checksName { configuration.certificateVerification = .noHostnameVerification }
    let context = try NIOSSLContext(configuration: configuration)
    try await channel.eventLoop.submit { [channel] in
      let handler = try NIOSSLClientHandler(context: context, serverHostname: name)
      try channel.pipeline.syncOperations.addHandler(handler, position: .first)
    }.get()
  }

  func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get() }

  func send(_ text: String) async throws { try await send(Array(text.utf8)) }

  /// Sends the lines with CR LF and reads one reply for each.
  func say(_ lines: String...) async throws -> [String] {
    try await send(lines.map { "\($0)\r\n" }.joined())
    var replies: [String] = []
    for _ in lines { replies.append(try await reply() ?? "closed") }
    return replies
  }

  /// From EHLO to the 354.
  func beginData() async throws -> [String] {
    try await say("EHLO client.example.org", "MAIL FROM:<alice@example.org>", "RCPT TO:<bob@example.com>", "DATA")
  }

  /// From EHLO to a recipient.
  func beginTransaction() async throws {
    _ = try await say("EHLO client.example.org", "MAIL FROM:<alice@example.org>", "RCPT TO:<bob@example.com>")
  }

  /// The last line of the next reply; `nil` when the server has closed.
  func reply() async throws -> String? {
    while let line = try await line() {
      if line.utf8.count < 4 || line.utf8[line.utf8.index(line.startIndex, offsetBy: 3)] != UInt8(ascii: "-") {
        return line
      }
    }
    return nil
  }

  /// Bytes that have come and were not read as lines yet.
  var hasUnread: Bool { !unread.isEmpty }

  func closeOutput() async throws { try await channel.close(mode: .output).get() }

  func close() async throws { try await channel.close().get() }

  private func line() async throws -> String? {
    while true {
      if let end = unread.firstIndex(of: 10) {
        defer { unread.removeFirst(end + 1) }
        return String(decoding: unread[..<end].dropLast(), as: UTF8.self)
      }
      guard let chunk = try await chunks.next() else { return nil }
      unread += chunk
    }
  }
}

private final class Collector: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let continuation: AsyncThrowingStream<[UInt8], any Error>.Continuation

  init(_ continuation: AsyncThrowingStream<[UInt8], any Error>.Continuation) { self.continuation = continuation }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    continuation.yield(Array(unwrapInboundIn(data).readableBytesView))
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case ChannelEvent.inputClosed = event else { return }
    continuation.finish()
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) { continuation.finish() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    continuation.finish(throwing: error)
    context.close(promise: nil)
  }
}
