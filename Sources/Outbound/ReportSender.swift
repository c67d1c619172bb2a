package import Bytes
package import Logging
package import MailStore
package import SMTP
import ServiceLifecycle

/// Gives the relay the reports of the outbox, in the background: one at a time, again later where it does not take one, and never where it
/// will not.
///
/// A report leaves the outbox after the relay has answered for it. A crash between the two sends it again, under the same Message-ID.
package final class ReportSender: Service {
  package typealias Send = @Sendable (SMTPClientSession.Mail) async -> SMTPClientSession.Outcome

  /// What became of tries.
  package enum Result: String, CaseIterable, Sendable {
    case sent
    case postponed
    case givenUp = "given_up"
  }

  private let outbox: ReportOutbox
  private let threads: BlockingThreads
  private let send: Send
  private let clock: any WallClock
  private let pause: @Sendable () async throws -> Void
  private let logger: Logger
  private let results = Locked<[Result: Int]>([:])

  /// Five days, with these delays.
  package static let maxTries = 37
  private static let interval = Duration.seconds(1)

  /// - Parameters:
  ///   - threads: for the disk.
  ///   - pause: suspends while nothing is due.
  package init(
    outbox: ReportOutbox, threads: BlockingThreads, clock: any WallClock, logger: Logger,
    pause: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: interval) }, send: @escaping Send
  ) {
    self.outbox = outbox
    self.threads = threads
    self.send = send
    self.clock = clock
    self.pause = pause
    self.logger = logger
  }

  /// Since the start.
  package var counts: [Result: Int] { results.withLock { $0 } }

  /// Works until the service is stopped.
  package func run() async throws {
    await cancelWhenGracefulShutdown { [self] in
      while !Task.isCancelled {
        do {
          if try await sendNext() { continue }
        } catch {
          logger.warning("reports wait", metadata: ["error": "\(error)"])
        }
        try? await pause()
      }
    }
  }

  /// - Returns: false where nothing is due.
  package func sendNext() async throws -> Bool {
    guard outbox.depth > 0 else { return false }
    let next = try await threads.run { [outbox] in try outbox.next() }
    guard let report = next, report.dueAt <= clock.now() else { return false }
    let outcome = await send(
      SMTPClientSession.Mail(recipient: report.recipient, content: report.bytes, needsUTF8: report.needsUTF8))
    switch outcome {
    case .accepted: try await end(report, .sent, "")
    case .refused(let reason): try await end(report, .givenUp, reason)
    case .deferred(let reason) where report.tries + 1 >= Self.maxTries: try await end(report, .givenUp, reason)
    case .deferred(let reason): try await postpone(report, reason)
    }
    return true
  }

  private func end(_ report: OutboundReport, _ result: Result, _ reason: String) async throws {
    try await threads.run { [outbox] in try outbox.remove(report.id) }
    note(report, result, reason, level: result == .sent ? .info : .error)
  }

  private func postpone(_ report: OutboundReport, _ reason: String) async throws {
    let due = Timestamp(rawValue: clock.now().rawValue + Self.delay(after: report.tries))
    try await threads.run { [outbox] in try outbox.postpone(report.id, to: due) }
    note(report, .postponed, reason, level: .notice)
  }

  private func note(_ report: OutboundReport, _ result: Result, _ reason: String, level: Logger.Level) {
    results.withLock { $0[result, default: 0] += 1 }
    logger.log(
      level: level, "report to another server",
      metadata: [
        "report": "\(report.name)", "result": "\(result.rawValue)", "tries": "\(report.tries + 1)",
        "reason": "\(reason)",
      ])
  }

  /// In ms: doubles from a minute to four hours.
  static func delay(after tries: Int) -> Int64 { min(14_400_000, 60_000 << min(Int64(max(0, tries)), 8)) }
}
