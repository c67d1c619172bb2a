package import Bytes
import GRDB

extension MetadataReader {
  /// The changes after `sequence`, oldest first. A page ends between two numbers, so it may be longer than `limit` by
  /// the rest of one merge of threads.
  package func changes(_ user: UserID, since sequence: SequenceNumber, limit: Int) throws -> [ChangeRow] {
    var rows = try fetch(
      "change.user = ? AND seq > ? ORDER BY seq, change.doc LIMIT ?",
      [user.rawValue, Int64(clamping: sequence.rawValue), max(0, limit)])
    if rows.count == limit, let last = rows.last {
      rows += try fetch(
        "change.user = ? AND seq = ? AND change.doc > ? ORDER BY change.doc",
        [user.rawValue, Int64(bitPattern: last.sequence.rawValue), last.docID?.rawValue ?? 0])
    }
    return rows
  }

  private func fetch(_ condition: String, _ arguments: StatementArguments) throws -> [ChangeRow] {
    let statement = try database.cachedStatement(
      sql: """
        SELECT seq, kind, change.doc, public_id, change.folder, change.thread, message.id
        FROM change LEFT JOIN message ON message.user = change.user AND message.doc = change.doc
        WHERE \(condition)
        """)
    return try Row.fetchAll(statement, arguments: arguments).map { row in
      let number: UInt8 = try row.value(1)
      guard let kind = ChangeRow.Kind(rawValue: number) else {
        throw StoreError(code: .corrupt, message: "mail.sqlite is damaged: expected a kind of change, found \(number)")
      }
      let docID: UInt32 = try row.value(2)
      let thread: UInt32 = try row.value(5)
      return ChangeRow(
        sequence: SequenceNumber(rawValue: UInt64(bitPattern: try row.value(0))), kind: kind,
        docID: docID == 0 ? nil : DocID(rawValue: docID), messageID: try Self.messageID(row, kind),
        folder: FolderID(rawValue: try row.value(4)), thread: thread == 0 ? nil : ThreadID(rawValue: thread),
        removedFolder: try kind == .folderRemoved ? Self.publicIDs(row).first : nil,
        searches: try kind.isOfSearches ? Self.publicIDs(row).map(SavedSearchID.init(rawValue:)) : [])
    }
  }

  /// A removed message's own, or that of the message that is there.
  private static func messageID(_ row: Row, _ kind: ChangeRow.Kind) throws -> MessageID? {
    let column = kind == .messageRemoved ? 3 : 6
    return row.hasNull(atIndex: column) ? nil : try MessageColumns.id(row, column)
  }

  private static func publicIDs(_ row: Row) throws -> [UInt64] {
    row.hasNull(atIndex: 3) ? [] : try MessageColumns.publicIDs(row, 3)
  }
}

extension ChangeRow.Kind {
  fileprivate var isOfSearches: Bool { self == .searchSaved || self == .searchRemoved || self == .messageMatched }
}
