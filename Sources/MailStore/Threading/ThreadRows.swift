import Bytes
import Foundation
import GRDB

/// The rows that say which thread a key leads to, and what became of threads.
///
/// A thread has a row of its own only once its founder cannot speak for it: when the founder is gone, or when the
/// thread was merged into another. Keys keep naming the thread they were written for; `mergedInto` leads on, in one
/// step, however many merges there were.
struct ThreadRows {
  let database: Database
  let user: UserID

  struct ThreadRow {
    let publicID: MessageID
    let mergedInto: ThreadID?
  }

  func row(_ thread: ThreadID) throws -> ThreadRow? {
    let statement = try database.cachedStatement(
      sql: "SELECT public_id, merged_into FROM thread WHERE user = ? AND thread = ?")
    guard let row = try Row.fetchOne(statement, arguments: [user.rawValue, thread.rawValue]) else { return nil }
    let mergedInto: UInt32? = try row.optionalValue(1)
    return ThreadRow(publicID: try MessageColumns.id(row, 0), mergedInto: mergedInto.map(ThreadID.init(rawValue:)))
  }

  /// The id of the message that founded `thread`, if it did and is still there.
  func founder(_ thread: ThreadID) throws -> MessageID? {
    let statement = try database.cachedStatement(sql: "SELECT id, thread FROM message WHERE user = ? AND doc = ?")
    guard let row = try Row.fetchOne(statement, arguments: [user.rawValue, thread.rawValue]),
      try row.value(1) == thread.rawValue
    else { return nil }
    return try MessageColumns.id(row, 0)
  }

  // MARK: Keys

  /// The threads that a key leads to, as they are named now; the one written last comes first.
  func threads(key: UInt64, limit: Int) throws -> [ThreadID] {
    let statement = try database.cachedStatement(
      sql: "SELECT thread FROM thread_key WHERE user = ? AND key = ? ORDER BY thread DESC LIMIT ?")
    let named = try UInt32.fetchAll(statement, arguments: [user.rawValue, Int64(bitPattern: key), limit])
    var threads: [ThreadID] = []
    for thread in named.map(ThreadID.init(rawValue:)) {
      let current = try row(thread)?.mergedInto ?? thread
      if !threads.contains(current) { threads.append(current) }
    }
    return threads
  }

  /// A Message-ID's key leads to one thread, that of the first who used it; a subject's to all that had the subject.
  func write(_ keys: ThreadKeys, thread: ThreadID) throws {
    for key in keys.messageIDs {
      try database.cachedStatement(
        sql: """
          INSERT INTO thread_key SELECT ?1, ?2, ?3
          WHERE NOT EXISTS (SELECT 1 FROM thread_key WHERE user = ?1 AND key = ?2)
          """
      ).execute(arguments: [user.rawValue, Int64(bitPattern: key), thread.rawValue])
    }
    if let subject = keys.subject {
      try database.cachedStatement(sql: "INSERT OR IGNORE INTO thread_key VALUES (?, ?, ?)")
        .execute(arguments: [user.rawValue, Int64(bitPattern: subject), thread.rawValue])
    }
  }

  // MARK: Changes

  /// Keeps the public name of the thread that a message founded, before the message goes.
  func founderIsLeaving(_ docID: DocID, id: MessageID) throws {
    let thread = ThreadID(rawValue: docID.rawValue)
    guard try founder(thread) != nil, try row(thread) == nil else { return }
    try database.cachedStatement(sql: "INSERT INTO thread VALUES (?, ?, ?, NULL)")
      .execute(arguments: [user.rawValue, thread.rawValue, MessageColumns.encode(id)])
  }

  /// - Returns: the messages that moved.
  func merge(_ threads: [ThreadID], into target: ThreadID) throws -> [(docID: DocID, folder: FolderID)] {
    var moved: [(docID: DocID, folder: FolderID)] = []
    for thread in threads {
      guard let publicID = try row(thread)?.publicID ?? founder(thread), thread != target else {
        throw StoreError(code: .failed, message: "a change merges thread \(thread.rawValue), which does not exist")
      }
      moved += try messages(of: thread)
      try database.cachedStatement(sql: "UPDATE message SET thread = ? WHERE user = ? AND thread = ?")
        .execute(arguments: [target.rawValue, user.rawValue, thread.rawValue])
      try database.cachedStatement(sql: "UPDATE thread SET merged_into = ? WHERE user = ? AND merged_into = ?")
        .execute(arguments: [target.rawValue, user.rawValue, thread.rawValue])
      try database.cachedStatement(
        sql: """
          INSERT INTO thread VALUES (?, ?, ?, ?)
          ON CONFLICT (user, thread) DO UPDATE SET merged_into = excluded.merged_into
          """
      ).execute(arguments: [
        user.rawValue, thread.rawValue, MessageColumns.encode(publicID), target.rawValue,
      ])
    }
    return moved
  }

  private func messages(of thread: ThreadID) throws -> [(docID: DocID, folder: FolderID)] {
    let statement = try database.cachedStatement(
      sql: "SELECT doc, folder FROM message WHERE user = ? AND thread = ? ORDER BY doc")
    return try Row.fetchAll(statement, arguments: [user.rawValue, thread.rawValue])
      .map { (DocID(rawValue: try $0.value(0)), FolderID(rawValue: try $0.value(1))) }
  }
}
