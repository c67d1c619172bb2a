package import Bytes
import GRDB

/// Reads one snapshot of the metadata view. Valid inside the closure that it is given to.
package struct MetadataReader {
  let database: Database

  init(_ database: Database) { self.database = database }

  /// Of the journal, as far as this snapshot goes.
  package func appliedSequence() throws -> SequenceNumber {
    let value = try Int64.fetchOne(
      try database.cachedStatement(sql: "SELECT value FROM meta WHERE name = 'applied_seq'"))
    return SequenceNumber(rawValue: UInt64(bitPattern: value ?? 0))
  }

  /// Everyone who has or had a mailbox here, in order.
  package func users() throws -> [UserID] {
    try UInt32.fetchAll(try database.cachedStatement(sql: "SELECT user FROM user ORDER BY user"))
      .map(UserID.init(rawValue:))
  }

  /// The number of the user's last change.
  package func lastUserSequence(_ user: UserID) throws -> SequenceNumber {
    let next = try Int64.fetchOne(
      try database.cachedStatement(sql: "SELECT next_seq FROM user WHERE user = ?"), arguments: [user.rawValue])
    return SequenceNumber(rawValue: UInt64(bitPattern: (next ?? 1) &- 1))
  }

  // MARK: Messages

  package func row(_ user: UserID, _ docID: DocID) throws -> MessageRow? {
    let statement = try database.cachedStatement(
      sql: "SELECT \(MessageColumns.all) FROM message WHERE user = ? AND doc = ?")
    return try Row.fetchOne(statement, arguments: [user.rawValue, docID.rawValue])
      .map { try MessageColumns.decode($0, of: user) }
  }

  private static let rowsSQL = "SELECT \(MessageColumns.all) FROM message WHERE user = ? AND doc IN \(places)"

  /// The rows of those documents that are there.
  package func rowsByDocID(_ user: UserID, _ docIDs: some Sequence<DocID>) throws -> [DocID: MessageRow] {
    var found: [DocID: MessageRow] = [:]
    try forEachRow(Self.rowsSQL, of: user, numbered: docIDs.map(\.rawValue)) { row in
      let message = try MessageColumns.decode(row, of: user)
      found[message.docID] = message
    }
    return found
  }

  /// The rows in the order asked for, leaving out what is not there.
  package func rows(_ user: UserID, _ docIDs: [DocID]) throws -> [MessageRow] {
    let found = try rowsByDocID(user, docIDs)
    return docIDs.compactMap { found[$0] }
  }

  package func delivered(_ user: UserID, _ item: QueueItemID) throws -> DocID? {
    let statement = try database.cachedStatement(sql: "SELECT doc FROM delivered WHERE user = ? AND item = ?")
    return try UInt32.fetchOne(statement, arguments: [user.rawValue, Int64(bitPattern: item.rawValue)])
      .map(DocID.init(rawValue:))
  }

  /// The user's messages with these bytes, by the hash of their content.
  package func liveMessages(_ user: UserID, contentHash: UInt64) throws -> [DocID] {
    let statement = try database.cachedStatement(
      sql: "SELECT doc FROM message WHERE user = ? AND content_hash = ? ORDER BY doc")
    return try UInt32.fetchAll(statement, arguments: [user.rawValue, Int64(bitPattern: contentHash)])
      .map(DocID.init(rawValue:))
  }

  /// Streams the attributes of all of the user's messages in order of docID.
  package func forEachAttributes(_ user: UserID, _ body: (MessageAttributes) throws -> Void) throws {
    try forEachAttributes(where: "user = ? ORDER BY doc", [user.rawValue], body)
  }

  /// `nil` for a message that is not there.
  package func attributes(_ user: UserID, _ docID: DocID) throws -> MessageAttributes? {
    var found: MessageAttributes?
    try forEachAttributes(where: "user = ? AND doc = ?", [user.rawValue, docID.rawValue]) { found = $0 }
    return found
  }

  /// Of the messages in a thread.
  package func attributes(_ user: UserID, _ thread: ThreadID) throws -> [MessageAttributes] {
    var found: [MessageAttributes] = []
    try forEachAttributes(where: "user = ? AND thread = ? ORDER BY doc", [user.rawValue, thread.rawValue]) {
      found.append($0)
    }
    return found
  }

  private func forEachAttributes(
    where condition: String, _ arguments: StatementArguments, _ body: (MessageAttributes) throws -> Void
  ) throws {
    let statement = try database.cachedStatement(
      sql: "SELECT doc, folder, flags, thread, received_at, size, labels FROM message WHERE \(condition)")
    let rows = try Row.fetchCursor(statement, arguments: arguments)
    while let row = try rows.next() {
      try body(
        MessageAttributes(
          docID: DocID(rawValue: try row.value(0)), folder: FolderID(rawValue: try row.value(1)),
          flags: MessageFlags(rawValue: try row.value(2)),
          labels: try MessageColumns.labels(row, 6), receivedAt: Timestamp(rawValue: try row.value(4)),
          size: UInt64(bitPattern: try row.value(5)), thread: ThreadID(rawValue: try row.value(3))))
    }
  }

  package func allAttributes(_ user: UserID) throws -> [MessageAttributes] {
    var all: [MessageAttributes] = []
    try forEachAttributes(user) { all.append($0) }
    return all
  }
}
