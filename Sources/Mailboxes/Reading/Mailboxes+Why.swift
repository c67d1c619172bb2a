package import Bytes
import Index
import MailStore
package import Query

/// One message and whether it is a hit of a query.
package struct MessageMatch: Sendable {
  package let message: NamedMessage
  package let explanation: MatchExplanation
}

extension Mailboxes {
  /// Messages of one Message-ID that are explained.
  private static let matchLimit = 20

  /// Says of a message, or of each that has the given Message-ID, whether a search for the query finds it and why.
  ///
  /// - Parameter name: a message's public id, or its Message-ID, with angle brackets or without.
  /// - Throws: `MailboxError` with code `.notFound` where the user has no such message; `QueryError`; `SearchError`.
  package func explainMatches(
    _ user: UserID, of name: String, with query: QueryNode, deadline: ContinuousClock.Instant
  ) async throws -> [MessageMatch] {
    try await threads.run { [self] in
      let shard = shard(of: user)
      let snapshot = try shard.snapshot(of: user)
      let lookups = SearchLookups()
      return try matches(
        named: name, with: query, of: user, snapshot, context(of: user, lookups), lookups,
        SearchDeadline { ContinuousClock.now > deadline })
    }
  }

  /// The same, as of a snapshot. Blocks.
  func matches(
    named name: String, with query: QueryNode, of user: UserID, _ snapshot: UserSnapshot, _ context: SearchContext,
    _ lookups: SearchLookups, _ deadline: SearchDeadline
  ) throws -> [MessageMatch] {
    let searcher = try searcher(for: snapshot, query)
    let documents = try documents(named: name, searcher, snapshot, context, deadline)
    let messages = try shard(of: user).messages(documents, of: user)
    try lookups.check()
    guard !messages.isEmpty else {
      throw MailboxError(
        .notFound, "no message of this mailbox has the id or Message-ID \(name): it was never stored, or removed")
    }
    return try messages.map { message in
      guard snapshot.attributes.live.contains(message.row.docID) else {
        let line = "it is not in the index: the rows have it, the index does not; run 'maildex verify --repair'"
        return MessageMatch(message: message, explanation: MatchExplanation(isHit: false, lines: [line]))
      }
      let explanation = try searcher.explainMatch(
        of: message.row.docID, with: query, in: snapshot, context: context, deadline: deadline)
      try lookups.check()
      return MessageMatch(message: message, explanation: explanation)
    }
  }

  private func documents(
    named name: String, _ searcher: Searcher, _ snapshot: UserSnapshot, _ context: SearchContext,
    _ deadline: SearchDeadline
  ) throws -> [DocID] {
    if let docID = context.message(name) { return [docID] }
    let id = name.hasPrefix("<") && name.hasSuffix(">") ? String(name.dropFirst().dropLast()) : name
    return try searcher.search(
      .and([.messageID(id), .anywhere]), in: snapshot, context: context, limit: Self.matchLimit, deadline: deadline
    ).documents
  }
}
