package import Bytes
import Foundation
import GRDB

/// The mails that were accepted and must not, or could not, be delivered: the table `held` of `control.sqlite`.
///
/// Nothing leaves it by itself. A mail enters it before its item leaves the inbound queue, and an item that is in it is not
/// delivered by the queue any more: so a crash between the two neither loses nor doubles a mail. Calls block on the disk, except
/// `holds`, `depth` and `oldest`, which are answered from memory. Safe to use from any thread.
package final class ErrorQueue: Sendable {
  /// Over so many, `hold` refuses and mail stays in the inbound queue.
  package static let maxDepth = 100_000

  private let database: DatabaseQueue
  private let maxDepth: Int
  /// When each was held. Changed on the database's queue, in the order of the commits.
  private let held: Locked<[QueueItemID: Timestamp]>

  /// Shares the file of the accounts, which outlives it.
  /// - Throws: `StoreError`.
  package init(sharing accounts: AccountStore, maxDepth: Int = maxDepth) throws {
    database = accounts.database
    self.maxDepth = maxDepth
    let rows = try StoreError.translatingDatabaseErrors("control.sqlite", remedy: "restore it from a backup") {
      try accounts.database.read { try Row.fetchAll($0, sql: "SELECT item, held_at FROM held") }
    }
    var held: [QueueItemID: Timestamp] = [:]
    for row in rows { held[QueueItemID(row["item"] as Int64)] = Timestamp(rawValue: row["held_at"] as Int64) }
    self.held = Locked(held)
  }

  /// Whether the mail of this queue item is here: then it is not the inbound queue's to deliver.
  package func holds(_ id: QueueItemID) -> Bool { held.withLock { $0[id] != nil } }

  package var depth: Int { held.withLock { $0.count } }

  /// When the mail was held that has been here longest. O(depth), for metrics.
  package var oldest: Timestamp? { held.withLock { $0.values.min() } }

  /// Durable when it returns. One that is here already stays as it is.
  /// - Throws: `StoreError`: `.noSpace`, `.queueFull`, `.failed`.
  package func hold(_ mail: HeldMail) throws {
    guard depth < maxDepth || holds(mail.id) else {
      throw StoreError(code: .queueFull, message: "the error queue holds \(maxDepth) mails; release or drop some")
    }
    try write { [held] database in
      try database.execute(
        sql: "INSERT OR IGNORE INTO held VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          mail.id.stored, mail.heldAt.rawValue, mail.cause.rawValue, mail.reason, Self.data(mail.envelope.encode),
          mail.original.pack, Int64(clamping: mail.original.offset), mail.original.byteCount,
          Int64(clamping: mail.byteCount), mail.verdict.map { Self.data($0.encode) },
        ])
      return { held.withLock { $0[mail.id] = $0[mail.id] ?? mail.heldAt } }
    }
  }

  /// It has been delivered, or is not wanted: its row goes, durably. Nothing happens for one that is not here.
  package func remove(_ id: QueueItemID) throws {
    try write { [held] database in
      try database.execute(sql: "DELETE FROM held WHERE item = ?", arguments: [id.stored])
      return { held.withLock { $0[id] = nil } }
    }
  }

  /// Another reason for holding it, after it was tried once more.
  package func update(_ id: QueueItemID, cause: HeldMail.Cause, reason: String, verdict: MailVerdict?) throws {
    try write { database in
      try database.execute(
        sql: "UPDATE held SET cause = ?, reason = ?, verdict = ? WHERE item = ?",
        arguments: [cause.rawValue, reason, verdict.map { Self.data($0.encode) }, id.stored])
      return {}
    }
  }

  package func mail(_ id: QueueItemID) throws -> HeldMail? {
    guard holds(id) else { return nil }
    return try read { database in
      try Row.fetchOne(database, sql: "SELECT * FROM held WHERE item = ?", arguments: [id.stored]).map(Self.mail)
    }
  }

  /// In the order of their acceptance, those behind `last`, at most `limit`.
  package func mails(after last: QueueItemID? = nil, limit: Int) throws -> [HeldMail] {
    try read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM held WHERE item > ? ORDER BY item LIMIT ?",
        arguments: [last?.stored ?? Int64.min, limit]
      ).map(Self.mail)
    }
  }

  /// Where the bytes lie of all that are here: nobody else may hold them.
  package func originals() throws -> [BlobReference] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT pack, pack_offset, pack_bytes FROM held").map(Self.original)
    }
  }

  // MARK: Rows

  private func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try StoreError.translatingDatabaseErrors("control.sqlite", remedy: "restore it from a backup") {
      try database.read(body)
    }
  }

  /// - Parameter body: returns what changes memory once the transaction is durable.
  private func write(_ body: (Database) throws -> () -> Void) throws {
    try StoreError.translatingDatabaseErrors("control.sqlite", remedy: "restore it from a backup") {
      try database.writeWithoutTransaction { database in
        var apply: (() -> Void)?
        try database.inTransaction(.immediate) {
          apply = try body(database)
          return .commit
        }
        apply?()
      }
    }
  }

  private static func mail(_ row: Row) throws -> HeldMail {
    guard let cause = HeldMail.Cause(rawValue: try row.value("cause")) else { throw damage("a cause") }
    return HeldMail(
      id: QueueItemID(try row.value("item") as Int64), heldAt: Timestamp(rawValue: try row.value("held_at")),
      cause: cause, reason: try row.value("reason"),
      envelope: try decoded(row, "envelope") { reader throws(DecodingError) in try InboundEnvelope(from: &reader) },
      original: try original(row), byteCount: UInt64(clamping: try row.value("size") as Int64),
      verdict: (row["verdict"] as DatabaseValue).isNull
        ? nil : try decoded(row, "verdict") { reader throws(DecodingError) in try MailVerdict(from: &reader) })
  }

  private static func original(_ row: Row) throws -> BlobReference {
    BlobReference(
      pack: try row.value("pack"), offset: UInt64(clamping: try row.value("pack_offset") as Int64),
      byteCount: try row.value("pack_bytes"))
  }

  private static func decoded<Value>(
    _ row: Row, _ column: String, _ body: (inout ByteReader) throws(DecodingError) -> Value
  ) throws -> Value {
    var reader = ByteReader([UInt8](try row.value(column) as Data))
    do {
      let value = try body(&reader)
      if reader.isAtEnd { return value }
    } catch {
      throw damage("a readable \(column) (\(error))")
    }
    throw damage("the end of the \(column)")
  }

  private static func data(_ encode: (inout ByteWriter) -> Void) -> Data {
    var writer = ByteWriter(reserving: 256)
    encode(&writer)
    return Data(writer.bytes)
  }

  private static func damage(_ expected: String) -> StoreError {
    StoreError(code: .corrupt, message: "control.sqlite is damaged: expected \(expected) in a row of held mail")
  }
}

extension QueueItemID {
  /// As SQLite keeps it, in the order of the numbers: packs are counted from one, so that none is over 2^63.
  var stored: Int64 { Int64(bitPattern: rawValue) }

  init(_ stored: Int64) { self.init(rawValue: UInt64(bitPattern: stored)) }
}

extension Row {
  /// An error and no trap for a value of another type.
  fileprivate func value<Value: DatabaseValueConvertible & StatementColumnConvertible>(_ column: String) throws -> Value
  {
    try decode(Value.self, forColumn: column)
  }
}
