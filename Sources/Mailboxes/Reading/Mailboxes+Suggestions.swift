package import Bytes
package import Query

extension Mailboxes {
  /// What the last word of a query that is being typed may become.
  ///
  /// - Parameter limit: of each kind.
  /// - Throws: `SearchError` past the deadline; `MailboxError`; `IndexError`.
  package func suggestions(
    _ user: UserID, for query: String, limit: Int, deadline end: ContinuousClock.Instant
  ) async throws -> [Suggestion] {
    let deadline = SearchDeadline { ContinuousClock.now > end }
    try await load(user, deadline)
    return try await threads.run { [self] in
      try deadline.check()
      let lookups = SearchLookups()
      let snapshot = try shard(of: user).snapshot(of: user)
      return try Suggester(searcher(for: snapshot)).suggestions(
        for: query, in: snapshot, context: try context(of: user, lookups), limit: limit,
        deadline: deadline)
    }
  }
}
