import NIOCore
import NIOPosix

/// One command to clamd, over a connection of its own.
enum ClamdConnection {
  /// Of one chunk of a stream: so much of a mail lies in memory twice.
  private static let chunkByteCount = 256 << 10

  /// - Throws: `FilterError`, `CancellationError`.
  static func ping(_ endpoint: ClamdOptions.Endpoint) async throws -> ClamdReply {
    try await ask(endpoint) { channel in
      try await channel.writeAndFlush(ByteBuffer(string: "zPING\0"))
    }
  }

  /// - Throws: `FilterError`, `CancellationError`.
  static func scan(_ bytes: [UInt8], _ endpoint: ClamdOptions.Endpoint) async throws -> ClamdReply {
    try await ask(endpoint) { channel in
      try await channel.writeAndFlush(ByteBuffer(string: "zINSTREAM\0"))
      var start = 0
      while start < bytes.count {
        let end = min(bytes.count, start + chunkByteCount)
        try await channel.writeAndFlush(chunk(bytes[start..<end]))
        start = end
      }
      try await channel.writeAndFlush(chunk([]))
    }
  }

  /// Its length in four bytes, the highest first, and the bytes; an empty one ends the stream.
  private static func chunk(_ bytes: ArraySlice<UInt8>) -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: 4 + bytes.count)
    buffer.writeInteger(UInt32(bytes.count))
    buffer.writeBytes(bytes)
    return buffer
  }

  private static func ask(
    _ endpoint: ClamdOptions.Endpoint, _ write: @Sendable (any Channel) async throws -> Void
  ) async throws -> ClamdReply {
    let channel: any Channel
    let reply: EventLoopFuture<[UInt8]>
    do {
      channel = try await connect(endpoint)
      reply = try await listen(on: channel)
    } catch {
      throw FilterError(.unreachable, SafeText.line("\(error)", limit: SafeText.reasonByteCount))
    }
    return try await withTaskCancellationHandler {
      defer { channel.close(promise: nil) }
      do {
        try await write(channel)
      } catch {
        // It may have said why before it ended the connection; that it did end ends the wait for a reply too.
        channel.close(promise: nil)
      }
      let line: [UInt8]
      do {
        line = try await reply.get()
      } catch {
        if Task.isCancelled { throw CancellationError() }
        throw error
      }
      return try ClamdReply(line)
    } onCancel: {
      channel.close(promise: nil)
    }
  }

  /// Reads nothing until `listen`, so that nothing is missed.
  private static func connect(_ endpoint: ClamdOptions.Endpoint) async throws -> any Channel {
    let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(.seconds(5))
      .channelOption(.autoRead, value: false)
    switch endpoint {
    case .unix(let path): return try await bootstrap.connect(unixDomainSocketPath: path).get()
    case .tcp(let host, let port): return try await bootstrap.connect(host: host, port: port).get()
    }
  }

  /// - Returns: the reply's line.
  private static func listen(on channel: any Channel) async throws -> EventLoopFuture<[UInt8]> {
    let promise = channel.eventLoop.makePromise(of: [UInt8].self)
    do {
      try await channel.eventLoop.submit {
        try channel.pipeline.syncOperations.addHandler(ClamdReplyHandler(promise))
      }.get()
      try await channel.setOption(.autoRead, value: true).get()
    } catch {
      promise.fail(error)
      channel.close(promise: nil)
      throw error
    }
    return promise.futureResult
  }
}
