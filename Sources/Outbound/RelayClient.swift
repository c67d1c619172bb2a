import NIOCore
import NIOPosix
package import SMTP

/// Gives mail to the relay, each over a connection of its own.
package struct RelayClient: Sendable {
  private let address: RelayAddress
  private let hostName: String
  private let timeouts: RelayTimeouts

  /// - Parameter hostName: of this server, for EHLO.
  package init(to address: RelayAddress, hostName: String, timeouts: RelayTimeouts = RelayTimeouts()) {
    self.address = address
    self.hostName = hostName
    self.timeouts = timeouts
  }

  /// - Returns: `deferred` also where there is no connection.
  package func send(_ mail: SMTPClientSession.Mail) async -> SMTPClientSession.Outcome {
    let group = MultiThreadedEventLoopGroup.singleton
    let promise = group.next().makePromise(of: SMTPClientSession.Outcome.self)
    let session = SMTPClientSession(hostName: hostName, mail: mail, wantsTLS: address.wantsTLS)
    let (address, timeouts) = (address, timeouts)
    let connecting = ClientBootstrap(group: group)
      .connectTimeout(TimeAmount(timeouts.connect))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            RelayConnectionHandler(session, timeouts: timeouts, promise: promise))
        }
      }
      .connect(host: address.host, port: address.port)
    do {
      let channel = try await connecting.get()
      return try await withTaskCancellationHandler {
        try await promise.futureResult.get()
      } onCancel: {
        channel.close(promise: nil)
      }
    } catch {
      // Also where a handler was made for a connection that never was.
      promise.succeed(.deferred("\(address): \(error)"))
      return .deferred("\(address): \(error)")
    }
  }
}
