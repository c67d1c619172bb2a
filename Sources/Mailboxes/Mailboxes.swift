package import Analysis
package import Bytes
package import Foundation
import Index
package import Logging
package import MailStore
import Query

/// The one door to all mail: every write to a mailbox and every read of one passes here.
///
/// A write is durable and searchable when its call returns. A read sees everything answered before it. Calls may come
/// from any task; blocking work runs on the door's own threads.
package final class Mailboxes: Sendable {
  let shards: [Shard]
  let directory: DataDirectory
  let packs: PackStore
  let originals: OriginalStore
  let queue: InboundQueue?
  let analyzers: AnalyzerSet
  let clock: any WallClock
  let cursorSecret: [UInt8]
  let threads: BlockingThreads
  let board = SequenceBoard()
  let coldLoads = ColdLoads()
  let pacer: CompactionPacer
  /// `nil` where words have no forms but those of the settings' languages.
  private let languages: LanguageMemory?
  let searches = Locked(Histogram(bounds: Mailboxes.searchSeconds))
  let days: UserDays
  let headers: StoredHeaders
  private let ownAddresses: @Sendable (UserID) -> [String]?

  /// - Parameters:
  ///   - queue: whose unprocessed mail a search waits for; `nil` where nothing is received.
  ///   - cursorSecret: authenticates search cursors; kept with the data so that cursors outlive a restart.
  ///   - timeZone: of the days in queries of users who have none of their own.
  ///   - zoneOfUser: the name of a user's own; asked for each search, and must not block.
  ///   - detectsLanguages: a query's words have forms in the languages of the mailbox too.
  ///   - ownAddresses: the addresses of a user, lower case: they do not count as shared participants of a thread; `nil`
  ///     for a number that is no user's, or no more: nothing is written for it.
  package init(
    directory: DataDirectory, fileSystem: any FileSystem, packs: PackStore, originals: OriginalStore,
    queue: InboundQueue?, analyzers: AnalyzerSet, clock: any WallClock, cursorSecret: [UInt8], threads: BlockingThreads,
    logger: Logger, timeZone: TimeZone, zoneOfUser: @escaping @Sendable (UserID) -> String? = { _ in nil },
    detectsLanguages: Bool = false, options: ShardOptions = ShardOptions(),
    ownAddresses: @escaping @Sendable (UserID) -> [String]?
  ) throws {
    self.directory = directory
    self.packs = packs
    self.originals = originals
    self.queue = queue
    self.analyzers = analyzers
    self.clock = clock
    self.cursorSecret = cursorSecret
    self.threads = threads
    let days = UserDays(usual: timeZone, zoneOfUser: zoneOfUser)
    self.days = days
    self.ownAddresses = ownAddresses
    let languages = detectsLanguages ? LanguageMemory() : nil
    self.languages = languages
    headers = StoredHeaders(originals: originals)
    let arrivals = ArrivalSources(analyzers: analyzers, languages: languages, headers: headers, days: days)
    let board = board
    let pacer = CompactionPacer(bytesPerSecond: options.compactionRate)
    self.pacer = pacer
    shards = try (0..<directory.shardCount).map { number in
      try Shard(
        opening: number, directory: directory.shardDirectory(number), fileSystem: fileSystem, analyzers: analyzers,
        clock: clock, board: board, arrivals: arrivals, pacer: pacer, logger: logger, options: options)
    }
  }

  /// Makes everything durable in its final place. Blocks.
  package func close() {
    // All at once: they wait for each other's steps.
    for shard in shards { shard.stopCompaction() }
    for shard in shards { shard.close() }
  }

  /// Something was stopped by a failed sync, and is so until the process has restarted.
  package var hasStopped: Bool { packs.hasStopped || shards.contains { $0.isStopped } }

  /// As its rows have it.
  package var now: Timestamp { clock.now() }

  func shard(of user: UserID) -> Shard { shards[directory.shard(of: user)] }

  /// Finds in a mailbox what a query means there. Blocks.
  /// - Parameter query: without words the mailbox is not asked for its languages.
  func searcher(for snapshot: UserSnapshot, _ query: QueryNode? = nil) throws -> Searcher {
    guard let languages, query?.hasWords ?? false else {
      return Searcher(analyzers: analyzers, cursorSecret: cursorSecret)
    }
    let own = try languages.languages(of: snapshot.user, in: shard(of: snapshot.user).index)
    return Searcher(analyzers: analyzers.with(analyzers.stemming.union(own)), cursorSecret: cursorSecret)
  }

  /// Runs a read on the door's threads against a snapshot that holds everything answered to the user.
  func read<Value: Sendable>(
    _ user: UserID, _ body: @escaping @Sendable (MetadataReader) throws -> Value
  ) async throws -> Value {
    let shard = shard(of: user)
    return try await threads.run { try shard.read(for: user, body) }
  }
}

