import Analysis
import Bytes
import Index
import Logging
import MailStore
import Query

/// The standing queries of those to whom mail came lately, ready to be asked: a shard's writer holds each mail against its
/// owner's before the mail is committed, so that what matches is announced by the same record.
///
/// What is kept is what the view's applied rows say: `note` follows every change, and what was rolled back is forgotten with
/// all else. Not thread-safe but for its statistics: only the shard's thread calls it.
final class StandingSearches {
  /// Of all queries that are kept; each takes some 1.5 KB.
  private static let maxWords = 16_384
  /// Who has none takes a few bytes.
  private static let maxUsers = 262_144

  private let analyzers: AnalyzerSet
  private let days: UserDays
  private let patience: Duration
  private let logger: Logger
  private var known: [UserID: StandingQueries] = [:]
  private var withoutAny: Set<UserID> = []
  private var wordCount = 0
  /// Asked from any thread.
  let statistics = Locked(StandingStatistics())

  /// - Parameter patience: the most that a mail is held up.
  init(analyzers: AnalyzerSet, days: UserDays, patience: Duration, logger: Logger) {
    self.analyzers = analyzers
    self.days = days
    self.patience = patience
    self.logger = logger
  }

  // MARK: Asking

  /// The searches that announce the mail.
  /// - Parameter makeLookups: gives what the user's names mean with the commit that brings the mail.
  /// - Returns: also whether all were asked.
  func matches(
    _ mail: ArrivedMail, of user: UserID, in view: MetadataView, _ makeLookups: () throws -> ArrivalLookups
  ) throws -> (searches: [SavedSearchID], isComplete: Bool) {
    guard let standing = try queries(of: user, in: view) else { return ([], true) }
    let begin = ContinuousClock.now
    let end = begin + patience
    var lookups: ArrivalLookups?
    let matches = try standing.matches(mail, analyzers, deadline: SearchDeadline { ContinuousClock.now > end }) {
      let made = try makeLookups()
      lookups = made
      return made.context(days.days(of: user).start)
    }
    try lookups?.check()
    if !matches.isComplete {
      logger.warning(
        "a mail was announced to some of its owner's saved searches only, because asking all took too long",
        metadata: ["user": "\(user)", "asked": "\(matches.askedCount)", "of": "\(standing.count)"])
    }
    statistics.withLock { $0.note(matches, took: ContinuousClock.now - begin) }
    return (matches.queries.map(SavedSearchID.init(rawValue:)), matches.isComplete)
  }

  /// A mail was stored without being announced.
  func noteFailure(_ error: any Error, of user: UserID) {
    logger.error("a mail was held against no saved search", metadata: ["user": "\(user)", "error": "\(error)"])
  }

  /// `nil` for a user who has none.
  private func queries(of user: UserID, in view: MetadataView) throws -> StandingQueries? {
    if withoutAny.contains(user) { return nil }
    if let queries = known[user] { return queries }
    var queries = StandingQueries()
    for search in try view.notifyingSearches(user) {
      do {
        queries.insert(try query(of: search), as: search.id.rawValue)
      } catch {
        // It was understood when it was saved, by another version. Mail must not wait for it.
        logger.warning("a saved search is not understood", metadata: ["user": "\(user)", "search": "\(search.id)"])
      }
    }
    keep(queries, of: user)
    return queries.isEmpty ? nil : queries
  }

  private func query(of search: SavedSearch) throws -> StandingQuery {
    try StandingQuery(parseQuery(search.query).root, analyzers)
  }

  private func keep(_ queries: StandingQueries, of user: UserID) {
    if queries.isEmpty {
      if withoutAny.count >= Self.maxUsers { withoutAny = [] }
      withoutAny.insert(user)
    } else {
      if wordCount + queries.wordCount > Self.maxWords { (known, wordCount) = ([:], 0) }
      known[user] = queries
      wordCount += queries.wordCount
    }
  }

  // MARK: Following

  /// The change was applied to the view.
  func note(_ change: ChangeBody, of user: UserID) {
    switch change {
    case .searchSaved(let search):
      // The first one of the user's is read with the next mail.
      if withoutAny.remove(user) != nil { return }
      update(user) { queries in
        queries.remove(search.id.rawValue)
        if search.notifies, let standing = try? query(of: search) { queries.insert(standing, as: search.id.rawValue) }
      }
    case .searchRemoved(let id): update(user) { $0.remove(id.rawValue) }
    case .mailboxRemoved:
      withoutAny.remove(user)
      forget(user)
    default: break
    }
  }

  /// In place: a copy of thousands would be dear.
  private func update(_ user: UserID, _ body: (inout StandingQueries) -> Void) {
    guard let before = known[user]?.wordCount else { return }
    body(&known[user]!)
    wordCount += known[user]!.wordCount - before
    if known[user]!.isEmpty { forget(user) }
    if wordCount > Self.maxWords { (known, wordCount) = ([:], 0) }
  }

  private func forget(_ user: UserID) { wordCount -= known.removeValue(forKey: user)?.wordCount ?? 0 }

  /// The view went back to an earlier state.
  func forgetAll() {
    (known, wordCount) = ([:], 0)
    withoutAny = []
  }

  // MARK: Room

  /// The most that a user's searches may cost every mail that comes: see `StandingQuery.dues`.
  static let maxDues = 1_000

  /// - Throws: `MailboxError` `.invalid` where the search asks too much of every mail, alone or with the user's others.
  func checkRoom(for search: SavedSearch, of user: UserID, in view: MetadataView) throws {
    let query: StandingQuery
    do {
      query = try self.query(of: search)
    } catch let error as QueryError {
      throw MailboxError(.invalid, error.message)
    }
    guard query.dues > 0, let others = try queries(of: user, in: view) else { return }
    let dues = others.dues - (others[search.id.rawValue]?.dues ?? 0) + query.dues
    guard dues <= Self.maxDues else {
      throw MailboxError(
        .invalid,
        """
        no word tells which mail this search need not be asked of, and too many searches of this mailbox are asked of every \
        mail already; add a word to it, or let others announce nothing
        """)
    }
  }
}

/// What standing queries cost a shard, since the start.
package struct StandingStatistics: Sendable {
  /// Mails of users who have standing queries.
  package private(set) var mails = 0
  /// Queries that were asked: those that the mails' words did not rule out.
  package private(set) var asked = 0
  package private(set) var matched = 0
  /// Mails with which the time was up before all were asked.
  package private(set) var cutShort = 0
  package private(set) var time = Duration.zero

  mutating func note(_ matches: StandingMatches, took: Duration) {
    mails += 1
    asked += matches.askedCount
    matched += matches.queries.count
    if !matches.isComplete { cutShort += 1 }
    time += took
  }
}
