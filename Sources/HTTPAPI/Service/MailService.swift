package import Bytes
package import MailStore

/// All that the routes need of the mail behind them, each call for one user who is known already.
///
/// Implementations run blocking work on their own threads. They answer nil, an empty list or `MailServiceError.notFound`
/// for what the user does not have, and never tell whether another user has it.
package protocol MailService: Sendable {
  // MARK: Folders

  /// All of the user's folders in the order of their making.
  func folders(of user: UserID) async throws -> [FolderSummary]
  /// - Throws: `MailServiceError` `.conflict` when the user has a folder of that name.
  func createFolder(named name: String, for user: UserID) async throws -> FolderWrite
  func renameFolder(_ folder: FolderID, to name: String, for user: UserID) async throws -> FolderWrite
  /// Removes the folder; its messages go to trash.
  /// - Throws: `MailServiceError` `.conflict` for a folder that has a role.
  func deleteFolder(_ folder: FolderID, for user: UserID) async throws -> SequenceNumber

  // MARK: Messages

  /// Newest first, those that come after `position`, at most `limit`.
  func messages(
    in folder: FolderID, isRead: Bool?, limit: Int, after position: MessagePosition?, of user: UserID
  ) async throws -> [PresentedMessage]
  func message(_ id: MessageID, of user: UserID) async throws -> PresentedMessage?
  /// What the message says, parsed from its original.
  func content(of row: MessageRow) async throws -> MessageContent
  /// Trace fields and stored original: `row.size` bytes, in the pieces that they are kept in.
  func original(of row: MessageRow) async throws -> [[UInt8]]
  /// The decoded content of the part, nil when the message has no such part.
  func attachment(_ partPath: String, of row: MessageRow) async throws -> [UInt8]?
  /// The thread with at most `limit` of its messages, oldest first, those that come after `position`.
  /// - Parameter id: the thread's own, the one it was founded with.
  func thread(
    _ id: MessageID, limit: Int, after position: MessagePosition?, of user: UserID
  ) async throws -> PresentedThread?

  // MARK: Writing

  // All of the messages or, when the user does not have one of them, none and `MailServiceError` `.notFound`.

  func update(_ ids: [MessageID], _ change: MessageChange, of user: UserID) async throws -> MessageWrite
  /// To trash, or for good. The answer holds the messages as they are or, removed for good, as they were.
  func delete(_ ids: [MessageID], permanently: Bool, of user: UserID) async throws -> MessageWrite

  // MARK: What is spam

  /// Moves the message where it belongs then, and has filters learn it.
  func report(_ id: MessageID, as report: MailReport, of user: UserID) async throws -> MessageWrite
  /// In the order of their text.
  func blockedSenders(of user: UserID) async throws -> [SenderPattern]
  /// Nothing changes for one that is blocked already.
  /// - Throws: `MailServiceError` `.invalid` for one too many.
  func block(_ sender: SenderPattern, for user: UserID) async throws
  /// - Throws: `MailServiceError` `.notFound` for one that is not blocked.
  func unblock(_ sender: SenderPattern, for user: UserID) async throws

  // MARK: Saved searches

  /// In the order of their making, those after `last`, at most `limit`.
  func savedSearches(after last: SavedSearchID?, limit: Int, of user: UserID) async throws -> [SavedSearch]
  func savedSearch(_ id: SavedSearchID, of user: UserID) async throws -> SavedSearch?
  /// - Throws: `InvalidQuery`; `MailServiceError` `.conflict` when the user has a search of that name, `.invalid` for one
  ///   too many.
  func createSearch(
    named name: String, query: String, notifies: Bool, for user: UserID
  ) async throws -> SavedSearchWrite
  func updateSearch(
    _ id: SavedSearchID, _ change: SavedSearchChange, for user: UserID
  ) async throws -> SavedSearchWrite
  func deleteSearch(_ id: SavedSearchID, for user: UserID) async throws -> SequenceNumber

  // MARK: Finding and following

  /// Gives up at the command's deadline, nobody else ends it: later only by what a thread does at that moment that cannot be
  /// broken off, as reading from a slow disk.
  /// - Parameter render: makes of the page what is wanted; called where the search ran, and so off the event loops, which
  ///   a long page would hold up, and without another change of thread.
  /// - Throws: `InvalidQuery`; `MailServiceError` `.invalid` for a cursor of another search, `.deadlinePassed`, `.notFound` where the
  ///   message that is to be explained is none of the user's.
  func search<Value: Sendable>(
    _ command: SearchCommand, of user: UserID, render: @escaping @Sendable (SearchPage) -> Value
  ) async throws -> Value
  /// What the last word of a query that is being typed may become, at most `limit` of each kind.
  /// - Throws: `MailServiceError` `.deadlinePassed`.
  func suggestions(
    for query: String, limit: Int, deadline: ContinuousClock.Instant, of user: UserID
  ) async throws -> [SearchSuggestion]
  /// What changed after `since`, oldest first; waits up to `timeout` while there is nothing, or until it is cancelled.
  /// - Throws: `MailServiceError` `.invalid` when `since` is ahead of everything that happened.
  func events(
    since: SequenceNumber, limit: Int, timeout: Duration, of user: UserID
  ) async throws -> EventPage

  /// What the service tells of itself: sums over all users, nothing of one.
  func metrics() async -> [MetricFamily]

  /// Nil when requests can be served, else why not yet.
  func reasonForNotBeingReady() async -> String?
}
