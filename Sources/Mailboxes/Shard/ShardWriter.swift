import Bytes
import Index
import Logging
import MailStore
import Synchronization

/// The one writer of a shard: runs batches of jobs on the shard's thread and makes each batch durable with one sync.
///
/// For each batch, in this order:
///
///     run jobs ── stage: apply to the view's open transaction, collect journal records and index mutations
///     journal: append, one fdatasync                    the batch is durable
///     index: apply in memory                            the batch is searchable
///     complete the jobs                                 the callers are answered
///     upkeep                                            nothing is staged: the view may be committed
///
/// The view's transaction is committed later (`commitView`), and then never holds what the journal does not hold durably;
/// so upkeep waits for the end of its batch. When staging fails half-way the view is rolled back and replayed from the
/// journal, which knows nothing of the batch; when the sync fails the shard writes no more, because the kernel may have
/// dropped the bytes, and goes on answering reads of what was durable before.
///
/// Not thread-safe: only the shard's thread calls it.
final class ShardWriter: @unchecked Sendable {
  // Sendable because only the shard's thread uses it, but for what is an atomic or behind a lock.
  private let journal: Journal
  private let view: MetadataView
  private let index: ShardIndex
  private let clock: any WallClock
  private let board: SequenceBoard
  private let standing: StandingSearches
  /// Asked from any thread.
  let sizes: MailboxSizes
  private let logger: Logger
  private let options: ShardOptions
  private var lastSequence: SequenceNumber
  /// The view lacks records that the journal holds: replay before anything else.
  private var isViewBehind = false
  /// The failed sync after which nothing is written.
  private var syncFailure: (any Error)?
  private var changesSinceCommit = 0
  private var firstChangeSinceCommit: ContinuousClock.Instant?
  /// What the view's readers cannot see yet; asked from any thread.
  private let uncommitted = Locked<[UserID: UncommittedChanges]>([:])
  /// Asked from any thread.
  let folderCache = FolderCache()
  /// A sync failed; from any thread.
  private let hasStopped = Atomic<Bool>(false)
  /// Asks for a flush and a trim beside the writer.
  var requestMaintenance: @Sendable () -> Void = {}

  /// A commit at the latest after so many changes, or with the first batch after so long, keeps recovery and the
  /// write-ahead log of SQLite short.
  static let maxUncommittedChanges = 256
  static let maxUncommittedTime = Duration.seconds(1)
  /// A flush when the arena holds so much, or less when nothing else goes on: bounds memory and replay.
  static let flushByteCount = 8 << 20
  static let idleFlushByteCount = 1 << 20

  init(
    journal: Journal, view: MetadataView, index: ShardIndex, clock: any WallClock, board: SequenceBoard,
    standing: StandingSearches, sizes: MailboxSizes, logger: Logger, lastSequence: SequenceNumber, options: ShardOptions
  ) {
    self.journal = journal
    self.view = view
    self.index = index
    self.clock = clock
    self.board = board
    self.standing = standing
    self.sizes = sizes
    self.logger = logger
    self.lastSequence = lastSequence
    self.options = options
  }

  func process(_ jobs: [ShardJob]) {
    var writes = jobs.compactMap { job in
      if case .write(let run, let fail) = job { return Write(run: run, fail: fail) }
      return nil
    }
    while !writes.isEmpty { writes = write(writes) }
    for case .upkeep(let work) in jobs { work(self) }
  }

  private struct Write {
    let run: @Sendable (ShardTransaction) throws -> ShardJob.Completion
    let fail: @Sendable (any Error) -> Void
  }

  /// - Returns: the jobs that are still to run: those behind a batch that is large enough, and those of a batch that was
  ///   rolled back because one of them failed after it had staged something.
  private func write(_ jobs: [Write]) -> [Write] {
    do {
      if let syncFailure { throw stopped(syncFailure) }
      try catchUp()
      try makeRoom()
    } catch {
      for job in jobs { job.fail(error) }
      return []
    }
    let transaction = ShardTransaction(
      view: view, clock: clock, standing: standing, lastSequence: lastSequence)
    var completions: [ShardJob.Completion] = []
    var pending: [Write] = []
    var rest: ArraySlice<Write> = []
    for (position, job) in jobs.enumerated() {
      if transaction.byteCount >= options.batchByteCount {
        rest = jobs[position...]
        break
      }
      let stagedBefore = transaction.records.count
      do {
        completions.append(try job.run(transaction))
        pending.append(job)
      } catch let error as MailboxError where transaction.records.count == stagedBefore {
        job.fail(error)
      } catch let error as MailboxError {
        fallBehind(because: error)
        job.fail(error)
        return pending + jobs[(position + 1)...]
      } catch {
        abandon(pending + jobs[position...], because: error)
        return []
      }
    }
    guard makeDurable(transaction, pending) else { return Array(rest) }
    index.apply(
      transaction.mutations, shardSequence: transaction.lastSequence, userSequences: transaction.userSequences)
    board.publish(transaction.userSequences)
    noteSizes(of: transaction.userSequences.keys)
    for complete in completions { complete() }
    commitViewIfDue()
    if index.unflushedByteCount >= Self.flushByteCount { requestMaintenance() }
    return Array(rest)
  }

  private func makeRoom() throws {
    guard index.unflushedByteCount >= options.maxUnflushedByteCount else { return }
    do {
      try index.flush()
    } catch {
      throw index.isStopped
        ? stopped(error) : MailboxError(.busy, "the index cannot be written just now; try again", cause: error)
    }
  }