// MARK: - Writing

extension Mailboxes {
  /// Runs a job on the user's shard, if there is that user still: asked on the shard's own thread, so that nothing makes
  /// a mailbox anew behind its removal.
  private func write<Value: Sendable>(
    _ user: UserID, _ work: @escaping @Sendable (ShardTransaction, [String]) throws -> Value
  ) async throws -> Value {
    let ownAddresses = ownAddresses
    return try await shard(of: user).perform { transaction in
      guard let own = ownAddresses(user) else { throw MailboxError(.notFound, "no such user") }
      return try work(transaction, own)
    }
  }

  /// Makes the mailbox's folders; nothing when it has them.
  package func createMailbox(_ user: UserID) async throws {
    try await write(user) { transaction, _ in _ = try transaction.createMailbox(user) }
  }

  /// Everyone who has a mailbox. Blocks.
  package func users() throws -> [UserID] { try shards.flatMap { try $0.users() } }

  /// Removes all of a user's mail from rows and index. After the account: then no mail comes behind it.
  package func removeMailbox(_ user: UserID) async throws {
    try await shard(of: user).perform { transaction in
      _ = try transaction.stage(user, [.mailboxRemoved], index: [.removeUser(user)])
    }
  }

  package func deliver(_ message: NewMessage, to user: UserID) async throws -> DeliveryOutcome {
    try await shard(of: user).admitDelivery()
    return try await write(user) { try $0.deliver(message, to: user, ownAddresses: $1) }
  }

  /// The user's live messages whose bytes have this hash: nearly always, but not surely, the same bytes.
  package func messages(_ user: UserID, contentHash: UInt64) async throws -> [MessageRow] {
    try await write(user) { transaction, _ in
      try transaction.view.liveMessages(user, contentHash: contentHash)
        .compactMap { try transaction.view.row(user, $0) }
    }
  }

  /// Drops the marks that kept queue items from being delivered twice. Only after the items are durably finished.
  package func forget(_ items: [FinishedItem]) async throws {
    var marks: [Int: [(user: UserID, item: QueueItemID)]] = [:]
    for item in items {
      for user in item.users { marks[directory.shard(of: user), default: []].append((user, item.id)) }
    }
    for (shard, own) in marks {
      try await shards[shard].perform { transaction in
        for mark in own { try transaction.forget(mark.item, of: mark.user) }
      }
    }
  }

  package func update(_ user: UserID, ids: [MessageID], _ update: MessageUpdate) async throws -> WriteAnswer {
    try await write(user) { transaction, _ in try transaction.update(ids, update, of: user) }
  }

  package func delete(_ user: UserID, ids: [MessageID], permanent: Bool) async throws -> WriteAnswer {
    try await write(user) { transaction, _ in try transaction.delete(ids, permanent: permanent, of: user) }
  }

  package func createFolder(_ user: UserID, name: String) async throws -> (FolderRow, SequenceNumber) {
    try await write(user) { transaction, _ in try transaction.createFolder(name, of: user) }
  }

  /// - Throws: `QueryError` for a query that cannot be understood; `MailboxError`.
  package func createSearch(
    _ user: UserID, name: String, query: String, notifies: Bool
  ) async throws -> (SavedSearch, SequenceNumber) {
    try checkQuery(query)
    return try await write(user) { transaction, _ in
      try transaction.createSearch(name, query: query, notifies: notifies, of: user)
    }
  }

  /// - Throws: `QueryError` for a query that cannot be understood; `MailboxError`.
  package func updateSearch(
    _ user: UserID, _ id: SavedSearchID, _ update: SavedSearchUpdate
  ) async throws -> (SavedSearch, SequenceNumber) {
    if let query = update.query { try checkQuery(query) }
    return try await write(user) { transaction, _ in try transaction.updateSearch(id, update, of: user) }
  }

  package func deleteSearch(_ user: UserID, _ id: SavedSearchID) async throws -> SequenceNumber {
    try await write(user) { transaction, _ in try transaction.deleteSearch(id, of: user) }
  }

  package func renameFolder(
    _ user: UserID, _ folder: FolderID, to name: String
  ) async throws -> (FolderRow, SequenceNumber) {
    try await write(user) { transaction, _ in try transaction.renameFolder(folder, to: name, of: user) }
  }

  /// The folder's messages go to the trash.
  package func deleteFolder(_ user: UserID, _ folder: FolderID) async throws -> SequenceNumber {
    try await write(user) { transaction, _ in try transaction.deleteFolder(folder, of: user) }
  }
}
