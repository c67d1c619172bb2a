package import Bytes
import GRDB

extension MetadataReader {
  /// In order of folder number.
  package func folderSummaries(_ user: UserID) throws -> [FolderSummary] {
    let statement = try database.cachedStatement(
      sql: "SELECT folder, public_id, name, role, total, unread FROM folder WHERE user = ? ORDER BY folder")
    return try Row.fetchAll(statement, arguments: [user.rawValue]).map { row in
      let role: UInt8? = try row.optionalValue(3)
      return FolderSummary(
        row: FolderRow(
          id: FolderID(rawValue: try row.value(0)), publicID: UInt64(bitPattern: try row.value(1)),
          name: try row.value(2),
          role: role.flatMap(FolderRole.init(rawValue:))),
        total: try row.value(4), unread: try row.value(5))
    }
  }

  /// A folder's messages, newest first, ties by docID.
  /// - Parameters:
  ///   - isRead: true or false for only those; nil for all.
  ///   - cursor: the last row of the page before.
  /// - Complexity: the rows of the page (for `nil` twice as many index entries), wherever in the folder it lies.
  package func folderPage(
    _ user: UserID, folder: FolderID, isRead: Bool?, limit: Int, after cursor: (receivedAt: Timestamp, docID: DocID)?
  ) throws -> [MessageRow] {
    // The index has read and unread apart, each newest first: all of a folder is the merge of both.
    let kinds = isRead.map { [$0] } ?? [false, true]
    let found = try kinds.flatMap { try places(user, folder, isRead: $0, limit, cursor) }
    return try rows(user, found.sorted(by: >).prefix(limit).map(\.docID))
  }

  private struct Place: Comparable {
    let receivedAt: Int64
    let docID: DocID

    static func < (left: Place, right: Place) -> Bool {
      (left.receivedAt, left.docID) < (right.receivedAt, right.docID)
    }
  }

  package static let pageSQL = """
    SELECT received_at, doc FROM message
    WHERE user = ? AND folder = ? AND is_read = ? AND (received_at, doc) < (?, ?)
    ORDER BY received_at DESC, doc DESC LIMIT ?
    """

  private func places(
    _ user: UserID, _ folder: FolderID, isRead: Bool, _ limit: Int,
    _ cursor: (receivedAt: Timestamp, docID: DocID)?
  ) throws -> [Place] {
    let statement = try database.cachedStatement(sql: Self.pageSQL)
    let rows = try Row.fetchCursor(
      statement,
      arguments: [
        user.rawValue, folder.rawValue, isRead, cursor?.receivedAt.rawValue ?? .max,
        cursor.map { Int64($0.docID.rawValue) } ?? .max, max(0, limit),
      ])
    var places: [Place] = []
    while let row = try rows.next() {
      places.append(Place(receivedAt: try row.value(0), docID: DocID(rawValue: try row.value(1))))
    }
    return places
  }
}
