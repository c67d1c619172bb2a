package import Bytes
import GRDB

/// A message whose documents are to be tried again.
package struct DueDocuments: Hashable, Sendable {
  package let user: UserID
  package let docID: DocID
  package let retry: DocumentRetry
}

extension MetadataReader {
  package func documentRetry(_ user: UserID, _ docID: DocID) throws -> DocumentRetry? {
    try retries("user = ? AND doc = ?", [user.rawValue, docID.rawValue]).first?.retry
  }

  /// What is due longest of the first user behind `last` of whom something is due at `now`.
  /// - Parameter last: nil before all users.
  /// - Complexity: O(messages of users behind `last` whose time has not come).
  package func nextDueDocuments(after last: UserID?, at now: Timestamp) throws -> DueDocuments? {
    try retries(
      "due_at IS NOT NULL AND user > ? AND due_at <= ? ORDER BY user, due_at, doc LIMIT 1",
      [last.map { Int64($0.rawValue) } ?? -1, now.rawValue]
    ).first
  }

  /// The user's messages with missed documents, those that are not tried again first.
  package func documentRetries(_ user: UserID, limit: Int) throws -> [DueDocuments] {
    try retries("user = ? ORDER BY due_at, doc LIMIT ?", [user.rawValue, max(0, limit)])
  }

  /// Messages of all users whose documents are tried again, and those of which that has ended in vain.
  package func documentRetryCounts() throws -> DocumentRetryCounts {
    let statement = try database.cachedStatement(sql: "SELECT count(due_at), count(*) FROM document_retry")
    guard let row = try Row.fetchOne(statement) else { return DocumentRetryCounts() }
    let waiting: Int = try row.value(0)
    return DocumentRetryCounts(waiting: waiting, givenUp: try row.value(1) - waiting)
  }

  private func retries(_ condition: String, _ arguments: StatementArguments) throws -> [DueDocuments] {
    let statement = try database.cachedStatement(
      sql: "SELECT user, doc, tries, due_at, reason FROM document_retry WHERE \(condition)")
    return try Row.fetchAll(statement, arguments: arguments).map { row in
      DueDocuments(
        user: UserID(rawValue: try row.value(0)), docID: DocID(rawValue: try row.value(1)),
        retry: DocumentRetry(
          tries: try row.value(2), dueAt: try row.optionalValue(3).map(Timestamp.init(rawValue:)),
          reason: try row.value(4)))
    }
  }
}

/// How many messages have documents without text that are, or were, tried again.
package struct DocumentRetryCounts: Hashable, Sendable {
  package var waiting = 0
  package var givenUp = 0

  package init(waiting: Int = 0, givenUp: Int = 0) {
    self.waiting = waiting
    self.givenUp = givenUp
  }
}
