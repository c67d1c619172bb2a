package import Bytes
package import Foundation
import Index
import MailStore
package import Query

/// A search as the door takes it.
package struct SearchRequest: Sendable {
  package var query: QueryNode
  package var sort: Query.SortOrder
  package var limit: Int
  package var cursor: String?
  package var wantsTotal: Bool
  package var wantsHighlights: Bool
  package var facets: FacetRequest
  /// The answer must reflect the user's changes up to here; the deadline bounds the wait for it.
  package var minimumSequence: SequenceNumber?
  /// How long to wait for the user's mail that was acknowledged and is not processed yet; at most until the deadline.
  package var waitForQueue: Duration
  package var deadline: ContinuousClock.Instant
  /// How long the query's text took to parse: given, the answer explains how it was found.
  package var explainsAfterParsing: Duration?
  /// The message, by its public id or Message-ID, of which the answer is to tell why it is a hit or none.
  package var explainedMessage: String?
  /// A first page with next to no hits is to tell of words that would find more.
  package var wantsSpelling: Bool
  /// Of the days in the query; `nil` for the user's own.
  package var timeZone: TimeZone?

  package init(
    query: QueryNode, sort: Query.SortOrder, limit: Int, cursor: String?, wantsTotal: Bool, wantsHighlights: Bool,
    facets: FacetRequest = .none, minimumSequence: SequenceNumber?, waitForQueue: Duration,
    deadline: ContinuousClock.Instant, explainsAfterParsing: Duration? = nil, explainedMessage: String? = nil,
    wantsSpelling: Bool = false, timeZone: TimeZone? = nil
  ) {
    self.query = query
    self.sort = sort
    self.limit = limit
    self.cursor = cursor
    self.wantsTotal = wantsTotal
    self.wantsHighlights = wantsHighlights
    self.facets = facets
    self.minimumSequence = minimumSequence
    self.waitForQueue = waitForQueue
    self.deadline = deadline
    self.explainsAfterParsing = explainsAfterParsing
    self.explainedMessage = explainedMessage
    self.wantsSpelling = wantsSpelling
    self.timeZone = timeZone
  }
}

package struct SearchHit: Sendable {
  package let message: NamedMessage
  /// How relevant it is, where the order asks that.
  package let score: Double?
  package let highlights: Highlights?
}

package struct SearchAnswer: Sendable {
  package let total: Int?
  package let hits: [SearchHit]
  /// In the order asked for; empty where none was.
  package let facets: [FacetCounts]
  package let nextCursor: String?
  /// The answer reflects the user's changes up to here.
  package let sequence: SequenceNumber
  /// Mails that were acknowledged and are not searchable yet.
  package let pending: Int
  package let warnings: [QueryWarning]
  /// How it was found, a line each; `nil` where that was not asked for.
  package let explanation: [String]?
  /// Of each message that has the id or Message-ID asked about; `nil` where none was.
  package let matches: [MessageMatch]?
  /// The query with words of the mailbox in the place of some that it has not; `nil` where that was not asked for, or would find no more.
  package let correction: QueryNode?
}

extension Mailboxes {
  /// - Throws: `QueryError` for a query or cursor that must change; `MailboxError`.
  package func search(_ user: UserID, _ request: SearchRequest) async throws -> SearchAnswer {
    try await search(user, request) { $0 }
  }

  /// - Parameter body: makes of the answer what is wanted; called on the thread that searched.
  /// - Throws: `QueryError` for a query or cursor that must change; `MailboxError`; whatever `body` throws.
  package func search<Value: Sendable>(
    _ user: UserID, _ request: SearchRequest, _ body: @escaping @Sendable (SearchAnswer) throws -> Value
  ) async throws -> Value {
    let begin = ContinuousClock.now
    defer { searches.withLock { $0.note((ContinuousClock.now - begin) / .seconds(1)) } }
    let patience = min(request.waitForQueue, request.deadline - begin)
    let pending = await queue?.waitUntilProcessed(user: user, timeout: patience) ?? 0
    let end = request.deadline
    let deadline = SearchDeadline { ContinuousClock.now > end }
    try await load(user, deadline)
    try await waitUntilApplied(request.minimumSequence, user: user, deadline: request.deadline)
    return try await threads.run { [self] in
      // A search that has waited too long for a thread must not keep it from others.
      try deadline.check()
      return try body(try answer(user, request, deadline, pending: pending))
    }
  }

