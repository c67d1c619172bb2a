package import Bytes
package import Logging
package import MailStore
import Reports
import SMTP

/// Tells senders what became of their mail, where the rules have it: composes the report and puts it where it is safe, in the inbound
/// queue for users of this server, in the outbox for everybody else.
///
/// A report is durable before `report` returns; whoever then finishes the mail that it is about loses none by a crash. After a crash
/// between the two it is made again: with the same Message-ID, and the same bytes but for a delay's last attempt.
package final class Reporter: Sendable {
  package struct Options: Sendable {
    package var hostname: String
    /// Larger mail comes back as its header.
    package var returnedByteCount: Int
    /// For each target.
    package var reportsPerMinute: Int
    /// How long mail may wait before its sender is told; nil for ever.
    package var delayWarning: Duration?
    /// Whether success is told to who asks for it: where DSN is announced.
    package var reportsSuccess: Bool

    package init(
      hostname: String, returnedByteCount: Int = 50 << 10, reportsPerMinute: Int = 60,
      delayWarning: Duration? = .seconds(4 * 3_600), reportsSuccess: Bool = false
    ) {
      self.hostname = hostname
      self.returnedByteCount = returnedByteCount
      self.reportsPerMinute = reportsPerMinute
      self.delayWarning = delayWarning
      self.reportsSuccess = reportsSuccess
    }
  }

  let options: Options
  private let composer: ReportComposer
  private let queue: InboundQueue
  private let outbox: ReportOutbox?
  private let threads: BlockingThreads
  let clock: any WallClock & MonotonicClock
  private let logger: Logger
  private let resolve: @Sendable (String) -> ReportTarget
  private let state: Locked<State>

  private struct State {
    var rates: ReportRates
    var counts: [ReportOutcome: Int] = [:]
    /// Mails of whose delay was told.
    var warned: Set<QueueItemID> = []
  }

  /// - Parameters:
  ///   - outbox: nil where there is no relay, and so nobody else is told anything.
  ///   - threads: for the disk.
  ///   - resolve: whose an address is; must not block.
  package init(
    queue: InboundQueue, outbox: ReportOutbox?, options: Options, threads: BlockingThreads,
    clock: any WallClock & MonotonicClock, logger: Logger, resolve: @escaping @Sendable (String) -> ReportTarget
  ) {
    self.queue = queue
    self.outbox = outbox
    self.options = options
    composer = ReportComposer(hostname: options.hostname, returnedByteCount: options.returnedByteCount)
    self.threads = threads
    self.clock = clock
    self.logger = logger
    self.resolve = resolve
    state = Locked(State(rates: ReportRates(perMinute: options.reportsPerMinute)))
  }

  /// What became of each wish, since the start.
  package var counts: [ReportOutcome: Int] { state.withLock { $0.counts } }

  /// - Parameters:
  ///   - mail: its bytes as they came.
  ///   - verdict: what filters made of it.
  /// - Throws: `StoreError` or an error of the disk where the report could not be made durable: to be tried again later.
  package func report(
    _ news: DeliveryNews, of item: QueueItemID, _ envelope: InboundEnvelope, mail: [UInt8], verdict: MailVerdict?
  ) async throws -> ReportOutcome {
    let outcome = try await outcome(news, item, envelope, mail, verdict)
    state.withLock { $0.counts[outcome, default: 0] += 1 }
    logger.info(
      "report of a delivery",
      metadata: [
        "queue_item": "\(item.rawValue)", "action": "\(news.action.rawValue)", "outcome": "\(outcome.rawValue)",
      ])
    return outcome
  }

  private func outcome(
    _ news: DeliveryNews, _ item: QueueItemID, _ envelope: InboundEnvelope, _ mail: [UInt8], _ verdict: MailVerdict?
  ) async throws -> ReportOutcome {
    let recipients: [DeliveryReport.Recipient]
    do throws(ReportRules.Refusal) {
      recipients = try ReportRules.recipients(
        of: envelope, news.addresses, for: news.action, facts: MailFacts(mail), verdict: verdict,
        isAskedFor: news.isAskedFor)
    } catch {
      return ReportOutcome(error)
    }
    let target = resolve(envelope.reversePath)
    if target == .unknown { return .unknownSender }
    if target == .foreign, outbox == nil { return .noRelay }
    let now = clock.elapsed()
    guard state.withLock({ $0.rates.take(for: envelope.reversePath, now: now) }) else { return .limited }
    let report = composer.compose(
      DeliveryReport(
        item: item, envelope: envelope, action: news.action, status: news.status, explanation: news.explanation,
        recipients: recipients, date: news.date, lastAttempt: news.lastAttempt,
        returnsHeadersOnly: news.returnsHeadersOnly), of: mail)
    return switch target {
    case .users(let users): try await queueLocally(report, for: users, at: envelope.reversePath)
    case .foreign, .unknown: try await putInOutbox(report, to: envelope.reversePath)
    }
  }

  private func putInOutbox(_ report: ComposedReport, to address: String) async throws -> ReportOutcome {
    guard let outbox else { return .noRelay }
    let now = clock.now()
    let isAdded = try await threads.run {
      try outbox.add(
        name: report.messageID, recipient: address, needsUTF8: report.needsUTF8, bytes: report.bytes, at: now)
    }
    return isAdded ? .relay : .noRoom
  }

  /// As a mail like any other, but that it comes from ourselves: filters are not asked about it, as they were about the mail in it.
  private func queueLocally(
    _ report: ComposedReport, for users: [UserID], at address: String
  ) async throws -> ReportOutcome {
    let verdict = MailVerdict(
      action: .deliver, score: 0, symbols: [], by: "maildex", reason: "a report of this server's own")
    let envelope = InboundEnvelope(
      receivedAt: clock.now(), clientAddress: "", heloName: options.hostname,
      protocolName: report.needsUTF8 ? "UTF8SMTP" : "ESMTP", reversePath: "",
      recipients: users.map { InboundRecipient(address: address, user: $0) }, needsUTF8: report.needsUTF8,
      is8Bit: report.is8Bit, judgement: MailJudgement(verdict: verdict))
    do {
      _ = try await queue.accept(envelope, try await content(report.bytes))
      return .local
    } catch let error as StoreError where error.code == .queueFull {
      // The mail that it is about would have to stay in the queue that is full because of such.
      return .noRoom
    }
  }

  private func content(_ bytes: [UInt8]) async throws -> ReceivedContent {
    guard bytes.count > ReceivedContent.inlineLimit else { return .inline(bytes) }
    let spool = try await queue.makeSpool()
    do {
      try await spool.append(bytes)
      return try await spool.finish()
    } catch {
      await spool.discard()
      throw error
    }
  }

  // MARK: Delays

  private static let maxWarned = 100_000

  /// Whether the sender of a mail that is put off is to be told now; true once for each mail until it is forgotten.
  func beginsWarning(of item: QueueItemID, _ envelope: InboundEnvelope) -> Bool {
    guard let due = warningTime(of: envelope), due <= clock.now() else { return false }
    return state.withLock { state in
      state.warned.count < Self.maxWarned && state.warned.insert(item).inserted
    }
  }

  /// It is told another time, or will not be delayed any more.
  func endWarning(of item: QueueItemID) { state.withLock { _ = $0.warned.remove(item) } }

  func warningTime(of envelope: InboundEnvelope) -> Timestamp? {
    options.delayWarning.map {
      Timestamp(rawValue: envelope.receivedAt.rawValue &+ Int64($0 / .milliseconds(1)))
    }
  }
}
