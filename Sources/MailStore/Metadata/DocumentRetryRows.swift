import Bytes
import GRDB

/// The rows of one user's messages whose documents were missed, as the view's writer writes them.
struct DocumentRetryRows {
  let database: Database
  let user: UserID

  /// - Parameter retry: nil where nothing is missed any more.
  /// - Throws: `StoreError` `.failed` where there is no such message.
  func write(_ retry: DocumentRetry?, of docID: DocID) throws {
    guard let retry else { return try remove(docID) }
    guard try MetadataReader(database).attributes(user, docID) != nil else {
      throw StoreError(
        code: .failed, message: "documents were missed of message \(docID) of \(user), which does not exist")
    }
    try database.cachedStatement(
      sql: """
        INSERT INTO document_retry VALUES (?, ?, ?, ?, ?) ON CONFLICT (user, doc)
        DO UPDATE SET tries = excluded.tries, due_at = excluded.due_at, reason = excluded.reason
        """
    ).execute(arguments: [user.rawValue, docID.rawValue, retry.tries, retry.dueAt?.rawValue, retry.reason])
  }

  func remove(_ docID: DocID) throws {
    try database.cachedStatement(sql: "DELETE FROM document_retry WHERE user = ? AND doc = ?")
      .execute(arguments: [user.rawValue, docID.rawValue])
  }
}