  /// What standing queries have cost. From any thread.
  var standingStatistics: StandingStatistics { standing.statistics.withLock { $0 } }

  var isStopped: Bool { hasStopped.load(ordering: .relaxed) }

  /// Nothing was written for a while.
  func becomeIdle() {
    do {
      try commitView()
    } catch {
      logger.error("metadata view not committed", metadata: ["error": "\(error)"])
    }
    if index.unflushedByteCount >= Self.idleFlushByteCount { requestMaintenance() }
  }

  /// Whether readers of the view would miss something answered to `user`. From any thread.
  func hasUncommittedChanges(of user: UserID) -> Bool { uncommitted.withLock { $0[user] != nil } }

  /// The same, told: with them and the view a reader has everything answered to `user`. From any thread.
  func uncommittedChanges(of user: UserID) -> UncommittedChanges {
    uncommitted.withLock { $0[user] } ?? UncommittedChanges()
  }

  /// Ends the view's open transaction, so that its readers see everything that was answered.
  func commitView() throws {
    try catchUp()
    guard changesSinceCommit > 0 else { return }
    do {
      try view.commit()
      changesSinceCommit = 0
      firstChangeSinceCommit = nil
      uncommitted.withLock { $0 = [:] }
    } catch {
      fallBehind(because: error)
      throw temporary(error)
    }
  }

  /// Deletes the journal files that both views are durable past.
  func trimJournal(through sequence: SequenceNumber) throws {
    try journal.trim(through: sequence)
  }

  // MARK: - Making a batch durable

  /// - Returns: false when the batch failed and its jobs have been told.
  private func makeDurable(_ transaction: ShardTransaction, _ jobs: [Write]) -> Bool {
    guard !transaction.records.isEmpty else { return true }
    do {
      try journal.append(transaction.records)
      try journal.sync()
    } catch {
      if isTemporary(error) { abandon(jobs, because: error) } else { stop(jobs, because: error) }
      return false
    }
    lastSequence = transaction.lastSequence
    changesSinceCommit += transaction.records.reduce(0) { $0 + $1.changes.count }
    firstChangeSinceCommit = firstChangeSinceCommit ?? .now
    note(transaction.records.flatMap(\.changes))
    return true
  }

  /// The view has applied the batch, and nothing else yet.
  private func noteSizes(of users: some Sequence<UserID>) {
    for user in users {
      // Kept in memory for whoever was just written for.
      if let byteCount = try? view.byteCount(user) { sizes.note(byteCount, of: user) }
    }
  }

  /// Before the index has the changes: what a search finds is committed, or noted here.
  private func note(_ changes: [Change]) {
    uncommitted.withLock { uncommitted in
      for change in changes {
        uncommitted[change.user, default: UncommittedChanges()].note(change.body)
      }
    }
    for change in changes where change.body.changesFolders { folderCache.forget(change.user) }
  }

  private func commitViewIfDue() {
    guard let firstChangeSinceCommit else { return }
    guard changesSinceCommit >= Self.maxUncommittedChanges || .now - firstChangeSinceCommit >= Self.maxUncommittedTime
    else { return }
    do {
      try commitView()
    } catch {
      // Nothing is lost: the journal holds the changes, and the next batch replays them first.
      logger.error("metadata view not committed", metadata: ["error": "\(error)"])
    }
  }

  // MARK: - Trouble

  private func abandon(_ jobs: [Write], because error: any Error) {
    fallBehind(because: error)
    for job in jobs { job.fail(temporary(error)) }
  }

  private func stop(_ jobs: [Write], because error: any Error) {
    fallBehind(because: error)
    syncFailure = error
    hasStopped.store(true, ordering: .relaxed)
    logger.critical("shard stopped: its journal could not be synced", metadata: ["error": "\(error)"])
    for job in jobs { job.fail(stopped(error)) }
  }

  private func fallBehind(because error: any Error) {
    view.abandon()
    standing.forgetAll()
    changesSinceCommit = 0
    firstChangeSinceCommit = nil
    isViewBehind = true
    logger.error("metadata view rolled back to its last commit", metadata: ["error": "\(error)"])
  }

  /// Replays into a view that was rolled back what the journal holds durably.
  private func catchUp() throws {
    guard isViewBehind else { return }
    do {
      try journal.replay(after: view.appliedSequence) { record in
        guard record.sequence <= lastSequence else { return }
        try view.apply(record)
      }
      try view.commit()
    } catch {
      view.abandon()
      throw temporary(error)
    }
    uncommitted.withLock { $0 = [:] }
    isViewBehind = false
  }

  private func isTemporary(_ error: any Error) -> Bool {
    if let error = error as? FileError { return error.isTemporary }
    if let error = error as? StoreError { return error.code == .noSpace || error.code == .tooLarge }
    return false
  }

  private func temporary(_ error: any Error) -> MailboxError {
    error as? MailboxError ?? MailboxError(.busy, "the mailbox cannot be written just now; try again", cause: error)
  }

  private func stopped(_ error: any Error) -> MailboxError {
    MailboxError(.stopped, "the mailbox stopped after a failed write to disk; restart the service", cause: error)
  }
}

extension ChangeBody {
  /// Whether a list of the user's folders, without their counts, is another one now.
  fileprivate var changesFolders: Bool {
    switch self {
    case .folderCreated, .folderRenamed, .folderRemoved, .mailboxRemoved: true
    case .messageAdded, .messageUpdated, .messageRemoved, .threadsMerged, .queueItemFinished, .searchSaved,
      .searchRemoved, .messageMatched, .documentsMissed, .messageReread:
      false
    }
  }
}
