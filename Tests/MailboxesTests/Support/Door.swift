import Analysis
import Bytes
import Foundation
import Index
import Logging
import MailStore
import Query
import TestSupport
import Testing

@testable import Mailboxes

/// A data directory behind the one door. Journal and index lie on a file system that crashes and fails on demand; the
/// metadata view lies on the machine's own, because SQLite opens its files itself.
final class Door: Sendable {
  static let alice = UserID(rawValue: 1)
  static let bob = UserID(rawValue: 2)
  static let analyzers: AnalyzerSet = {
    guard let set = try? AnalyzerSet.builtIn() else { preconditionFailure("the shipped analyzers cannot be read") }
    return set
  }()

  let path: String
  let files: CrashableFileSystem
  let archive: Archive
  let mailboxes: Mailboxes
  let clock = ManualClock()
  /// Outlives the crashes, as do the files of the view.
  let accounts: Accounts
  let viewFiles: WrappedFileSystem
  let options: Options
  private let threads: BlockingThreads
  private let isClosed = Locked(false)

  struct Options: Sendable {
    var shardCount = 1
    /// Small, so that a few mails fill a file.
    var journalFileByteCount: UInt64 = 16 << 10
    var queue: InboundQueue?
    /// Of users who have one of their own.
    var timeZones: [UserID: String] = [:]
    var detectsLanguages = false
    /// Beyond all that a test writes, unless a test says otherwise.
    var batchByteCount = 8 << 20
    var maxUnflushedByteCount = 64 << 20
    var pressure = WritePressure()
    var matchingTime = Duration.seconds(60)
    /// No test waits.
    var pause: @Sendable (Duration) async throws -> Void = { _ in }

    fileprivate func shard(_ viewFiles: WrappedFileSystem) -> ShardOptions {
      var options = ShardOptions()
      options.journal = JournalOptions(fileByteCount: journalFileByteCount, makeSalt: { 0x5A17_5A17 })
      options.viewFileSystem = viewFiles
      options.batchByteCount = batchByteCount
      options.maxUnflushedByteCount = maxUnflushedByteCount
      options.pressure = pressure
      options.matchingTime = matchingTime
      options.pause = pause
      options.compactionRate = 0
      return options
    }
  }

  init(
    _ path: String, _ files: CrashableFileSystem, _ archive: Archive, _ options: Options = Options(),
    accounts: Accounts = Accounts(), viewFiles: WrappedFileSystem = WrappedFileSystem(PosixFileSystem())
  ) throws {
    self.path = path
    self.accounts = accounts
    self.viewFiles = viewFiles
    self.files = files
    self.archive = archive
    self.options = options
    let directory = try DataDirectory(opening: path, fileSystem: files, shardCount: options.shardCount)
    for number in 0..<directory.shardCount {
      try FileManager.default.createDirectory(
        atPath: directory.shardDirectory(number), withIntermediateDirectories: true)
    }
    let threads = BlockingThreads(name: "test", threads: 4)
    self.threads = threads
    do {
      mailboxes = try Mailboxes(
        directory: directory, fileSystem: files, packs: archive.packs, originals: archive.originals,
        queue: options.queue, analyzers: Self.analyzers, clock: clock,
        cursorSecret: [UInt8](repeating: 7, count: 32), threads: threads,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, timeZone: .gmt,
        zoneOfUser: { options.timeZones[$0] },
        detectsLanguages: options.detectsLanguages, options: options.shard(viewFiles),
        ownAddresses: { accounts.ownAddresses(of: $0) })
    } catch {
      threads.close()
      throw error
    }
  }

  func close() {
    let wasClosed = isClosed.withLock { isClosed in
      defer { isClosed = true }
      return isClosed
    }
    if wasClosed { return }
    mailboxes.close()
    threads.close()
  }

  var shard: Shard { mailboxes.shards[0] }

  // MARK: Opening

  /// Opens a new directory for `body`.
  static func open<Result>(
    _ options: Options = Options(), _ body: (Door) async throws -> Result
  ) async throws -> Result {
    try await withTemporaryDirectory { path in
      let archive = try Archive()
      defer { archive.close() }
      let door = try Door(path, CrashableFileSystem(), archive, options)
      defer { door.close() }
      return try await body(door)
    }
  }

  /// The machine stops; then the next process opens what is left.
  func crashed<Result>(_ outcome: CrashOutcome, _ body: (Door) async throws -> Result) async throws -> Result {
    files.crash()
    return try await reopened(outcome, body)
  }

