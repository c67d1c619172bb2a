package import Bytes
import Foundation
import GRDB

/// A shard's metadata in `mail.sqlite`: the queryable view of its journal.
///
/// One owner writes. Its transaction stays open from the first `apply` to `commit`, so it sees its own rows at once;
/// readers see what was committed. Whoever commits sees to it that the journal holds all applied records durably: then
/// a crash leaves the view at an earlier record, and `Journal.replay(after: appliedSequence)` brings it up to date.
///
/// The file is in WAL mode with `synchronous=NORMAL`: a commit waits for no disk, and `checkpoint` says up to which
/// record the view would survive a power loss.
package final class MetadataView: Sendable {
  private let path: String
  private let pool: DatabasePool
  private let checkpointer: MetadataCheckpointer
  private let state: State
  private let committed: Locked<SequenceNumber>

  // Sendable because it is touched only inside the pool's writer accesses, of which one runs at a time.
  private final class State: @unchecked Sendable {
    var writer: MetadataWriter
    var isOpen = false
    /// An `apply` or a `commit` stopped half-way: nothing but `abandon` is possible.
    var isBroken = false
    /// Why the last `abandon` did not mend that.
    var abandonFailure: (any Error)?

    init(applied: SequenceNumber) { writer = MetadataWriter(applied: applied) }
  }

  /// A checkpoint by the writer itself only when nobody checkpointed for this many pages (32 MiB).
  private static let automaticCheckpointPages = 8_192
  private static let writerCacheKibibytes = 8_192
  private static let readerCacheKibibytes = 1_024

  /// Opens the view, making the file when there is none.
  /// - Parameter fileSystem: syncs what SQLite has written to the machine's own files.
  /// - Throws: `StoreError` for a file that is damaged or of a newer version.
  package init(path: String, fileSystem: any FileSystem = PosixFileSystem()) throws {
    self.path = path
    let (pool, checkpointer, applied) = try StoreError.translatingDatabaseErrors(path) {
      var configuration = Configuration()
      configuration.allowsUnsafeTransactions = true
      configuration.busyMode = .timeout(10)
      configuration.maximumReaderCount = 4
      configuration.prepareDatabase { database in
        guard !database.configuration.readonly else {
          return try database.execute(sql: "PRAGMA cache_size = -\(Self.readerCacheKibibytes)")
        }
        // Counts only before the file has its first page.
        try database.execute(sql: "PRAGMA page_size = \(MetadataSchema.pageByteCount)")
        try database.execute(
          sql: """
            PRAGMA cache_size = -\(Self.writerCacheKibibytes);
            PRAGMA wal_autocheckpoint = \(Self.automaticCheckpointPages);
            """)
      }
      let pool = try DatabasePool(path: path, configuration: configuration)
      // After opening: GRDB sets it itself where it turns WAL on, and would be free to choose another.
      try pool.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA synchronous = NORMAL")
        try MetadataSchema.prepare(database, path: path)
      }
      let checkpointer = try MetadataCheckpointer(path: path, fileSystem: fileSystem)
      return (pool, checkpointer, try pool.read { try MetadataReader($0).appliedSequence() })
    }
    self.pool = pool
    self.checkpointer = checkpointer
    state = State(applied: applied)
    committed = Locked(applied)
  }

  package func close() {
    abandon()
    checkpointer.close()
    try? pool.close()
  }

  /// Of the last applied record, committed or not.
  package var appliedSequence: SequenceNumber { pool.writeWithoutTransaction { _ in state.writer.applied } }

  // MARK: - Writing

  /// Applies the record that follows `appliedSequence`.
  /// - Throws: `StoreError`; the view is then half-way through a record, and everything but `abandon` throws.
  package func apply(_ record: JournalRecord) throws {
    try write { database in
      state.isBroken = true
      if !state.isOpen {
        try database.beginTransaction(.immediate)
        state.isOpen = true
      }
      try state.writer.apply(record, database)
      state.isBroken = false
    }
  }

  /// Shows the applied records to readers. The journal must hold them durably.
  package func commit() throws {
    try write { database in
      guard state.isOpen else { return }
      state.isBroken = true
      try state.writer.flush(database)
      try database.commit()
      state.isOpen = false
      committed.withLock { $0 = state.writer.applied }
      state.isBroken = false
    }
  }

  /// Goes back to the last commit: the one that the file tells of, for a commit that failed may have been made. Should this
  /// fail, everything but another `abandon` throws.
  package func abandon() {
    pool.writeWithoutTransaction { database in
      state.isBroken = true
      do {
        // SQLite has rolled back itself after a full disk and other errors.
        if database.isInsideTransaction { try database.rollback() }
        let applied = try MetadataReader(database).appliedSequence()
        state.writer = MetadataWriter(applied: applied)
        committed.withLock { $0 = applied }
        state.isOpen = false
        state.isBroken = false
        state.abandonFailure = nil
      } catch {
        state.abandonFailure = error
      }
    }
  }

  /// Makes what is committed durable and moves it from the log of SQLite into the file. From any thread; holds up nobody.
  /// - Returns: the last record that is known to survive a power loss; zero as long as readers hold up the first move of
  ///   what an earlier process left in the log.
  /// - Throws: `StoreError`; `.stopped` after a failed sync, until the view is opened again.
  package func checkpoint() throws -> SequenceNumber {
    let durable = committed.withLock { $0 }
    return try StoreError.translatingDatabaseErrors(path) { try checkpointer.checkpoint() ? durable : .zero }
  }

  // MARK: - The writer's reads, which see what it applied

  /// The docID for the user's next message.
  package func nextDocID(_ user: UserID) throws -> DocID {
    DocID(rawValue: try mailbox(user).nextDocID)
  }

  package func nextUserSequence(_ user: UserID) throws -> SequenceNumber {
    SequenceNumber(rawValue: try mailbox(user).nextSequence)
  }

  package func lastUserSequence(_ user: UserID) throws -> SequenceNumber {
    SequenceNumber(rawValue: try mailbox(user).nextSequence &- 1)
  }

  /// The number for the user's next folder: never one that a removed folder had.
  package func nextFolderID(_ user: UserID) throws -> FolderID {
    FolderID(rawValue: try mailbox(user).nextFolderID)
  }

  /// As they are now; empty for a user without a mailbox.
  /// - Complexity: O(1). Whoever keeps it while changes are applied has it copied.
  package func folders(_ user: UserID) throws -> FolderCatalog { try mailbox(user).folders }

  /// What the user's messages take, with their trace fields.
  /// - Complexity: O(1).
  package func byteCount(_ user: UserID) throws -> UInt64 { try mailbox(user).byteCount }

  package func row(_ user: UserID, _ docID: DocID) throws -> MessageRow? {
    try readUncommitted { try $0.row(user, docID) }
  }

  package func delivered(_ user: UserID, _ item: QueueItemID) throws -> DocID? {
    try readUncommitted { try $0.delivered(user, item) }
  }

  package func liveMessages(_ user: UserID, contentHash: UInt64) throws -> [DocID] {
    try readUncommitted { try $0.liveMessages(user, contentHash: contentHash) }
  }

  package func threadRows(_ user: UserID, _ thread: ThreadID) throws -> [MessageRow] {
    try readUncommitted { try $0.threadRows(user, thread) }
  }

  package func folderRows(_ user: UserID, _ folder: FolderID, limit: Int) throws -> [MessageRow] {
    try readUncommitted { try $0.folderPage(user, folder: folder, isRead: nil, limit: limit, after: nil) }
  }

  package func allAttributes(_ user: UserID) throws -> [MessageAttributes] {
    try readUncommitted { try $0.allAttributes(user) }
  }

  package func search(_ user: UserID, _ id: SavedSearchID) throws -> SavedSearch? {
    try readUncommitted { try $0.search(user, id) }
  }

  package func search(_ user: UserID, named name: String) throws -> SavedSearch? {
    try readUncommitted { try $0.search(user, named: name) }
  }

  package func searchCounts(_ user: UserID) throws -> SavedSearchCounts {
    try readUncommitted { try $0.searchCounts(user) }
  }

  package func documentRetry(_ user: UserID, _ docID: DocID) throws -> DocumentRetry? {
    try readUncommitted { try $0.documentRetry(user, docID) }
  }

  package func notifyingSearches(_ user: UserID) throws -> [SavedSearch] {
    try readUncommitted { try $0.notifyingSearches(user) }
  }

  /// Where a new message belongs, by everything applied so far.
  package func decideThread(_ user: UserID, _ input: ThreadingInput) throws -> ThreadDecision {
    try write { database in try ThreadFinder(database: database, user: user).decide(input) }
  }

  /// Runs reads that see applied records. Folder counters and the user's numbers are as of the last commit there.
  package func readUncommitted<Value>(_ body: (MetadataReader) throws -> Value) throws -> Value {
    try write { database in try body(MetadataReader(database)) }
  }

  /// How the writer's connection is set, for the tests that hold it to the promise above.
  package func writerSettings() throws -> [String: String] {
    try write { database in
      try ["journal_mode", "synchronous", "page_size"].reduce(into: [:]) { settings, name in
        settings[name] = try String.fetchOne(database, sql: "PRAGMA \(name)")
      }
    }
  }

  private func mailbox(_ user: UserID) throws -> MailboxState {
    try write { database in try state.writer.state(of: user, database) }
  }

  private func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try StoreError.translatingDatabaseErrors(path) {
      try pool.writeWithoutTransaction { database in
        if state.isBroken {
          let failure = state.abandonFailure.map { ", which failed: \($0)" } ?? ""
          throw StoreError(
            code: .failed, message: "\(path) stopped inside a record; abandon it and replay\(failure)")
        }
        return try body(database)
      }
    }
  }

  // MARK: - Reading

  /// Reads one snapshot of what is committed. From any thread; blocks.
  package func read<Value>(_ body: (MetadataReader) throws -> Value) throws -> Value {
    try StoreError.translatingDatabaseErrors(path) { try pool.read { try body(MetadataReader($0)) } }
  }
}
