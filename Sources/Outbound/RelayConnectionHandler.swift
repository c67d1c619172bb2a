import NIOCore
import NIOSSL
import SMTP

/// Performs on a channel what `SMTPClientSession` asks for. Its promise is kept exactly once, whatever happens to the connection.
final class RelayConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private var session: SMTPClientSession
  private var decoder = ServerReplyDecoder()
  private var promise: EventLoopPromise<SMTPClientSession.Outcome>?
  private var timeout: Scheduled<Void>?
  private let timeouts: RelayTimeouts

  init(
    _ session: SMTPClientSession, timeouts: RelayTimeouts, promise: EventLoopPromise<SMTPClientSession.Outcome>
  ) {
    self.session = session
    self.timeouts = timeouts
    self.promise = promise
  }

  func handlerAdded(context: ChannelHandlerContext) { if context.channel.isActive { startTimeout(context) } }

  func channelActive(context: ChannelHandlerContext) {
    startTimeout(context)
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard promise != nil else { return }
    let buffer = unwrapInboundIn(data)
    do {
      let replies = try decoder.decode(Array(buffer.readableBytesView))
      for (position, reply) in replies.enumerated() {
        let action = session.receive(reply)
        // Whatever came behind the answer to STARTTLS came in clear, from anybody.
        if action == .startTLS, position + 1 < replies.count || !decoder.isAtStart {
          return finish(.deferred("more than a reply before the TLS handshake"), context)
        }
        perform(action, context)
        if promise == nil { return }
      }
    } catch {
      finish(.deferred("no SMTP server: \(error)"), context)
    }
  }

  private func perform(_ action: SMTPClientSession.Action, _ context: ChannelHandlerContext) {
    switch action {
    case .send(let bytes):
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
      startTimeout(context)
    case .startTLS:
      do {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        let handler = try NIOSSLClientHandler(
          context: NIOSSLContext(configuration: configuration), serverHostname: nil)
        try context.pipeline.syncOperations.addHandler(handler, position: .first)
        // Written before the handshake is done, it is sent when it is.
        perform(session.secured(), context)
      } catch {
        finish(.deferred("TLS: \(error)"), context)
      }
    case .finished(let outcome): finish(outcome, context)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    finish(.deferred("the connection ended"), context)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { finish(.deferred("\(error)"), context) }

  private func startTimeout(_ context: ChannelHandlerContext) {
    timeout?.cancel()
    let limit = session.waitsForContent ? timeouts.content : timeouts.reply
    let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
    timeout = context.eventLoop.scheduleTask(in: TimeAmount(limit)) {
      bound.value.handler.finish(.deferred("no reply in \(limit)"), bound.value.context)
    }
  }

  private func finish(_ outcome: SMTPClientSession.Outcome, _ context: ChannelHandlerContext) {
    timeout?.cancel()
    guard let promise else { return }
    self.promise = nil
    promise.succeed(outcome)
    guard context.channel.isActive else { return }
    // What it answers is of no interest: the mail is its or ours already.
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "QUIT\r\n")), promise: nil)
    context.close(promise: nil)
  }
}
