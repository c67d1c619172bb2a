package import Bytes
import Foundation
import GRDB

/// The reports that wait to be sent to other servers: the table `report` of `control.sqlite`. Calls block on the disk but for `depth`.
///
/// One that was added is there until the relay has taken it, or it is given up. Added again under its name while it waits, it stays one.
/// Safe to use from any thread.
package final class ReportOutbox: Sendable {
  package static let maxDepth = 10_000
  /// More than any report has.
  package static let maxByteCount = 128 << 10

  private let database: DatabaseQueue
  private let maxDepth: Int
  private let waiting: Locked<Int>

  /// Shares the file of the accounts, which outlives it.
  package init(sharing accounts: AccountStore, maxDepth: Int = maxDepth) throws {
    database = accounts.database
    self.maxDepth = maxDepth
    waiting = Locked(try database.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM report") } ?? 0)
  }

  package var depth: Int { waiting.withLock { $0 } }

  /// Durable when it returns.
  /// - Returns: false where there are too many, or it is too large.
  /// - Throws: errors of the disk; it may be added again.
  package func add(
    name: String, recipient: String, needsUTF8: Bool, bytes: [UInt8], at now: Timestamp
  ) throws -> Bool {
    guard depth < maxDepth, bytes.count <= Self.maxByteCount else { return false }
    let added = try database.write { database in
      try database.execute(
        sql: """
          INSERT OR IGNORE INTO report (name, recipient, needs_utf8, bytes, tries, due_at) VALUES (?, ?, ?, ?, 0, ?)
          """, arguments: [name, recipient, needsUTF8, Data(bytes), now.rawValue])
      return database.changesCount
    }
    waiting.withLock { $0 += added }
    return true
  }

  /// The one that is due first, due or not.
  /// - Throws: `StoreError` `.corrupt` for a row that cannot be read.
  package func next() throws -> OutboundReport? {
    try database.read { database in
      guard let row = try Row.fetchOne(database, sql: "SELECT * FROM report ORDER BY due_at, id LIMIT 1") else {
        return nil
      }
      do {
        return OutboundReport(
          id: try row.decode(forColumn: "id"), name: try row.decode(forColumn: "name"),
          recipient: try row.decode(forColumn: "recipient"), needsUTF8: try row.decode(forColumn: "needs_utf8"),
          bytes: Array(try row.decode(Data.self, forColumn: "bytes")), tries: try row.decode(forColumn: "tries"),
          dueAt: Timestamp(rawValue: try row.decode(forColumn: "due_at")))
      } catch {
        throw StoreError(code: .corrupt, message: "control.sqlite is damaged: a report cannot be read: \(error)")
      }
    }
  }

  /// The relay has it, or it is given up.
  package func remove(_ id: Int64) throws {
    let removed = try database.write { database in
      try database.execute(sql: "DELETE FROM report WHERE id = ?", arguments: [id])
      return database.changesCount
    }
    waiting.withLock { $0 -= removed }
  }

  /// It is tried again then.
  package func postpone(_ id: Int64, to due: Timestamp) throws {
    try database.write { database in
      try database.execute(
        sql: "UPDATE report SET tries = tries + 1, due_at = ? WHERE id = ?", arguments: [due.rawValue, id])
    }
  }
}