  /// A cold user is loaded by one thread, however many search the mailbox.
  func load(_ user: UserID, _ deadline: SearchDeadline) async throws {
    let shard = shard(of: user)
    if shard.index.isLoaded(user) { return }
    try await coldLoads.withTurn(user) {
      if shard.index.isLoaded(user) { return }
      try deadline.check()
      _ = try await threads.run {
        try deadline.check()
        return try shard.snapshot(of: user)
      }
    }
  }

  /// Blocks.
  private func answer(
    _ user: UserID, _ request: SearchRequest, _ deadline: SearchDeadline, pending: Int
  ) throws -> SearchAnswer {
    let shard = shard(of: user)
    let snapshot = try shard.snapshot(of: user)
    let lookups = SearchLookups()
    let context = try context(of: user, lookups, in: request.timeZone)
    let trace = request.explainsAfterParsing.map { SearchTrace(parsing: $0) }
    let searcher = try searcher(for: snapshot, request.query)
    let result = try searcher.search(
      request.query, in: snapshot, context: context, sort: request.sort, limit: request.limit,
      cursor: request.cursor, wantsTotal: request.wantsTotal, facets: request.facets, deadline: deadline, trace: trace)
    try lookups.check()
    let matches = try request.explainedMessage.map { name in
      try self.matches(named: name, with: request.query, of: user, snapshot, context, lookups, deadline)
    }
    let correction = correction(request, searcher, result, snapshot, context, deadline)
    let messages = try shard.messages(result.documents, of: user)
    let highlighter = request.wantsHighlights ? Highlighter(request.query, searcher.analyzers) : nil
    let records = try highlighter.map { _ in try snapshot.openRecords() }
    let scores = Dictionary(zip(result.documents, result.scores)) { first, _ in first }
    let hits = try messages.map { message in
      // The hits are found: past the deadline they are shown without highlights.
      let record = deadline.isPast ? nil : try records?.record(message.row.docID)
      return SearchHit(
        message: message, score: scores[message.row.docID],
        highlights: record.flatMap { highlighter?.highlights(of: $0, deadline: deadline) })
    }
    return SearchAnswer(
      total: result.total, hits: hits, facets: result.facets, nextCursor: result.nextCursor,
      sequence: snapshot.userSequence, pending: pending, warnings: result.warnings, explanation: trace?.lines,
      matches: matches, correction: correction)
  }

  /// A hint, for which no answer that was found is given up.
  private func correction(
    _ request: SearchRequest, _ searcher: Searcher, _ result: SearchResult, _ snapshot: UserSnapshot,
    _ context: SearchContext, _ deadline: SearchDeadline
  ) -> QueryNode? {
    guard request.wantsSpelling, request.cursor == nil, result.nextCursor == nil else { return nil }
    do {
      return try SpellingCorrector(searcher).correction(
        of: request.query, found: result.total ?? result.documents.count, in: snapshot, context: context,
        deadline: deadline)
    } catch {
      return nil
    }
  }

  /// What the words of a query mean for this user now. Threads and messages are looked up only if the query names some.
  /// - Parameter zone: of its days; `nil` for the user's own.
  func context(of user: UserID, _ lookups: SearchLookups, in zone: TimeZone? = nil) throws -> SearchContext {
    let shard = shard(of: user)
    let days = days.days(of: user, in: zone)
    return SearchContext(
      folders: try shard.folders(of: user).forSearch, now: clock.now(), startOfDay: days.start, zone: days.zone,
      thread: { name in
        guard let id = MessageID(name) else { return nil }
        return lookups.result { try shard.read(for: user) { try $0.thread(user, publicID: id) }?.rawValue }
      },
      message: { name in
        guard let id = MessageID(name) else { return nil }
        let row = lookups.result { try shard.read(for: user) { try $0.row(user, id.docID) } }
        return row?.id == id ? id.docID : nil
      },
      headers: { [headers] docID in
        guard let row = try shard.read(for: user, { try $0.row(user, docID) }) else { return [] }
        return try headers.header(of: row)
      })
  }

  private func waitUntilApplied(
    _ minimum: SequenceNumber?, user: UserID, deadline: ContinuousClock.Instant
  ) async throws {
    guard let minimum, minimum > .zero else { return }
    let shard = shard(of: user)
    let current = try await threads.run { try shard.snapshot(of: user).userSequence }
    if current >= minimum { return }
    await board.wait(
      for: user, above: SequenceNumber(rawValue: minimum.rawValue - 1), timeout: deadline - ContinuousClock.now)
    guard board.latest(user) >= minimum else {
      throw MailboxError(.invalid, "min_seq \(minimum.rawValue) is ahead of everything written so far")
    }
  }
}
