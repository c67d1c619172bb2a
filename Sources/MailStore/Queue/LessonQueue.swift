package import Bytes
import GRDB

/// A mail that a user has called spam or not, for filters that learn.
package struct Lesson: Hashable, Sendable {
  package enum Class: Int64, Sendable {
    case spam = 1
    case ham = 2
  }

  package let id: Int64
  /// What is learned from; may be gone by the time.
  package let original: BlobReference
  package let mailClass: Class
  /// How often it was given to the filters in vain.
  package let tries: Int
  package let dueAt: Timestamp
}

/// What filters still have to learn: the table `lesson` of `control.sqlite`. Calls block on the disk.
///
/// Durable, as a report that was answered is not to be made again because a filter was down; bounded, and what is over it is
/// refused: filters learn from many mails, and one of them is missed by nobody.
package final class LessonQueue: Sendable {
  package static let maxDepth = 10_000

  private let database: DatabaseQueue
  private let waiting: Locked<Int>

  /// Shares the file of the accounts, which outlives it.
  package init(sharing accounts: AccountStore) throws {
    database = accounts.database
    waiting = Locked(try database.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM lesson") } ?? 0)
  }

  package var depth: Int { waiting.withLock { $0 } }

  /// - Returns: false where there are too many already.
  package func add(_ original: BlobReference, as mailClass: Lesson.Class, at now: Timestamp) throws -> Bool {
    guard depth < Self.maxDepth else { return false }
    try database.write { database in
      try database.execute(
        sql: "INSERT INTO lesson (pack, pack_offset, pack_bytes, class, tries, due_at) VALUES (?, ?, ?, ?, 0, ?)",
        arguments: [
          original.pack, Int64(clamping: original.offset), original.byteCount, mailClass.rawValue, now.rawValue,
        ])
    }
    waiting.withLock { $0 += 1 }
    return true
  }

  /// The one that is due first, due or not.
  package func next() throws -> Lesson? {
    try database.read { database in
      guard let row = try Row.fetchOne(database, sql: "SELECT * FROM lesson ORDER BY due_at, id LIMIT 1") else {
        return nil
      }
      let place = (
        try? row.decode(UInt32.self, forColumn: "pack"), try? row.decode(UInt32.self, forColumn: "pack_bytes")
      )
      guard let mailClass = Lesson.Class(rawValue: row["class"]), let pack = place.0, let byteCount = place.1 else {
        throw StoreError(code: .corrupt, message: "control.sqlite is damaged: expected a lesson in its row")
      }
      return Lesson(
        id: row["id"],
        original: BlobReference(
          pack: pack, offset: UInt64(clamping: row["pack_offset"] as Int64), byteCount: byteCount),
        mailClass: mailClass, tries: row["tries"], dueAt: Timestamp(rawValue: row["due_at"]))
    }
  }

  /// It was learned, or never will be.
  package func remove(_ lesson: Lesson) throws {
    let removed = try database.write { database in
      try database.execute(sql: "DELETE FROM lesson WHERE id = ?", arguments: [lesson.id])
      return database.changesCount
    }
    waiting.withLock { $0 -= removed }
  }

  /// It is tried again then.
  package func postpone(_ lesson: Lesson, to due: Timestamp) throws {
    try database.write { database in
      try database.execute(
        sql: "UPDATE lesson SET tries = tries + 1, due_at = ? WHERE id = ?", arguments: [due.rawValue, lesson.id])
    }
  }
}
