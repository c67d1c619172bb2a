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

  private let sources: ArrivalSources
  private let index: ShardIndex
  private let patience: Duration
  private let logger: Logger
  private var known: [UserID: Asked] = [:]
  private var withoutAny: Set<UserID> = []
  private var wordCount = 0
  /// Asked from any thread.
  let statistics = Locked(StandingStatistics())

  /// - Parameters:
  ///   - index: tells in which languages a mailbox is written.
  ///   - patience: the most that a mail is held up by asking.
  init(_ sources: ArrivalSources, index: ShardIndex, patience: Duration, logger: Logger) {
    self.sources = sources
    self.index = index
    self.patience = patience
    self.logger = logger
  }

  /// A user's queries, and the analyzers that they went through.
  private struct Asked {
    var queries: StandingQueries
    let analyzers: AnalyzerSet
  }

  // MARK: Asking

  /// The searches that announce the mail.
  /// - Parameter makeLookups: gives what the user's names mean with the commit that brings the mail.
  /// - Returns: also whether all were asked.
  func matches(
    _ mail: ArrivedMail, of user: UserID, in view: MetadataView, _ makeLookups: () throws -> ArrivalLookups
  ) throws -> (searches: [SavedSearchID], isComplete: Bool) {
    let begin = ContinuousClock.now
    guard let asked = try asked(of: user, in: view) else { return ([], true) }
    let end = ContinuousClock.now + patience
    var lookups: ArrivalLookups?
    let deadline = SearchDeadline { ContinuousClock.now > end }
    let matches = try asked.queries.matches(mail, asked.analyzers, deadline: deadline) {
      let made = try makeLookups()
      lookups = made
      return made.context(sources.headers, sources.days.days(of: user).start)
    }
    try lookups?.check()
    if let error = matches.unreadHeader {
      logger.error(
        "a mail was held against no saved search that asks its header",
        metadata: ["user": "\(user)", "error": "\(error)"])
    }
    if !matches.isInTime {
      logger.warning(
        "a mail was announced to some of its owner's saved searches only, because asking all took too long",
        metadata: ["user": "\(user)", "asked": "\(matches.askedCount)", "of": "\(asked.queries.count)"])
    }
    statistics.withLock { $0.note(matches, took: ContinuousClock.now - begin) }
    return (matches.queries.map(SavedSearchID.init(rawValue:)), matches.isComplete)
  }

  /// A mail was stored without being announced.
  func noteFailure(_ error: any Error, of user: UserID) {
    logger.error("a mail was held against no saved search", metadata: ["user": "\(user)", "error": "\(error)"])
  }

  /// `nil` for a user who has none.
  private func asked(of user: UserID, in view: MetadataView) throws -> Asked? {
    if withoutAny.contains(user) { return nil }
    if let asked = known[user], asked.analyzers.stemming == languages(of: user) { return asked }
    // Made anew where the mailbox has come to be written in other languages.
    forget(user)
    let searches = try view.notifyingSearches(user)
    // Of who has none the index is asked nothing.
    let analyzers = searches.isEmpty ? sources.analyzers : sources.analyzers.with(languages(of: user))
    var queries = StandingQueries()
    for search in searches {
      do {
        queries.insert(try query(of: search, analyzers), as: search.id.rawValue)
      } catch {
        // It was understood when it was saved, by another version. Mail must not wait for it.
        logger.warning("a saved search is not understood", metadata: ["user": "\(user)", "search": "\(search.id)"])
      }
    }
    let asked = Asked(queries: queries, analyzers: analyzers)
    keep(asked, of: user)
    return queries.isEmpty ? nil : asked
  }

  /// In which words have forms, as in a search right now: the settings' languages, and the mailbox's own. Where those cannot be
  /// told because the index is damaged, the ones from before count, for a mail must not wait for a repair.
  private func languages(of user: UserID) -> StemmingLanguages {
    let usual = sources.analyzers.stemming
    guard let languages = sources.languages else { return usual }
    do {
      let own = try languages.languages(of: user, in: index)
      return usual.union(own)
    } catch {
      logger.error(
        "the languages of a mailbox cannot be told; its saved searches go on with those from before",
        metadata: ["user": "\(user)", "error": "\(error)"])
      return known[user]?.analyzers.stemming ?? usual
    }
  }

  private func query(of search: SavedSearch, _ analyzers: AnalyzerSet) throws -> StandingQuery {
    try StandingQuery(parseQuery(search.query).root, analyzers)
  }

  private func keep(_ asked: Asked, of user: UserID) {
    if asked.queries.isEmpty {
      if withoutAny.count >= Self.maxUsers { withoutAny = [] }
      withoutAny.insert(user)
    } else {
      if wordCount + asked.queries.wordCount > Self.maxWords { (known, wordCount) = ([:], 0) }
      known[user] = asked
      wordCount += asked.queries.wordCount
    }
  }

  // MARK: Following

  /// The change was applied to the view.
  func note(_ change: ChangeBody, of user: UserID) {
    switch change {
    case .searchSaved(let search):
      // The first one of the user's is read with the next mail.
      if withoutAny.remove(user) != nil { return }
      update(user) { asked in
        asked.queries.remove(search.id.rawValue)
        guard search.notifies, let standing = try? query(of: search, asked.analyzers) else { return }
        asked.queries.insert(standing, as: search.id.rawValue)
      }
    case .searchRemoved(let id): update(user) { $0.queries.remove(id.rawValue) }
    case .mailboxRemoved:
      withoutAny.remove(user)
      forget(user)
    default: break
    }
  }

  /// In place: a copy of thousands would be dear.
  private func update(_ user: UserID, _ body: (inout Asked) -> Void) {
    guard let before = known[user]?.queries.wordCount else { return }
    body(&known[user]!)
    wordCount += known[user]!.queries.wordCount - before
    if known[user]!.queries.isEmpty { forget(user) }
    if wordCount > Self.maxWords { (known, wordCount) = ([:], 0) }
  }

  private func forget(_ user: UserID) { wordCount -= known.removeValue(forKey: user)?.queries.wordCount ?? 0 }

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
    let asked = try asked(of: user, in: view)
    let query: StandingQuery
    do {
      query = try self.query(of: search, asked?.analyzers ?? sources.analyzers.with(languages(of: user)))
    } catch let error as QueryError {
      throw MailboxError(.invalid, error.message)
    }
    guard query.dues > 0, let others = asked?.queries else { return }
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
