import Foundation
import NIOCore
import NIOPosix

/// A server on a Unix socket that reads what comes and does one thing, whatever it was asked.
final class TroubledServer: Sendable {
  enum Behaviour: Sendable {
    /// Takes everything and says nothing.
    case silent
    /// Ends the connection at once.
    case closes
    /// Says this, and ends the connection.
    case says(String)
    /// Says this again and again for as long as it is read.
    case neverEnds(beginning: String, String)
  }

  let path: String
  private let channel: any Channel

  static func with<Result>(
    _ behaviour: Behaviour, isolation: isolated (any Actor)? = #isolation,
    _ body: (TroubledServer) async throws -> Result
  ) async throws -> Result {
    let server = try await TroubledServer(behaviour)
    do {
      let result = try await body(server)
      try await server.stop()
      return result
    } catch {
      try? await server.stop()
      throw error
    }
  }

  private init(_ behaviour: Behaviour) async throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("t\(UUID().uuidString.prefix(8)).sock").path
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Handler(behaviour))
        }
      }
      .bind(unixDomainSocketPath: path).get()
  }

  private func stop() async throws {
    try await channel.close()
    try? FileManager.default.removeItem(atPath: path)
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let behaviour: Behaviour
    private var hasSpoken = false

    init(_ behaviour: Behaviour) { self.behaviour = behaviour }

    func channelActive(context: ChannelHandlerContext) {
      if case .closes = behaviour { context.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard !hasSpoken else { return }
      hasSpoken = true
      switch behaviour {
      case .silent, .closes: break
      case .says(let text):
        let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text))).whenComplete { _ in
          loopBound.value.close(promise: nil)
        }
      case .neverEnds(let beginning, let text):
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: beginning)), promise: nil)
        goOn(NIOLoopBound(context, eventLoop: context.eventLoop), text)
      }
    }

    private func goOn(_ context: NIOLoopBound<ChannelHandlerContext>, _ text: String) {
      let handler = NIOLoopBound(self, eventLoop: context.value.eventLoop)
      context.value.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text))).whenSuccess {
        handler.value.goOn(context, text)
      }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}
