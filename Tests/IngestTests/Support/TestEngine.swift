import Analysis
import Bytes
import Documents
import Foundation
import Ingest
import Logging
import MailFormat
import MailStore
import Mailboxes
import Query
import Testing

/// Everything of one data directory, opened as the product opens it.
final class TestEngine: Sendable {
  let directory: String
  let packs: PackStore
  let originals: OriginalStore
  let queue: InboundQueue
  let finished: AsyncStream<[FinishedItem]>
  let mailboxes: Mailboxes
  let extractor: MailExtractor
  let accounts: Accounts
  /// What `control.sqlite` holds beside accounts.
  let store: AccountStore
  let errors: ErrorQueue
  let threads: BlockingThreads

  struct Options: Sendable {
    var fileSystem: any FileSystem = PosixFileSystem()
    /// Times the leases.
    var clock: any MonotonicClock = SystemClock()
    /// The time of day of the mailboxes.
    var timeOfDay: any WallClock = SystemClock()
    /// In which languages a word finds its forms.
    var stemming: StemmingLanguages = []
    var shard = ShardOptions()
    var documents: DocumentTexts?
  }

  static let alice = UserID(rawValue: 1)
  static let bob = UserID(rawValue: 2)

  init(_ directory: String, _ options: Options = Options()) async throws {
    self.directory = directory
    let fileSystem = options.fileSystem
    let accounts = Accounts()
    self.accounts = accounts
    let shards = try DataDirectory(opening: directory, fileSystem: fileSystem)
    store = try AccountStore(path: directory + "/control.sqlite")
    errors = try ErrorQueue(sharing: store)
    threads = BlockingThreads(name: "test", threads: 4)
    packs = try PackStore.open(fileSystem: fileSystem, directory: directory)
    originals = OriginalStore.open(packs: packs, indexPath: directory + "/blobs/blobs.sqlite")
    let (finished, finishing) = AsyncStream.makeStream(of: [FinishedItem].self)
    self.finished = finished
    queue = try InboundQueue.open(
      packs: packs, fileSystem: fileSystem, directory: directory, clock: options.clock,
      options: InboundQueueOptions(didFinish: { finishing.yield($0) }))
    let analyzers = try AnalyzerSet.builtIn(stemming: options.stemming)
    extractor = MailExtractor(analyzers: analyzers, documents: options.documents)
    mailboxes = try Mailboxes(
      directory: shards, fileSystem: fileSystem, packs: packs, originals: originals, queue: queue, analyzers: analyzers,
      clock: options.timeOfDay, cursorSecret: [UInt8](repeating: 7, count: 32), threads: threads, logger: Self.logger,
      timeZone: .gmt, options: options.shard, ownAddresses: { accounts.ownAddresses(of: $0) })
    for user in [Self.alice, Self.bob] { try await mailboxes.createMailbox(user) }
  }

  func close() {
    mailboxes.close()
    queue.close()
    originals.close()
    packs.close()
    threads.close()
    store.close()
  }

  static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

  /// Opens the directory for `body` and closes it in good order.
  static func open<Result>(
    _ directory: String, _ options: Options = Options(), _ body: (TestEngine) async throws -> Result
  ) async throws -> Result {
    let engine = try await TestEngine(directory, options)
    defer { engine.close() }
    return try await body(engine)
  }

  func importer(maxByteCount: Int = 1 << 20) -> Importer {
    Importer(
      mailboxes: mailboxes, originals: originals, extractor: extractor, threads: threads, fileSystem: PosixFileSystem(),
      maxByteCount: maxByteCount)
  }

  func workers(
    _ count: Int = 2, documents: DocumentTexts? = nil, judge: (any MailJudge)? = nil,
    blocks: @escaping @Sendable (String, UserID) -> Bool = { _, _ in false }, reporter: Reporter? = nil,
    poison: PoisonRule = PoisonRule(), setAside: QueueWorkers.SetAside? = nil
  ) -> QueueWorkers {
    QueueWorkers(
      queue: queue, delivery: delivery(judge: judge, blocks: blocks, reporter: reporter), finished: finished,
      workers: count, documents: documents, poison: poison, setAside: setAside, logger: Self.logger)
  }

  func delivery(
    judge: (any MailJudge)? = nil, blocks: @escaping @Sendable (String, UserID) -> Bool = { _, _ in false },
    reporter: Reporter? = nil
  ) -> MailDelivery {
    MailDelivery(
      mailboxes: mailboxes, originals: originals, errors: errors, extractor: extractor, judge: judge, blocks: blocks,
      threads: threads, hostname: "mx.example.com", clock: SystemClock(), reporter: reporter,
      logger: Self.logger)
  }

  /// Every message of the user that the query finds, newest first.
  func found(_ query: String, user: UserID = alice) async throws -> [NamedMessage] {
    let answer = try await mailboxes.search(
      user,
      SearchRequest(
        query: try parseQuery(query).root, sort: .newestFirst, limit: 500, cursor: nil, wantsTotal: true,
        wantsHighlights: false, minimumSequence: nil, waitForQueue: .zero, deadline: .now + .seconds(300)))
    #expect(answer.total == answer.hits.count)
    return answer.hits.map(\.message)
  }

  /// What the next process would find if this one were killed now. Files that a thread is just writing are copied as
  /// they are at that moment, as after kill -9.
  func copyAsAfterKill(to copy: String) throws {
    try FileManager.default.copyItem(atPath: directory, toPath: copy)
  }
}
