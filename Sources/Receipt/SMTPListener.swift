package import Bytes
import Glibc
package import Logging
package import NIOCore
import NIOPosix
import ServiceLifecycle

/// The SMTP service: listens, and gives every connection its session.
///
///     let listener = try await SMTPListener.bind(
///       configuration, receiver: …, policy: …, on: group, clock: …, logger: …)
///     print("smtp=\(listener.addresses[0])")
///     try await listener.run()          // as a service in a ServiceGroup
///
/// `bind` takes the addresses of all doors; connections wait in the system's backlog until `run`. A graceful shutdown takes no new
/// connections, says 421 to those that are between mails, and gives transactions under way `shutdownTimeout` to end. A
/// mail that has come whole by then has its true answer, however long the store takes.
package final class SMTPListener: Service {
  /// Of the configuration's doors, in their order, with the ports that the system chose.
  package var addresses: [Door.Address] { doors.map(\.address) }

  /// What was refused at all doors.
  package let refusals: RefusalCounter
  /// What lists in DNS answered.
  package var blocklistAnswers: BlocklistCounter { blocklists.counter }
  /// How logins ended.
  package let authentications: AuthenticationCounter

  private let doors: [OpenDoor]
  private let connections: ConnectionTable
  private let jobs: JobQueue
  private let blocklists: Blocklists
  private let shutdownTimeout: Duration
  private let logger: Logger

  private init(
    doors: [OpenDoor], connections: ConnectionTable, jobs: JobQueue, blocklists: Blocklists,
    refusals: RefusalCounter, authentications: AuthenticationCounter, shutdownTimeout: Duration, logger: Logger
  ) {
    self.refusals = refusals
    self.authentications = authentications
    self.doors = doors
    self.connections = connections
    self.jobs = jobs
    self.blocklists = blocklists
    self.shutdownTimeout = shutdownTimeout
    self.logger = logger
  }

  /// - Parameters:
  ///   - certificate: for STARTTLS and implicit TLS; `nil` for none of the first, and no door for the second or for submission.
  ///   - greylist: remembers who came back; `nil` where nobody is put off, whatever the policy says.
  ///   - authenticator: knows who may submit mail; `nil` where there is no door for that.
  /// - Throws: `ReceiptError` with `.cannotListen`, and then no door is open.
  package static func bind(
    _ configuration: ReceiptConfiguration, certificate: TLSCertificate? = nil, receiver: any MailReceiver,
    authenticator: (any Authenticator)? = nil, policy: CurrentPolicy, greylist: Greylist? = nil,
    on group: any EventLoopGroup, clock: any WallClock, logger: Logger
  ) async throws -> SMTPListener {
    let connections = ConnectionTable(
      maxConnections: configuration.maxConnections, maxConnectionsPerClient: configuration.maxConnectionsPerClient)
    let jobs = JobQueue()
    let refusals = RefusalCounter()
    let rates = ClientRates()
    let blocklists = Blocklists(servers: configuration.nameServers, logger: logger)
    let authentications = AuthenticationCounter()
    let gate = PressureGate(seed: configuration.pressureSeed)
    let logins = LoginGuard(firstDelay: configuration.firstLoginDelay)
    var doors: [OpenDoor] = []
    for door in configuration.doors {
      precondition(!door.needsCertificate || certificate != nil, "there is no TLS without a certificate")
      let shared = SMTPConnectionHandler.Shared(
        configuration: configuration, session: configuration.session(at: door, hasCertificate: certificate != nil),
        certificate: certificate, receiver: receiver, policy: policy, clock: clock, jobs: jobs,
        connections: connections, refusals: refusals, rates: rates, authenticator: authenticator,
        logins: logins, gate: gate, authentications: authentications, greylist: greylist, blocklists: blocklists,
        logger: logger)
      do {
        doors.append(OpenDoor(door, try await bind(door, shared, on: group)))
      } catch {
        await close(doors)
        throw ReceiptError(.cannotListen(door), "cannot listen for SMTP on \(door.address): \(error)", cause: error)
      }
    }
    return SMTPListener(
      doors: doors, connections: connections, jobs: jobs, blocklists: blocklists, refusals: refusals,
      authentications: authentications, shutdownTimeout: configuration.shutdownTimeout, logger: logger)
  }

  private static let backlog: CInt = 1_024

  private static func bind(
    _ door: Door, _ shared: SMTPConnectionHandler.Shared, on group: any EventLoopGroup
  ) async throws -> any Channel {
    try await door.address.checkThatNobodyListens(on: group)
    var bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: backlog)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.autoRead, value: false)
      .childChannelOption(.autoRead, value: false)
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      // What is written beyond this waits until the client has read.
      .childChannelOption(.writeBufferWaterMark, value: .init(low: 8 << 10, high: 32 << 10))
      // Bounds what a client that closes its side can leave behind: NIO then reads all that the socket holds.
      .childChannelOption(.socketOption(.so_rcvbuf), value: 128 << 10)
      .childChannelOption(
        .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1_024, initial: 2_048, maximum: 64 << 10)
      )
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try shared.accept(channel) }
      }
    switch door.address {
    case .tcp(let host, let port):
      bootstrap = bootstrap.childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      return try await bootstrap.bind(host: host, port: port).get()
    case .unix(let path):
      let descriptor = try SocketFile.bind(path)
      let channel = try await bootstrap.withBoundSocket(descriptor).get()
      // NIO's own backlog is what a socket has that it did not bind.
      listen(descriptor, backlog)
      return channel
    }
  }

  /// Open connections.
  package var connectionCount: Int { connections.count }

  /// Serves until a graceful shutdown or until the task is cancelled, which cuts all connections.
  package func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await self.jobs.run() }
      for door in doors {
        try await door.channel.setOption(.autoRead, value: true).get()
        logger.info("listening for SMTP", metadata: ["address": "\(door.address)"])
      }
      let isGraceful = (try? await gracefulShutdown()) != nil
      await stop(gracefully: isGraceful)
      jobs.finish()
      try await group.waitForAll()
    }
  }

  /// The first doors, if not all were opened.
  private static func close(_ doors: [OpenDoor]) async {
    for door in doors { await door.close() }
  }

  private func stop(gracefully: Bool) async {
    await Self.close(doors)
    // Who waits for an answer of DNS is between two commands, and goes on without it.
    blocklists.close()
    let connections = connections
    if gracefully {
      connections.close(telling: .shutdown)
      doors.first?.channel.eventLoop.scheduleTask(in: TimeAmount(shutdownTimeout)) {
        connections.close(telling: .shutdownDeadline)
      }
    } else {
      connections.close(telling: .shutdownDeadline)
      connections.cut()
    }
    await connections.waitUntilEmpty()
  }
}
