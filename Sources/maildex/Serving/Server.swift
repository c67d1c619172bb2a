import Bytes
import Foundation
import Glibc
import Filter
import HTTPAPI
import Ingest
import Logging
import NIOCore
import NIOPosix
import Outbound
import Receipt
import ServiceLifecycle
import SMTP
import UnixSignals

/// The running service: one group in which everything long-lived starts together and stops in order, listeners before what works
/// on what they took.
struct Server {
  let engine: Engine
  let lock: DirectoryLock
  let logger: Logger

  /// Returns after a graceful shutdown.
  /// - Throws: `CommandFailure` for an address that cannot be listened on.
  func run() async throws {
    let settings = engine.settings
    let policy = engine.policy
    for doubt in PolicyReload.doubts(settings.policy, engine.accounts) { logger.warning("\(doubt)") }
    let reload = PolicyReload(settings: settings, policy: policy, accounts: engine.accounts, logger: logger)
    let certificate = try certificate()
    let passwords = BlockingThreads(name: "passwords", threads: 2, maxWaiting: Self.maxWaitingPasswords)
    defer { passwords.close() }
    let greylist = try Greylist(
      path: settings.data + "/greylist.sqlite", policy: policy, clock: engine.clock, logger: logger)
    let smtp = try await smtp(
      certificate, policy, greylist, AccountAuthenticator(accounts: engine.accounts, threads: passwords, logger: logger)
    )
    let socket = try CommandSocket.path(in: settings.data)
    let ready = ReadyLine(doors: Array(zip(settings.doors.map(\.speech), smtp.addresses)), socket: socket, lock: lock)
    let reports = reportSender()
    let http = try HTTPServer.makeApplication(
      service: MailboxService(
        mailboxes: engine.mailboxes, accounts: engine.accounts, threads: engine.threads,
        waitForQueue: settings.waitForQueue, documents: engine.documents, filters: engine.filters,
        lessons: engine.filters.learns ? engine.lessons : nil, errors: engine.errors, reporter: engine.reporter,
        outbox: engine.outbox, reports: reports, refusals: smtp.refusals, blocklists: smtp.blocklistAnswers,
        authentications: smtp.authentications, logger: logger),
      queues: OperatedQueues(queues: engine.operatorQueues), accounts: engine.accounts,
      configuration: httpConfiguration, logger: logger,
      onBound: { ready.answersHTTP(at: $0) })
    let commands = CommandSocket(
      engine: engine, reload: reload, path: socket, logger: logger, onListening: { ready.takesCommands() })
    let workers = QueueWorkers(
      queue: engine.queue, delivery: engine.delivery, finished: engine.finished, workers: settings.workers,
      documents: engine.documents, poison: PoisonRule(maxFailures: settings.maxAttempts),
      setAside: QueueWorkers.errorQueue(of: engine.delivery, engine.queue), logger: logger)
    // Retries end when nothing more can be asked of the readers of documents but by the workers, and readers end with them: so
    // mail that comes until then has its documents, and no worker waits for one.
    let retries = engine.documents.map { documents in
      DocumentRetries(
        mailboxes: engine.mailboxes, originals: engine.originals, extractor: engine.extractor, documents: documents,
        logger: logger)
    }
    let lessons: FilterLessons? =
      if engine.filters.learns {
        FilterLessons(
          lessons: engine.lessons, originals: engine.originals, threads: engine.threads, clock: engine.clock,
          logger: logger
        ) { [filters = engine.filters] bytes, mailClass in try await filters.learn(bytes, as: SpamClass(mailClass)) }
      } else {
        nil
      }
    // Without a file there is nothing to read again, and who closes the terminal means what that always meant.
    let hangup: HangupReload? =
      if settings.file == nil { nil } else { await HangupReload(reload, on: engine.threads) }
    let candidates: [(any Service)?] = [
      workers, retries, lessons, reports, commands, certificate, greylist, smtp, http, hangup,
    ]
    let services = candidates.compactMap { $0 }
    var configuration = ServiceGroupConfiguration(
      services: services.map { .init(service: $0) },
      gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    // A long command or an endless download must not keep the process: what it did is kept, and it is told.
    configuration.maximumGracefulShutdownDuration = Self.maxShutdown
    let group = ServiceGroup(configuration: configuration)
    do {
      try await group.run()
    } catch {
      throw Self.readable(error, settings)
    }
    lock.announce(socket: nil)
  }

  /// Nil where there is no relay.
  private func reportSender() -> ReportSender? {
    guard let relay = engine.settings.relay, let outbox = engine.outbox else { return nil }
    let client = RelayClient(to: relay, hostName: engine.settings.hostname)
    return ReportSender(outbox: outbox, threads: engine.threads, clock: engine.clock, logger: logger) {
      await client.send($0)
    }
  }

  private func certificate() throws -> TLSCertificate? {
    do {
      return try engine.settings.tls.map {
        try TLSCertificate($0, fileSystem: engine.fileSystem, logger: logger)
      }
    } catch let error as ReceiptError {
      throw CommandFailure("smtp.tls: \(error)")
    }
  }

  private func smtp(
    _ certificate: TLSCertificate?, _ policy: CurrentPolicy, _ greylist: Greylist,
    _ authenticator: AccountAuthenticator
  ) async throws -> SMTPListener {
    do {
      return try await SMTPListener.bind(
        receiptConfiguration, certificate: certificate,
        receiver: MailReceiving(
          accounts: engine.accounts, queue: engine.queue, mailboxes: engine.mailboxes,
          judge: engine.settings.filters.mode == .session ? engine.judge : nil,
          judging: ConcurrencyGate(limit: engine.settings.workers, maxWaiting: Self.maxWaitingForFilters)),
        authenticator: authenticator, policy: policy, greylist: greylist,
        on: MultiThreadedEventLoopGroup.singleton, clock: engine.clock, logger: logger)
    } catch let error as ReceiptError {
      guard case .cannotListen(let door) = error.code else { throw error }
      throw Self.cannotListen(door.speech.settingKey.rawValue, "\(door.address)", error.cause ?? error)
    }
  }

  /// What two threads do in ten seconds; over it clients are told to come back.
  private static let maxWaitingPasswords = 200
  /// Clients that wait for filters to have time for their mail; over it they are told to come back.
  private static let maxWaitingForFilters = 1_000
  private static let maxShutdown = Duration.seconds(20)
  /// As many as ten of the largest aliases make.
  private static let maxDeliveries = 10 * AliasTable.maxTargets

  private var receiptConfiguration: ReceiptConfiguration {
    let settings = engine.settings
    return ReceiptConfiguration(
      doors: settings.doors,
      session: SMTPConfiguration(
        hostName: settings.hostname, maxMessageSize: settings.maxMessageByteCount,
        maxRecipients: settings.maxRecipients,
        maxDeliveries: max(settings.maxRecipients, Self.maxDeliveries), maxHops: settings.maxHops,
        announcesDSN: settings.relay != nil),
      maxConnections: settings.maxConnections, maxConnectionsPerClient: settings.maxConnectionsPerClient,
      proxies: settings.proxies, idleTimeout: settings.idleTimeout, crowdedTimeout: settings.crowdedTimeout,
      nameServers: settings.nameServers, logsAddresses: settings.logsAddresses)
  }

  private var httpConfiguration: HTTPConfiguration {
    let settings = engine.settings
    return HTTPConfiguration(
      address: .tcp(host: settings.http.host, port: settings.http.port),
      authentication: settings.isAuthenticated ? .token : .none, searchDeadline: settings.searchDeadline)
  }

  private static func readable(_ error: any Error, _ settings: Settings) -> any Error {
    let text = "\(error)"
    guard text.contains("ddress already in use") || text.contains("bind") else { return error }
    return cannotListen("http.listen", "\(settings.http)", error)
  }

  private static func cannotListen(_ key: String, _ address: String, _ error: any Error) -> CommandFailure {
    let reason = (error as? IOError).map { unsafe String(cString: strerror($0.errnoCode)) } ?? "\(error)"
    return CommandFailure("\(key): cannot listen on \(address): \(reason); choose another address, or free this one")
  }
}
