import Bytes
import Foundation
import GRDB

/// What greylisting remembers, in `greylist.sqlite` (docs/formats/greylist.md), for the next start.
///
/// Losing it costs senders a delay and nobody a mail: so commits wait for no disk (`synchronous=NORMAL`), and a damaged file is
/// replaced by an empty one. Blocks; from one thread at a time.
package final class GreylistStore: Sendable {
  private static let version = 1
  private let database: DatabaseQueue

  /// Opens the file, making it when there is none.
  /// - Parameter report: told, in words, of a damaged file that was replaced.
  /// - Throws: `StoreError` for a file of a later version, and where none can be made.
  package init(path: String, report: (String) -> Void) throws {
    do {
      database = try Self.open(path)
    } catch let error as DatabaseError where Self.isDamage(error) {
      report("\(path) is damaged and is begun anew: \(error.message ?? "\(error.resultCode)")")
      Self.removeFiles(path)
      database = try StoreError.translatingDatabaseErrors(path) { try Self.open(path) }
    } catch let error as DatabaseError {
      throw StoreError(error, path: path)
    }
  }

  package func close() { try? database.close() }

  /// Closes the file and forgets what it has.
  package func discard() {
    close()
    Self.removeFiles(database.path)
  }

  private static func removeFiles(_ path: String) {
    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
  }

  /// The rows of one kind that were seen last.
  package func rows(_ kind: GreylistRow.Kind, limit: Int) throws -> [GreylistRow] {
    try StoreError.translatingDatabaseErrors(database.path) {
      try database.read { database in
        try Row.fetchAll(
          database,
          sql: """
            SELECT high, low, first_seen, last_seen, passes FROM greylist WHERE kind = ? ORDER BY last_seen DESC LIMIT ?
            """, arguments: [kind.rawValue, limit]
        ).map { row in
          let key = GreylistKey(
            high: UInt64(bitPattern: try row.value(0)), low: UInt64(bitPattern: try row.value(1)))
          return GreylistRow(
            GreylistRow.Name(kind, key), firstSeen: Timestamp(rawValue: try row.value(2)),
            lastSeen: Timestamp(rawValue: try row.value(3)), passes: try row.value(4))
        }
      }
    }
  }

  /// All of it in one transaction.
  package func write(_ rows: [GreylistRow], removing removed: [GreylistRow.Name]) throws {
    try StoreError.translatingDatabaseErrors(database.path) {
      try database.write { database in
        let delete = try database.cachedStatement(sql: "DELETE FROM greylist WHERE kind = ? AND high = ? AND low = ?")
        for name in removed {
          try delete.execute(
            arguments: [name.kind.rawValue, Int64(bitPattern: name.key.high), Int64(bitPattern: name.key.low)])
        }
        let insert = try database.cachedStatement(sql: "INSERT OR REPLACE INTO greylist VALUES (?, ?, ?, ?, ?, ?)")
        for row in rows {
          try insert.execute(
            arguments: [
              row.name.kind.rawValue, Int64(bitPattern: row.name.key.high), Int64(bitPattern: row.name.key.low),
              row.firstSeen.rawValue, row.lastSeen.rawValue, row.passes,
            ])
        }
      }
    }
  }

  /// Leaves out what was not read at the start: the file holds no more than memory does.
  package func keepOnly(_ kind: GreylistRow.Kind, limit: Int) throws {
    try StoreError.translatingDatabaseErrors(database.path) {
      try database.write { database in
        try database.execute(
          sql: """
            DELETE FROM greylist WHERE kind = :kind AND (high, low) NOT IN (
              SELECT high, low FROM greylist WHERE kind = :kind ORDER BY last_seen DESC LIMIT :limit)
            """, arguments: ["kind": kind.rawValue, "limit": limit])
      }
    }
  }

  // MARK: - Opening

  private static func open(_ path: String) throws -> DatabaseQueue {
    let database = try DatabaseQueue(path: path)
    try database.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
      let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
      guard found <= version else {
        throw StoreError.newerVersion(file: path, found: UInt32(clamping: found), known: UInt32(version))
      }
      try database.execute(
        sql: """
          CREATE TABLE IF NOT EXISTS greylist (
            kind INTEGER NOT NULL, high INTEGER NOT NULL, low INTEGER NOT NULL,
            first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, passes INTEGER NOT NULL,
            PRIMARY KEY (kind, high, low)
          ) WITHOUT ROWID;
          PRAGMA user_version = \(version);
          """)
      // Damage behind the first page, and a table of another shape, are found now, where they can be mended.
      _ = try Row.fetchOne(
        database, sql: "SELECT kind, high, low, first_seen, last_seen, passes FROM greylist LIMIT 1")
      guard try String.fetchOne(database, sql: "PRAGMA quick_check(1)") == "ok" else {
        throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "quick_check")
      }
    }
    return database
  }

  private static func isDamage(_ error: DatabaseError) -> Bool {
    // A table of another shape gives SQLITE_ERROR.
    [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR].contains(error.resultCode)
  }
}
