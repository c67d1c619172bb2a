import NIOCore

/// Gathers the one reply of a connection, up to NUL, a line end or the connection's.
final class ClamdReplyHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  // Touched on the channel's event loop alone.
  private var line: [UInt8] = []
  private let reply: EventLoopPromise<[UInt8]>

  /// - Parameter reply: kept or broken exactly once, at the latest when the connection ends.
  init(_ reply: EventLoopPromise<[UInt8]>) { self.reply = reply }

  func handlerAdded(context: ChannelHandlerContext) {
    if !context.channel.isActive { end() }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data).readableBytesView
    let piece = bytes.prefix { $0 != 0 && $0 != 0x0A }
    line += piece.prefix(ClamdReply.maxByteCount + 1)
    if piece.count < bytes.count || line.count > ClamdReply.maxByteCount {
      reply.succeed(line)
      context.close(promise: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  private func end() { reply.fail(FilterError(.unreachable, "the connection ended before the reply did")) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    reply.fail(FilterError(.unreachable, SafeText.line("\(error)", limit: SafeText.reasonByteCount)))
    context.close(promise: nil)
  }
}
