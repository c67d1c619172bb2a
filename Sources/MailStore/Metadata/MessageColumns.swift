import Bytes
import Foundation
import GRDB

/// Between `MessageRow` and the columns of its table.
enum MessageColumns {
  static let all = """
    doc, folder, flags, thread, received_at, size, labels, content_hash, id, pack, pack_offset, pack_bytes, trace, \
    summary, verdict
    """

  static func insert(_ row: MessageRow, into database: Database) throws {
    let statement = try database.cachedStatement(
      sql: """
        INSERT INTO message (user, is_read, \(all)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      row.user.rawValue, row.flags.contains(.read), row.docID.rawValue, row.folder.rawValue, row.flags.rawValue,
      row.thread.rawValue,
      row.receivedAt.rawValue, Int64(clamping: row.size), encode(row.labels), Int64(bitPattern: row.contentHash),
      encode(row.id), row.original.pack, Int64(clamping: row.original.offset), row.original.byteCount, row.trace,
      encode(row.summary), row.verdict.map(encode),
    ])
  }

  /// Gives a message that is there other defects.
  static func write(defects: [String], of user: UserID, _ docID: DocID, in database: Database) throws {
    let stored = try database.cachedStatement(sql: "SELECT summary FROM message WHERE user = ? AND doc = ?")
    guard let row = try Row.fetchOne(stored, arguments: [user.rawValue, docID.rawValue]) else { return }
    var summary = try summary(row, 0)
    summary.defects = defects
    try database.cachedStatement(sql: "UPDATE message SET summary = ? WHERE user = ? AND doc = ?")
      .execute(arguments: [encode(summary), user.rawValue, docID.rawValue])
  }

  private static func encode(_ summary: MessageSummary) -> Data {
    var writer = ByteWriter(reserving: 512)
    summary.encode(into: &writer)
    return Data(writer.bytes)
  }

  private static func encode(_ verdict: MailVerdict) -> Data {
    var writer = ByteWriter(reserving: 256)
    verdict.encode(into: &writer)
    return Data(writer.bytes)
  }

  /// - Parameter row: `all` columns, in their order.
  static func decode(_ row: Row, of user: UserID) throws -> MessageRow {
    MessageRow(
      user: user, docID: DocID(rawValue: try row.value(0)), id: try id(row, 8),
      folder: FolderID(rawValue: try row.value(1)),
      thread: ThreadID(rawValue: try row.value(3)), receivedAt: Timestamp(rawValue: try row.value(4)),
      flags: MessageFlags(rawValue: try row.value(2)), labels: try labels(row, 6),
      size: UInt64(bitPattern: try row.value(5)),
      original: BlobReference(
        pack: try row.value(9), offset: UInt64(bitPattern: try row.value(10)), byteCount: try row.value(11)),
      trace: try row.value(12), contentHash: UInt64(bitPattern: try row.value(7)), summary: try summary(row, 13),
      verdict: try verdict(row, 14))
  }

  static func summary(_ row: Row, _ column: Int) throws -> MessageSummary {
    try decode(row, column) { reader throws(DecodingError) in try MessageSummary(from: &reader) }
  }

  private static func verdict(_ row: Row, _ column: Int) throws -> MailVerdict? {
    if row.hasNull(atIndex: column) { return nil }
    return try decode(row, column) { reader throws(DecodingError) in try MailVerdict(from: &reader) }
  }

  static func labels(_ row: Row, _ column: Int) throws -> [String] {
    if row.hasNull(atIndex: column) { return [] }
    return try decode(row, column) { reader throws(DecodingError) in try reader.readList() }
  }

  static func encode(_ labels: [String]) -> Data? {
    if labels.isEmpty { return nil }
    var writer = ByteWriter()
    writer.writeList(labels)
    return Data(writer.bytes)
  }

  static func encode(_ id: MessageID) -> Data { Data(id.bytes) }

  /// Public ids of folders or searches in a change row: 8 bytes each, big-endian.
  static func encode(_ ids: [UInt64]) -> Data {
    Data(ids.flatMap { id in (0..<8).map { UInt8(truncatingIfNeeded: id >> UInt64(56 - 8 * $0)) } })
  }

  static func publicIDs(_ row: Row, _ column: Int) throws -> [UInt64] {
    let bytes = try bytes(row, column)
    guard bytes.count % 8 == 0, !bytes.isEmpty else { throw damage("public ids of 8 bytes each") }
    return stride(from: 0, to: bytes.count, by: 8).map { start in
      bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  static func id(_ row: Row, _ column: Int) throws -> MessageID {
    guard let id = MessageID(bytes: try bytes(row, column)) else { throw damage("a message id of 16 bytes") }
    return id
  }

  private static func decode<Value>(
    _ row: Row, _ column: Int, _ body: (inout ByteReader) throws(DecodingError) -> Value
  ) throws -> Value {
    var reader = ByteReader(try bytes(row, column))
    do {
      let value = try body(&reader)
      if reader.isAtEnd { return value }
    } catch {
      throw damage("a readable value (\(error))")
    }
    throw damage("the end of a value")
  }

  private static func bytes(_ row: Row, _ column: Int) throws -> [UInt8] {
    try row.withUnsafeData(atIndex: column) { data in data.map { [UInt8]($0) } ?? [] }
  }

  private static func damage(_ expected: String) -> StoreError {
    StoreError(code: .corrupt, message: "mail.sqlite is damaged: expected \(expected) in a message's row")
  }
}

extension Row {
  func hasNull(atIndex index: Int) -> Bool { (self[index] as DatabaseValue).isNull }

  /// Unlike a subscript, an error and no trap for a value of another type or out of range: the file may be damaged.
  func value<Value: DatabaseValueConvertible & StatementColumnConvertible>(_ index: Int) throws -> Value {
    try decode(Value.self, atIndex: index)
  }

  func optionalValue<Value: DatabaseValueConvertible & StatementColumnConvertible>(_ index: Int) throws -> Value? {
    hasNull(atIndex: index) ? nil : try value(index)
  }
}