  /// Ends in good order, then opens again.
  func reopened<Result>(
    _ outcome: CrashOutcome = .dropped, _ body: (Door) async throws -> Result
  ) async throws -> Result {
    close()
    let next = try Door(
      path, files.reopened(outcome), archive, options, accounts: accounts, viewFiles: viewFiles)
    defer { next.close() }
    return try await body(next)
  }

  // MARK: Writing

  func deliver(_ letter: Letter, to user: UserID = alice) async throws -> DeliveryOutcome {
    let original = try await archive.originals.store(letter.original)
    return try await mailboxes.deliver(letter.message(storedAt: original, Self.analyzers), to: user)
  }

  /// A delivery that must store something.
  @discardableResult
  func store(_ letter: Letter, to user: UserID = alice) async throws -> MessageID {
    guard case .stored(let id, _) = try await deliver(letter, to: user) else {
      throw MailboxError(.conflict, "'\(letter.subject)' was not stored")
    }
    return id
  }

  @discardableResult
  func store(_ subject: String, to user: UserID = alice) async throws -> MessageID {
    try await store(Letter(subject: subject), to: user)
  }

  func forget(_ item: UInt64, of user: UserID = alice) async throws {
    try await mailboxes.forget([FinishedItem(id: QueueItemID(rawValue: item), users: [user])])
  }

  /// Runs writes as one batch: the writer is held until all of them wait, in this order.
  func inOneBatch<Value: Sendable>(
    _ writes: @Sendable () async throws -> Value...
  ) async -> [Result<Value, any Error>] { await inOneBatch(of: writes) }

  func inOneBatch<Value: Sendable>(
    of writes: [@Sendable () async throws -> Value]
  ) async -> [Result<Value, any Error>] {
    let shard = shard
    let gate = Gate()
    return await withTaskGroup(of: (Int, Result<Value, any Error>)?.self) { group in
      group.addTask {
        try? await shard.perform { _ in gate.pass() }
        return nil
      }
      await gate.waitUntilReached()
      for (position, write) in writes.enumerated() {
        group.addTask {
          do { return (position, .success(try await write())) } catch { return (position, .failure(error)) }
        }
        await waitUntil { shard.waitingCount > position }
      }
      gate.open()
      var results: [(Int, Result<Value, any Error>)] = []
      for await case let result? in group { results.append(result) }
      return results.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  func journalFiles() throws -> [String] {
    try files.list(path + "/shards/00/journal").filter { $0.hasSuffix(".journal") }
  }

  var journalSyncCount: Int { files.steps.count { $0.kind == .sync && $0.path.contains("/journal/") } }

  // MARK: Reading

  func search(
    _ query: String, user: UserID = alice, limit: Int = 500, cursor: String? = nil, highlights: Bool = false,
    facets: [FacetName] = [], minimum: SequenceNumber? = nil, wait: Duration = .zero,
    within: Duration = .seconds(60)
  ) async throws -> SearchAnswer {
    try await mailboxes.search(
      user,
      SearchRequest(
        query: try parseQuery(query).root, sort: .newestFirst, limit: limit, cursor: cursor, wantsTotal: true,
        wantsHighlights: highlights, facets: FacetRequest(facets), minimumSequence: minimum, waitForQueue: wait,
        deadline: .now + within))
  }

  /// The subjects of all that the query finds, newest first.
  func found(_ query: String, user: UserID = alice) async throws -> [String] {
    let answer = try await search(query, user: user)
    #expect(answer.total == answer.hits.count)
    return answer.hits.map(\.message.row.summary.subject)
  }

  func folder(_ role: FolderRole, of user: UserID = alice) async throws -> FolderSummary {
    try #require(try await mailboxes.folders(user).first { $0.row.role == role })
  }

  func changes(_ user: UserID = alice, since: UInt64 = 0) async throws -> [ChangeRow] {
    try await mailboxes.changes(
      user, since: SequenceNumber(rawValue: since), limit: 100_000, timeout: .zero
    ).map(\.row)
  }
}

/// The code of the refusal that `body` meets; `nil` when it does what was asked.
func refusal<Value: Sendable>(
  _ body: @Sendable () async throws -> Value
) async throws -> MailboxError.Code? {
  do {
    _ = try await body()
    return nil
  } catch let error as MailboxError {
    return error.code
  }
}

extension Result where Failure == any Error {
  var refusal: MailboxError.Code? {
    guard case .failure(let error) = self else { return nil }
    return (error as? MailboxError)?.code
  }

  var isSuccess: Bool { (try? get()) != nil }
}
