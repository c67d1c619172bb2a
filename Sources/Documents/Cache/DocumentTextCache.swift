import Bytes
import Foundation
import GRDB

/// The texts of documents that were read, by SHA-256 of the document: `blobs/texts.sqlite`.
///
/// Losing it loses nothing but time. A file that is damaged is begun anew; while it fails every question is a miss, and nothing
/// waits for it. Over its bound the texts that were put in first go. Its calls block.
final class DocumentTextCache: Sendable {
  /// What a text depends on beside the document; texts of another version are not found, and in time make room.
  struct Version: Sendable {
    let reader: Int
    let textByteCount: Int
  }

  private struct State {
    /// Nil when there is none to be had.
    var database: DatabaseQueue?
    var byteCount = 0
  }

  /// Of a row, beside the text.
  private static let rowByteCount = 100
  /// Makes room for more than the one text: this part of the bound goes at once.
  private static let evictedShare = 8

  private let path: String?
  private let limit: Int
  private let version: Version
  private let report: @Sendable (String) -> Void
  private let state: Locked<State>

  /// - Parameters:
  ///   - path: nil keeps it in memory.
  ///   - byteCount: of compressed texts, the most that are kept.
  ///   - report: told what is wrong with the file.
  init(path: String?, byteCount: Int, version: Version, report: @escaping @Sendable (String) -> Void) {
    self.path = path
    self.report = report
    self.version = version
    limit = byteCount
    state = Locked(Self.open(path, report))
  }

  func find(_ sha256: [UInt8]) -> (text: String, outcome: DocumentOutcome)? {
    answer { state in
      try state.database?.read { database -> (text: String, outcome: DocumentOutcome)? in
        let row = try Row.fetchOne(
          database, sql: "SELECT outcome, text FROM document WHERE sha256 = ? AND reader = ? AND text_limit = ?",
          arguments: [Data(sha256), version.reader, version.textByteCount])
        guard let row, let outcome = UInt8.fromDatabaseValue(row[0]).flatMap(DocumentOutcome.init(rawValue:)),
          let frame = Data.fromDatabaseValue(row[1]),
          let text = try? Zstd.decompress(Array(frame), limit: version.textByteCount)
        else { return nil }
        return (String(decoding: text, as: UTF8.self), outcome)
      }
    }
  }

  func insert(_ sha256: [UInt8], _ text: String, _ outcome: DocumentOutcome) {
    let frame = Data(Zstd.compress(Array(text.utf8)))
    let size = frame.count + Self.rowByteCount
    guard size <= limit else { return }
    answer { state -> Bool? in
      guard let database = state.database else { return nil }
      try database.write { database in
        if state.byteCount + size > limit { state.byteCount -= try evict(database, least: size) }
        // The row that another version left goes, and the number of the new one is the highest.
        try database.execute(
          sql: "INSERT OR REPLACE INTO document (sha256, reader, text_limit, outcome, text) VALUES (?, ?, ?, ?, ?)",
          arguments: [Data(sha256), version.reader, version.textByteCount, outcome.rawValue, frame])
      }
      state.byteCount += size
      return true
    }
  }

  func close() {
    state.withLock { state in
      try? state.database?.close()
      state.database = nil
    }
  }

  // MARK: Private

  /// - Returns: the bytes that went.
  private func evict(_ database: Database, least: Int) throws -> Int {
    var evicted = 0
    let rows = try Row.fetchCursor(database, sql: "SELECT id, length(text) FROM document ORDER BY id")
    var last: Int64 = 0
    while evicted < max(least, limit / Self.evictedShare), let row = try rows.next() {
      last = row[0]
      evicted += (row[1] as Int) + Self.rowByteCount
    }
    try database.execute(sql: "DELETE FROM document WHERE id <= ?", arguments: [last])
    return evicted
  }

  /// - Returns: nil when the file cannot answer.
  @discardableResult
  private func answer<Value>(_ body: (inout State) throws -> Value?) -> Value? {
    state.withLock { state in
      do { return try body(&state) } catch {
        report("the cache of documents' texts failed: \(error)")
        if let path, Self.isDamage(error) {
          try? state.database?.close()
          state = Self.replace(path)
        }
        return nil
      }
    }
  }

  private static func open(_ path: String?, _ report: (String) -> Void) -> State {
    do { return try make(path) } catch {
      report("the cache of documents' texts cannot be read and is begun anew: \(error)")
      return path.map(replace) ?? State()
    }
  }

  private static func replace(_ path: String) -> State {
    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    return (try? make(path)) ?? State()
  }

  private static func make(_ path: String?) throws -> State {
    let database = try path.map { try DatabaseQueue(path: $0) } ?? DatabaseQueue()
    try database.writeWithoutTransaction { database in
      if path != nil { _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL") }
      try database.execute(sql: "PRAGMA synchronous = NORMAL")
    }
    let byteCount = try database.write { database in
      try database.execute(
        sql: """
          CREATE TABLE IF NOT EXISTS document (
            id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, reader INTEGER NOT NULL, text_limit INTEGER NOT NULL,
            outcome INTEGER NOT NULL, text BLOB NOT NULL
          );
          """)
      return try Int.fetchOne(
        database, sql: "SELECT coalesce(sum(length(text) + \(rowByteCount)), 0) FROM document") ?? 0
    }
    return State(database: database, byteCount: byteCount)
  }

  private static func isDamage(_ error: any Error) -> Bool {
    guard let error = error as? DatabaseError else { return false }
    // A table of another shape gives SQLITE_ERROR.
    return [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR].contains(error.resultCode)
  }
}
