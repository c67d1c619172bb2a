import Bytes
import Logging
import NIOCore
import SMTP

/// Waits for the PROXY header with which a connection from a proxy begins, and then lets in the client that it names.
///
/// Before that nothing is said and no other handler is there: for those that come afterwards, TLS's too, the connection
/// begins behind the header. Where there is no valid one in time, it is closed without a word. It has its place among all
/// meanwhile, and takes one of its client's after that; if there was none among all, the client hears so, but not sooner.
final class ProxyHeaderHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private enum State {
    case waiting
    /// Closed for want of a header.
    case ended
    /// The place of the connection is in the hands of the handlers behind this one.
    case passedOn
  }

  private let shared: SMTPConnectionHandler.Shared
  private let proxy: ClientAddress
  private var admission: ConnectionTable.Admission
  private var state = State.waiting
  /// Of the header, and what came with it.
  private var received = ByteBuffer()
  private var deadline: Scheduled<Void>?

  init(shared: SMTPConnectionHandler.Shared, proxy: ClientAddress, _ admission: ConnectionTable.Admission) {
    self.shared = shared
    self.proxy = proxy
    self.admission = admission
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    deadline?.cancel()
    if state != .passedOn { giveUpPlace(context.channel) }
  }

  private func giveUpPlace(_ channel: any Channel) {
    switch admission {
    case .admitted: shared.connections.remove(channel)
    case .refused: shared.connections.refusedHasLeft()
    case .turnedAway: break
    }
  }

  func channelActive(context: ChannelHandlerContext) {
    let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
    deadline = context.eventLoop.scheduleTask(in: TimeAmount(shared.configuration.proxyHeaderTimeout)) {
      bound.value.handler.end(bound.value.context, "no PROXY header in time")
    }
    context.read()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard state == .waiting else { return }
    var bytes = unwrapInboundIn(data)
    received.writeBuffer(&bytes)
    do {
      let beginning = Array(received.readableBytesView.prefix(ProxyHeader.maxByteCount))
      guard let header = try ProxyHeader.parse(beginning) else { return }
      received.moveReaderIndex(forwardBy: header.byteCount)
      try passOn(context, header.source.map { ClientAddress($0) } ?? proxy)
    } catch {
      end(context, "\(error)")
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if state == .waiting { context.read() }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    // That a proxy looks whether somebody listens is no trouble.
    case ChannelEvent.inputClosed:
      end(context, "closed before the PROXY header", received.readableBytes == 0 ? .debug : .warning)
    case ConnectionEvent.shutdown, ConnectionEvent.shutdownDeadline: end(context, "shutting down", .debug)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { end(context, "\(error)", .debug) }

  private func end(_ context: ChannelHandlerContext, _ reason: String, _ level: Logger.Level = .warning) {
    guard state == .waiting else { return }
    state = .ended
    deadline?.cancel()
    shared.logger.log(
      level: level, "connection from a proxy closed", metadata: ["proxy": "\(proxy.text)", "error": "\(reason)"])
    context.close(promise: nil)
  }

  private func passOn(_ context: ChannelHandlerContext, _ client: ClientAddress) throws {
    switch admission {
    case .admitted: admission = shared.identify(context.channel, as: client)
    case .refused: if shared.policy.value.networks.blocks(client) { admission = .refused(.unwelcome) }
    case .turnedAway: break
    }
    try shared.addHandlers(to: context.channel, of: client, admission)
    state = .passedOn
    deadline?.cancel()
    shared.logger.debug(
      "connection through a proxy", metadata: ["client": "\(client.text)", "proxy": "\(proxy.text)"])
    context.fireChannelActive()
    if received.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(received)) }
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }
}
