import Analysis
import Bytes
import Documents
import Filter
import Foundation
import Ingest
import Logging
import MailFormat
import MailStore
import Mailboxes
import Receipt
import SMTP

/// Everything of one data directory, opened and caught up; what a server serves and an offline command works on.
final class Engine: Sendable {
  let settings: Settings
  let accounts: AccountStore
  let packs: PackStore
  let queue: InboundQueue
  /// Items that the queue will not give again, as many as one write finished.
  let finished: AsyncStream<[FinishedItem]>
  let originals: OriginalStore
  let mailboxes: Mailboxes
  let filters: FilterChain
  /// The filters as workers ask them, and receipt where the settings say so; nil where there are none.
  let judge: FilterJudge?
  let errors: ErrorQueue
  let lessons: LessonQueue
  /// Who may send what to whom; a reload replaces it.
  let policy: CurrentPolicy
  /// Reports that wait for the relay; nil where there is none.
  let outbox: ReportOutbox?
  let reporter: Reporter
  let extractor: MailExtractor
  let delivery: MailDelivery
  let operatorQueues: OperatorQueues
  /// Nil where the settings say so.
  let documents: DocumentTexts?
  /// For reads and searches.
  let threads: BlockingThreads
  /// Take mail apart, which is nearly all processor, beside an import's reading of its files: one for each core. Apart from
  /// the others, so that no search waits behind the mails of an import.
  let ingestThreads: BlockingThreads
  let fileSystem: any FileSystem
  let logger: Logger
  let clock: any WallClock

  /// The caller holds the directory's lock. Blocks while the stores recover.
  /// - Parameter adoptsAnalyzers: what the settings want is what the index is made with from now on.
  /// - Throws: errors whose descriptions name the file and what to do.
  init(settings: Settings, logger: Logger, adoptsAnalyzers: Bool = false) throws {
    let fileSystem = PosixFileSystem()
    let clock = SystemClock()
    let directory = try DataDirectory(opening: settings.data, fileSystem: fileSystem)
    let accounts = try AccountStore(
      path: settings.data + "/control.sqlite", clock: clock, postmaster: settings.postmaster)
    let threads = BlockingThreads(name: "blocking", threads: 8)
    let packs = try PackStore.open(fileSystem: fileSystem, directory: settings.data)
    let originals = OriginalStore.open(
      packs: packs, indexPath: settings.data + "/blobs/blobs.sqlite", logger: logger)
    let (finished, finishing) = AsyncStream.makeStream(
      of: [FinishedItem].self, bufferingPolicy: .bufferingOldest(Self.maxFinishedWrites))
    let queue = try InboundQueue.open(
      packs: packs, fileSystem: fileSystem, directory: settings.data, clock: clock,
      options: InboundQueueOptions(
        maxDepth: settings.maxQueue, leaseDuration: settings.lease,
        envelopeByteLimit: settings.maxEnvelopeByteCount, backoff: settings.backoff,
        didFinish: { finishing.yield($0) }))
    for note in packs.recoveryNotes { logger.warning("pack files", metadata: ["note": "\(note)"]) }
    let installation = try AnalyzerInstallation(
      opening: settings.data, wanted: AnalyzerFiles(settings, fileSystem), adopts: adoptsAnalyzers, fileSystem)
    if installation.hasOtherWanted { logger.warning("\(AnalyzerInstallation.advice)") }
    let analyzers = try AnalyzerSet(installation.files, stemming: settings.stemming)
    self.settings = settings
    self.fileSystem = fileSystem
    self.clock = clock
    self.accounts = accounts
    errors = try ErrorQueue(sharing: accounts)
    lessons = try LessonQueue(sharing: accounts)
    self.threads = threads
    ingestThreads = BlockingThreads(name: "ingest", threads: max(2, ProcessInfo.processInfo.activeProcessorCount))
    self.packs = packs
    self.originals = originals
    self.queue = queue
    self.finished = finished
    self.logger = logger
    documents = settings.extraction.map {
      DocumentTexts(options: $0, cachePath: settings.data + "/blobs/texts.sqlite", clock: clock, logger: logger)
    }
    extractor = MailExtractor(analyzers: analyzers, documents: documents)
    mailboxes = try Mailboxes(
      directory: directory, fileSystem: fileSystem, packs: packs, originals: originals, queue: queue,
      analyzers: analyzers, clock: clock, cursorSecret: try Self.cursorSecret(in: accounts), threads: threads,
      logger: logger, timeZone: settings.timeZone,
      zoneOfUser: { user in accounts.user(id: user)?.timeZone },
      detectsLanguages: settings.detectsLanguages,
      options: settings.shardOptions,
      ownAddresses: { user in accounts.user(id: user).map { [$0.address.lowercased()] } })
    filters = FilterChain(settings.filters, clock: clock, logger: logger)
    judge = filters.isEmpty ? nil : FilterJudge(filters: filters, hostname: settings.hostname)
    let policy = CurrentPolicy(settings.policy)
    self.policy = policy
    outbox = try settings.relay.map { _ in try ReportOutbox(sharing: accounts) }
    reporter = Reporter(
      queue: queue, outbox: outbox, options: settings.reports, threads: threads, clock: clock, logger: logger
    ) { address in
      switch policy.value.recipients.resolve(address, among: accounts) {
      case .accepted(let users, maxMessageSize: _): .users(users)
      case .foreign: .foreign
      // The others are about a client.
      case .unknown, .overQuota, .greylisted, .tooManyOfClient: .unknown
      }
    }
    delivery = MailDelivery(
      mailboxes: mailboxes, originals: originals, errors: errors, extractor: extractor, judge: judge,
      blocks: { accounts.blocks($0, for: $1) }, threads: ingestThreads, hostname: settings.hostname, clock: clock,
      reporter: reporter, logger: logger)
    operatorQueues = OperatorQueues(inbound: queue, delivery: delivery, threads: threads)
  }

  /// Writes of the receive log whose finished items may wait to be forgotten; what is over it keeps a row.
  private static let maxFinishedWrites = 4_096

  /// Ends removals of users that a crash interrupted between account and mail.
  func finishRemovals() async throws {
    let mailboxes = mailboxes
    for user in try await threads.run({ try mailboxes.users() }) where accounts.user(id: user) == nil {
      try await mailboxes.removeMailbox(user)
      logger.notice("mail of a removed user removed", metadata: ["user": "\(user)"])
    }
  }

  /// Works with the filters, and lets go of them when the work is done or has failed.
  func withFilters(_ work: () async throws -> Void) async throws {
    do {
      try await work()
    } catch {
      await filters.shutdown()
      throw error
    }
    await filters.shutdown()
  }

  /// Makes everything durable in its final place. Blocks.
  func close() {
    mailboxes.close()
    queue.close()
    originals.close()
    packs.close()
    threads.close()
    ingestThreads.close()
    accounts.close()
    documents?.close()
  }

  /// The user of an address, as commands name them.
  func user(_ address: String) throws -> UserRecord {
    guard let user = accounts.user(address: address) else {
      throw CommandFailure("no user \(address); see 'maildex user list' or add one with 'maildex user add \(address)'")
    }
    return user
  }

  /// Authenticates search cursors; kept with the data so that cursors outlive a restart.
  private static func cursorSecret(in accounts: AccountStore) throws -> [UInt8] {
    let name = "search.cursor_key"
    if let text = accounts.setting(name), let key = Data(base64Encoded: text) { return Array(key) }
    let key = AccountStore.systemRandomBytes(32)
    try accounts.setSetting(name, to: Data(key).base64EncodedString())
    return key
  }
}
