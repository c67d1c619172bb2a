import NIOCore
import SMTP

/// Greets a connection for which there is no room with 421, or one from a network that is not wanted with 554, and closes it
/// (RFC 5321 §3.1).
final class RefusingHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let reply: SMTPReply
  private let connections: ConnectionTable

  init(_ reply: SMTPReply, _ connections: ConnectionTable) {
    self.reply = reply
    self.connections = connections
  }

  func handlerRemoved(context: ChannelHandlerContext) { connections.refusedHasLeft() }

  func channelActive(context: ChannelHandlerContext) {
    context.write(wrapOutboundOut(context.channel.allocator.buffer(string: reply.wireForm)), promise: nil)
    context.closeAfterLastReply(inputIsClosed: false)
    context.read()
  }

  /// What the client says is read and thrown away: see `closeAfterLastReply`.
  func channelReadComplete(context: ChannelHandlerContext) { context.read() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// Hangs up on one for whom there is not even room to be told why.
final class ClosingHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  func channelActive(context: ChannelHandlerContext) { context.close(promise: nil) }
}

extension ChannelHandlerContext {
  /// Sends what is written, closes our side, and gives the client two seconds to close its own, during which it must be
  /// read on. Closing at once, with bytes of the client unread, would reset the connection and could destroy the reply
  /// on its way.
  func closeAfterLastReply(inputIsClosed: Bool) {
    let channel = channel
    writeAndFlush(NIOAny(ByteBuffer())).whenComplete { _ in
      channel.close(mode: inputIsClosed ? .all : .output, promise: nil)
    }
    eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
  }
}
