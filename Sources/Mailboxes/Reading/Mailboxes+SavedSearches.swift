package import Bytes
package import MailStore
import Query

extension Mailboxes {
  /// As long as an address may carry.
  package static let maxSavedQueryByteCount = 8_192

  /// In the order of their making, those after `last`.
  package func savedSearches(
    _ user: UserID, after last: SavedSearchID?, limit: Int
  ) async throws -> [SavedSearch] {
    try await read(user) { try $0.searches(user, after: last, limit: limit) }
  }

  /// - Returns: `nil` for an id that is not this user's.
  package func savedSearch(_ user: UserID, id: SavedSearchID) async throws -> SavedSearch? {
    try await read(user) { try $0.search(user, id) }
  }

  /// Whether a query can be asked: as a search itself would say it.
  func checkQuery(_ query: String) throws {
    guard query.utf8.count <= Self.maxSavedQueryByteCount, !query.utf8.contains(0) else {
      throw MailboxError(
        .invalid, "a saved search's query has at most \(Self.maxSavedQueryByteCount) bytes, none of them a NUL")
    }
    _ = try AnalyzedQuery(parseQuery(query).root, analyzers)
  }
}
