package import NIOCore

/// Closes a connection whose client takes nothing of an answer for so long that nobody can be reading any more; what the
/// answer holds in memory would be held for as long as the client pleases. Once the server is to stop it waits only a
/// little for such a client.
package final class StalledReaderHandler: ChannelInboundHandler, RemovableChannelHandler {
  package typealias InboundIn = ByteBuffer

  private var patience: TimeAmount
  private var closing: Scheduled<Void>?

  private static let patienceOnShutdown = TimeAmount.seconds(1)

  package init(patience: TimeAmount) { self.patience = patience }

  /// The channel turns writable again with every chunk that the client takes.
  package func channelWritabilityChanged(context: ChannelHandlerContext) {
    watch(context)
    context.fireChannelWritabilityChanged()
  }

  package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is ChannelShouldQuiesceEvent {
      patience = min(patience, Self.patienceOnShutdown)
      watch(context)
    }
    context.fireUserInboundEventTriggered(event)
  }

  package func channelInactive(context: ChannelHandlerContext) {
    closing?.cancel()
    context.fireChannelInactive()
  }

  package func handlerRemoved(context: ChannelHandlerContext) { closing?.cancel() }

  private func watch(_ context: ChannelHandlerContext) {
    closing?.cancel()
    closing = nil
    guard !context.channel.isWritable else { return }
    closing = context.eventLoop.assumeIsolated().scheduleTask(in: patience) { context.close(promise: nil) }
  }
}
