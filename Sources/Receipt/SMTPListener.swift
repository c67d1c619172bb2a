package import Bytes
package import Logging
package import NIOCore
import ServiceLifecycle
import NIOPosix

/// The SMTP service: listens, and gives every connection its session.
///
///     let listener = try await SMTPListener.bind(configuration, receiver: …, on: group, clock: …, logger: …)
///     print("smtp=\(listener.host):\(listener.port)")
///     try await listener.run()          // as a service in a ServiceGroup
///
/// `bind` takes the address; connections wait in the system's backlog until `run`. A graceful shutdown takes no new
/// connections, says 421 to those that are between mails, and gives transactions under way `shutdownTimeout` to end. A
/// mail that has come whole by then has its true answer, however long the store takes.
package final class SMTPListener: Service {
  package let host: String
  package let port: Int

  private let channel: any Channel
  private let connections: ConnectionTable
  private let jobs: JobQueue
  private let shutdownTimeout: Duration
  private let logger: Logger

  private init(
    channel: any Channel, connections: ConnectionTable, jobs: JobQueue, shutdownTimeout: Duration, logger: Logger
  ) {
    self.channel = channel
    self.connections = connections
    self.jobs = jobs
    self.shutdownTimeout = shutdownTimeout
    self.logger = logger
    host = channel.localAddress?.ipAddress ?? ""
    port = channel.localAddress?.port ?? 0
  }

  /// - Throws: `ReceiptError` with `.cannotListen`.
  package static func bind(
    _ configuration: ReceiptConfiguration, receiver: any MailReceiver, on group: any EventLoopGroup,
    clock: any WallClock, logger: Logger
  ) async throws -> SMTPListener {
    let connections = ConnectionTable(
      maxConnections: configuration.maxConnections, maxConnectionsPerClient: configuration.maxConnectionsPerClient)
    let shared = SMTPConnectionHandler.Shared(
      configuration: configuration, receiver: receiver, clock: clock, jobs: JobQueue(),
      connections: connections, logger: logger)
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1_024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.autoRead, value: false)
      .childChannelOption(.autoRead, value: false)
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      // What is written beyond this waits until the client has read.
      .childChannelOption(.writeBufferWaterMark, value: .init(low: 8 << 10, high: 32 << 10))
      // Bounds what a client that closes its side can leave behind: NIO then reads all that the socket holds.
      .childChannelOption(.socketOption(.so_rcvbuf), value: 128 << 10)
      .childChannelOption(
        .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1_024, initial: 2_048, maximum: 64 << 10)
      )
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let handler: any ChannelHandler =
            switch connections.admit(channel) {
            case .admitted: SMTPConnectionHandler(shared: shared)
            case .refused(let reply): RefusingHandler(reply, connections)
            case .turnedAway: ClosingHandler()
            }
          try channel.pipeline.syncOperations.addHandler(handler)
        }
      }
    do {
      let channel = try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
      return SMTPListener(
        channel: channel, connections: connections, jobs: shared.jobs,
        shutdownTimeout: configuration.shutdownTimeout, logger: logger)
    } catch {
      let address = "\(configuration.host):\(configuration.port)"
      throw ReceiptError(.cannotListen, "cannot listen for SMTP on \(address): \(error)", cause: error)
    }
  }

  /// Open connections.
  package var connectionCount: Int { connections.count }

  /// Serves until a graceful shutdown or until the task is cancelled, which cuts all connections.
  package func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await self.jobs.run() }
      try await channel.setOption(.autoRead, value: true).get()
      logger.info("listening for SMTP", metadata: ["host": "\(host)", "port": "\(port)"])
      let isGraceful = (try? await gracefulShutdown()) != nil
      await stop(gracefully: isGraceful)
      jobs.finish()
      try await group.waitForAll()
    }
  }

  private func stop(gracefully: Bool) async {
    try? await channel.close().get()
    let connections = connections
    if gracefully {
      connections.close(telling: .shutdown)
      channel.eventLoop.scheduleTask(in: TimeAmount(shutdownTimeout)) {
        connections.close(telling: .shutdownDeadline)
      }
    } else {
      connections.close(telling: .shutdownDeadline)
      connections.cut()
    }
    await connections.waitUntilEmpty()
  }
}
