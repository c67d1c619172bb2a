package import Bytes
import GRDB

/// How many searches a user has saved.
package struct SavedSearchCounts: Hashable, Sendable {
  package let all: Int
  package let notifying: Int
}

extension MetadataReader {
  private static let columns = "search, name, query, notifies, updated_at"

  /// A page of the user's saved searches in the order of their making.
  package func searches(_ user: UserID, after last: SavedSearchID?, limit: Int) throws -> [SavedSearch] {
    try searches(
      "user = ? AND search > ? ORDER BY search LIMIT ?",
      [user.rawValue, last.map { Int64(bitPattern: $0.rawValue) } ?? .min, max(0, limit)])
  }

  package func search(_ user: UserID, _ id: SavedSearchID) throws -> SavedSearch? {
    try searches("user = ? AND search = ?", [user.rawValue, Int64(bitPattern: id.rawValue)]).first
  }

  /// By its exact name.
  package func search(_ user: UserID, named name: String) throws -> SavedSearch? {
    try searches("user = ? AND name = ?", [user.rawValue, name]).first
  }

  /// The user's standing queries.
  package func notifyingSearches(_ user: UserID) throws -> [SavedSearch] {
    try searches("user = ? AND notifies ORDER BY search", [user.rawValue])
  }

  package func searchCounts(_ user: UserID) throws -> SavedSearchCounts {
    let statement = try database.cachedStatement(
      sql: "SELECT count(*), coalesce(sum(notifies), 0) FROM search WHERE user = ?")
    guard let row = try Row.fetchOne(statement, arguments: [user.rawValue]) else {
      return SavedSearchCounts(all: 0, notifying: 0)
    }
    return SavedSearchCounts(all: try row.value(0), notifying: try row.value(1))
  }

  private func searches(_ condition: String, _ arguments: StatementArguments) throws -> [SavedSearch] {
    let statement = try database.cachedStatement(sql: "SELECT \(Self.columns) FROM search WHERE \(condition)")
    return try Row.fetchAll(statement, arguments: arguments).map { row in
      SavedSearch(
        id: SavedSearchID(rawValue: UInt64(bitPattern: try row.value(0))), name: try row.value(1),
        query: try row.value(2), notifies: try row.value(3), updatedAt: Timestamp(rawValue: try row.value(4)))
    }
  }
}
