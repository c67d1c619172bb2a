import Bytes
import Foundation
import GRDB

/// Which attachments are stored, by SHA-256: `blobs/blobs.sqlite`.
///
/// A view of the packs and never more: whatever goes wrong with it, an attachment that it does not know is stored once
/// more, and no mail waits for it. An entry that a crash takes costs a copy; a file that is missing, incomplete or damaged
/// is built again by reading the packs, at the next opening when the damage shows later. Its calls block.
final class AttachmentIndex: Sendable {
  typealias Scan = (_ add: (_ sha256: [UInt8], BlobReference) throws -> Void) throws -> Void

  private let path: String?
  private let report: @Sendable (String) -> Void
  /// Nil when there is none to be had: every question is a miss then.
  private let database: Locked<DatabaseQueue?>

  /// - Parameters:
  ///   - path: nil keeps it in memory.
  ///   - report: told what is wrong with the file.
  ///   - scan: gives every stored attachment; called when there is no complete index at `path`.
  init(path: String?, report: @escaping @Sendable (String) -> Void, scan: Scan) {
    self.path = path
    self.report = report
    database = Locked(Self.open(path, report, scan))
  }

  func find(_ sha256: [UInt8]) -> BlobReference? {
    answer { database in
      try database.read { database in
        try Row.fetchOne(
          database, sql: "SELECT pack, position, size FROM attachment WHERE sha256 = ?", arguments: [Data(sha256)]
        ).flatMap(Self.reference)
      }
    }
  }

  /// Replaces what is there: a caller inserts only when the old blob is no good, or there is none.
  func insert(_ sha256: [UInt8], _ reference: BlobReference) {
    answer { database in try database.write { try Self.insert(sha256, reference, into: $0) } }
  }

  func close() {
    database.withLock { database in
      try? database?.close()
      database = nil
    }
  }

  // MARK: Private

  /// - Returns: nil when the file cannot answer.
  @discardableResult
  private func answer<Value>(_ body: (DatabaseQueue) throws -> Value?) -> Value? {
    database.withLock { database in
      guard let open = database else { return nil }
      do { return try body(open) } catch {
        report("the index of attachments failed, so one is stored once more: \(error)")
        if let path, Self.isDamage(error) {
          try? open.close()
          database = Self.replace(path, report)
        }
        return nil
      }
    }
  }

  private static func open(_ path: String?, _ report: (String) -> Void, _ scan: Scan) -> DatabaseQueue? {
    do {
      var database: DatabaseQueue
      do { database = try make(path) } catch  where isDamage(error) {
        guard let path, let fresh = replace(path, report) else { throw error }
        database = fresh
      }
      do { try fill(database, scan) } catch  where isDamage(error) {
        try? database.close()
        guard let path, let fresh = replace(path, report) else { throw error }
        database = fresh
        try fill(database, scan)
      }
      return database
    } catch {
      report("there is no index of attachments until the next start, so each is stored anew: \(error)")
      return nil
    }
  }

  private static func make(_ path: String?) throws -> DatabaseQueue {
    let database = try path.map { try DatabaseQueue(path: $0) } ?? DatabaseQueue()
    try database.writeWithoutTransaction { database in
      if path != nil { _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL") }
      try database.execute(sql: "PRAGMA synchronous = NORMAL")
    }
    try database.write { database in
      try database.execute(
        sql: """
          CREATE TABLE IF NOT EXISTS attachment (
            sha256 BLOB PRIMARY KEY, pack INTEGER NOT NULL, position INTEGER NOT NULL, size INTEGER NOT NULL
          ) WITHOUT ROWID;
          """)
    }
    return database
  }

  /// An empty file in place of a damaged one. It counts as incomplete, so the next opening fills it.
  private static func replace(_ path: String, _ report: (String) -> Void) -> DatabaseQueue? {
    report("\(path) is damaged and is built again from the packs")
    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    return try? make(path)
  }

  private static func fill(_ database: DatabaseQueue, _ scan: Scan) throws {
    try database.write { database in
      if try Int.fetchOne(database, sql: "PRAGMA user_version") == 1 { return }
      try database.execute(sql: "DELETE FROM attachment")
      try scan { try insert($0, $1, into: database) }
      try database.execute(sql: "PRAGMA user_version = 1")
    }
  }

  private static func isDamage(_ error: any Error) -> Bool {
    guard let error = error as? DatabaseError else { return false }
    // A table of another shape gives SQLITE_ERROR.
    return [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR].contains(error.resultCode)
  }

  private static func insert(_ sha256: [UInt8], _ reference: BlobReference, into database: Database) throws {
    try database.cachedStatement(
      sql: "INSERT OR REPLACE INTO attachment (sha256, pack, position, size) VALUES (?, ?, ?, ?)"
    ).execute(
      arguments: [
        Data(sha256), Int64(reference.pack), Int64(bitPattern: reference.offset), Int64(reference.byteCount),
      ])
  }

  private static func reference(_ row: Row) -> BlobReference? {
    guard let pack = UInt32.fromDatabaseValue(row[0]), let offset = Int64.fromDatabaseValue(row[1]),
      let size = UInt32.fromDatabaseValue(row[2])
    else { return nil }
    return BlobReference(pack: pack, offset: UInt64(bitPattern: offset), byteCount: size)
  }
}
