import ArgumentParser
import Foundation
import Logging

/// The options that every command takes.
struct CommonOptions: ParsableArguments {
  @Option(help: "The data directory (environment MAILDEX_DATA; default ./maildex-data).")
  var data: String?

  @Option(help: "The configuration file (environment MAILDEX_CONFIG).")
  var config: String?

  /// The settings in force.
  /// - Throws: `CommandFailure` for settings that cannot be used.
  func settings(_ overrides: [SettingKey: String] = [:]) throws -> Settings {
    var overrides = overrides
    if let data { overrides[.data] = data }
    let environment = ProcessInfo.processInfo.environment
    do {
      return try Settings(file: config ?? environment["MAILDEX_CONFIG"], overrides: overrides, environment: environment)
      {
        StandardStream.error.print("warning: \($0)")
      }
    } catch let error as ConfigurationError {
      throw CommandFailure("configuration: \(error)")
    }
  }

  /// Runs a command where the data directory is: in the server that holds it, else in this process.
  /// - Parameter adoptsAnalyzers: see `Engine`; then in no server.
  func run(_ request: CommandRequest, adoptsAnalyzers: Bool = false) async throws {
    let settings = try settings()
    let terminal = TerminalOutput()
    let output: CommandOutput = { event in try terminal.show(event) }
    do {
      let lock = try DirectoryLock(acquiring: settings.data)
      defer { withExtendedLifetime(lock) {} }
      let engine = try Engine(settings: settings, logger: Self.quietLogger(settings), adoptsAnalyzers: adoptsAnalyzers)
      defer { engine.close() }
      try await engine.withFilters {
        try await CommandRunner(engine: engine, isServing: false).run(request, output)
      }
    } catch let held as DirectoryLock.Held {
      if adoptsAnalyzers {
        throw CommandFailure(
          "\(settings.data) is in use by process \(held.pid), which goes on with the analyzers that it began with; stop it first"
        )
      }
      try await Self.send(request, to: held, of: settings, output)
    }
  }

  /// Runs a command that only a running server can do.
  /// - Throws: `CommandFailure` where there is none.
  func runInServer(_ request: CommandRequest) async throws {
    let settings = try settings()
    let terminal = TerminalOutput()
    guard let held = try DirectoryLock.holder(of: settings.data) else {
      throw CommandFailure("no server runs on \(settings.data); name its data directory by --data or MAILDEX_DATA")
    }
    try await Self.send(request, to: held, of: settings) { event in try terminal.show(event) }
  }

  private static func send(
    _ request: CommandRequest, to held: DirectoryLock.Held, of settings: Settings, _ output: CommandOutput
  ) async throws {
    guard let socket = held.socket else {
      throw CommandFailure(
        "\(settings.data) is in use by process \(held.pid), which takes no commands now; try again when it has ended, "
          + "or is ready if it is a server that starts")
    }
    try await CommandClient(socket: socket).run(request, output)
  }

  private static func quietLogger(_ settings: Settings) -> Logger {
    var logger = Logger(label: "maildex", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = max(settings.logLevel, .warning)
    return logger
  }
}
