package import Bytes
import GRDB

extension MetadataReader {
  /// The thread's messages, oldest first.
  package func threadRows(_ user: UserID, _ thread: ThreadID) throws -> [MessageRow] {
    let statement = try database.cachedStatement(
      sql: "SELECT \(MessageColumns.all) FROM message WHERE user = ? AND thread = ? ORDER BY received_at, doc")
    let rows = try Row.fetchCursor(statement, arguments: [user.rawValue, thread.rawValue])
    var messages: [MessageRow] = []
    while let row = try rows.next() { messages.append(try MessageColumns.decode(row, of: user)) }
    return messages
  }

  /// At most `limit` of the thread's messages, oldest first, those after `cursor`.
  /// - Complexity: the rows of the page, wherever in the thread it lies.
  package func threadPage(
    _ user: UserID, _ thread: ThreadID, limit: Int, after cursor: (receivedAt: Timestamp, docID: DocID)?
  ) throws -> [MessageRow] {
    let statement = try database.cachedStatement(
      sql: """
        SELECT \(MessageColumns.all) FROM message
        WHERE user = ? AND thread = ? AND (received_at, doc) > (?, ?) ORDER BY received_at, doc LIMIT ?
        """)
    let rows = try Row.fetchCursor(
      statement,
      arguments: [
        user.rawValue, thread.rawValue, cursor?.receivedAt.rawValue ?? .min,
        cursor.map { Int64($0.docID.rawValue) } ?? -1, max(0, limit),
      ])
    var messages: [MessageRow] = []
    while let row = try rows.next() { messages.append(try MessageColumns.decode(row, of: user)) }
    return messages
  }

  /// How many messages the thread has, and how many of them are unread.
  package func threadCounts(_ user: UserID, _ thread: ThreadID) throws -> (total: Int, unread: Int) {
    let statement = try database.cachedStatement(
      sql: "SELECT count(*), coalesce(sum(1 - is_read), 0) FROM message WHERE user = ? AND thread = ?")
    guard let row = try Row.fetchOne(statement, arguments: [user.rawValue, thread.rawValue]) else { return (0, 0) }
    return (try row.value(0), try row.value(1))
  }

  /// The thread's public name: the id of the message that founded it, also when that is gone.
  package func threadID(_ user: UserID, _ thread: ThreadID) throws -> MessageID? {
    try threadIDs(user, CollectionOfOne(thread))[thread]
  }

  private static let namesSQL = "SELECT thread, public_id FROM thread WHERE user = ? AND thread IN \(places)"
  private static let foundersSQL = "SELECT doc, id FROM message WHERE user = ? AND doc IN \(places) AND thread = doc"

  /// The same of many, of those that are there.
  package func threadIDs(_ user: UserID, _ threads: some Sequence<ThreadID>) throws -> [ThreadID: MessageID] {
    var names: [ThreadID: MessageID] = [:]
    func take(_ row: Row) throws { names[ThreadID(rawValue: try row.value(0))] = try MessageColumns.id(row, 1) }
    let numbers = threads.map(\.rawValue)
    try forEachRow(Self.foundersSQL, of: user, numbered: numbers, take)
    // Second: the row of a thread counts before the message that founded it.
    try forEachRow(Self.namesSQL, of: user, numbered: numbers, take)
    return names
  }

  /// The thread that a public name leads to: of its founder, or of a thread that became a part of it.
  package func thread(_ user: UserID, publicID: MessageID) throws -> ThreadID? {
    let thread = ThreadID(rawValue: publicID.docID.rawValue)
    guard try threadID(user, thread) == publicID else { return nil }
    let rows = ThreadRows(database: database, user: user)
    if let row = try rows.row(thread) { return row.mergedInto ?? thread }
    return thread
  }
}
