import ArgumentParser
import Foundation
import HTTPAPI
import Ingest
import Logging
import MailStore
import Receipt
import ServiceLifecycle

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Run the service: SMTP in, HTTP out.",
    discussion:
      "Ready when it prints: ready http=HOST:PORT smtp=HOST:PORT, then smtps= and lmtp= where smtp.tls.listen and "
      + "lmtp.listen say so. SIGTERM or SIGINT ends it in good order. SIGHUP has it read the policy of its configuration file "
      + "again, as 'maildex config reload' does.")

  @OptionGroup var common: CommonOptions
  @Option(help: "Where HTTP listens, HOST:PORT.") var http: String?
  @Option(help: "Where SMTP listens, HOST:PORT.") var smtp: String?

  func run() async throws {
    var overrides: [SettingKey: String] = [:]
    if let http { overrides[.httpListen] = http }
    if let smtp { overrides[.smtpListen] = smtp }
    let settings = try common.settings(overrides)
    let logger = Self.logger(settings)
    let lock: DirectoryLock
    do {
      lock = try DirectoryLock(acquiring: settings.data)
    } catch let held as DirectoryLock.Held {
      throw CommandFailure("\(settings.data) is in use by process \(held.pid); end it, or choose another with --data")
    }
    if let warning = DescriptorLimit.warning(
      allowed: DescriptorLimit.raise(), connections: settings.maxConnections + HTTPConfiguration.defaultMaxConnections)
    {
      logger.warning("\(warning)")
    }
    let engine = try Engine(settings: settings, logger: logger)
    // The lock outlives the last write.
    defer { withExtendedLifetime(lock) { engine.close() } }
    if let postmaster = settings.postmaster, engine.accounts.user(address: postmaster) == nil {
      logger.warning("smtp.postmaster is no user's address; the first user gets mail for postmaster")
    }
    try await engine.withFilters {
      try await engine.finishRemovals()
      try await Server(engine: engine, lock: lock, logger: logger).run()
    }
  }

  private static func logger(_ settings: Settings) -> Logger {
    var logger = Logger(label: "maildex", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = settings.logLevel
    return logger
  }
}
