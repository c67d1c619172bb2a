import HummingbirdCore
import Logging
import NIOCore

/// Hummingbird's HTTP/1 connection with the `RequestLineEncoder` before its parser, a limit on slow readers, and its tasks on
/// the connection's event loop.
struct APIChannel: ServerChildChannel {
  let base: HTTP1Channel
  /// How long a client may take nothing of an answer.
  let patience: TimeAmount

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
    do {
      try channel.pipeline.syncOperations.addHandlers(StalledReaderHandler(patience: patience), RequestLineEncoder())
    } catch {
      return channel.eventLoop.makeFailedFuture(error)
    }
    return base.setup(channel: channel, logger: logger)
  }

  func handle(value: HTTP1Channel.Value, logger: Logger) async {
    await withTaskExecutorPreference(LoopExecutor(value.channel.eventLoop)) {
      await base.handle(value: value, logger: logger)
    }
  }
}
