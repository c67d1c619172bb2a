import Bytes
import GRDB

/// The rows of one user's saved searches, as the view's writer writes them.
struct SearchRows {
  let database: Database
  let user: UserID

  /// A new row, or the one of that id as the search is now.
  /// - Throws: a `DatabaseError` where another search has its name.
  func write(_ search: SavedSearch) throws {
    let statement = try database.cachedStatement(
      sql: """
        INSERT INTO search VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (user, search)
        DO UPDATE SET name = excluded.name, query = excluded.query, notifies = excluded.notifies,
          updated_at = excluded.updated_at
        """)
    try statement.execute(arguments: [
      user.rawValue, Int64(bitPattern: search.id.rawValue), search.name, search.query, search.notifies,
      search.updatedAt.rawValue,
    ])
  }

  /// - Throws: `StoreError` `.failed` where there is none.
  func remove(_ id: SavedSearchID) throws {
    guard try MetadataReader(database).search(user, id) != nil else {
      throw StoreError(code: .failed, message: "there is no search \(id) of \(user) to remove")
    }
    try database.cachedStatement(sql: "DELETE FROM search WHERE user = ? AND search = ?")
      .execute(arguments: [user.rawValue, Int64(bitPattern: id.rawValue)])
  }
}
