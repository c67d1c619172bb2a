import Bytes
import GRDB

/// What the writer keeps in memory of a user it writes for, so that a mail costs no statement for counting. Written to
/// the `user` and `folder` rows when the view's transaction is committed.
struct MailboxState {
  var nextDocID: UInt32 = 1
  var nextSequence: UInt64 = 1
  var nextFolderID: UInt32 = 1
  /// Of all messages.
  private(set) var byteCount: UInt64 = 0
  var folders = FolderCatalog()
  var isDirty = false

  init() {}

  init(of user: UserID, in database: Database) throws {
    let counters = try database.cachedStatement(
      sql: "SELECT next_doc, next_seq, next_folder, bytes FROM user WHERE user = ?")
    if let row = try Row.fetchOne(counters, arguments: [user.rawValue]) {
      nextDocID = try row.value(0)
      nextSequence = UInt64(bitPattern: try row.value(1))
      nextFolderID = try row.value(2)
      byteCount = UInt64(bitPattern: try row.value(3))
    }
    for summary in try MetadataReader(database).folderSummaries(user) {
      folders.insert(FolderCatalog.Entry(row: summary.row, total: summary.total, unread: summary.unread))
    }
  }

  mutating func count(_ change: Int, in folder: FolderID, isRead: Bool) throws {
    guard folders.count(change, in: folder, isRead: isRead) else {
      throw StoreError(code: .failed, message: "a change names folder \(folder), which does not exist")
    }
  }

  /// A message comes or goes. What is kept may be wrong in a damaged file, which keeps nobody from deleting mail: `counts` tells.
  mutating func add(byteCount size: UInt64) {
    let (sum, overflows) = byteCount.addingReportingOverflow(size)
    byteCount = overflows ? .max : sum
  }

  mutating func subtract(byteCount size: UInt64) { byteCount -= min(size, byteCount) }

  mutating func write(of user: UserID, to database: Database) throws {
    if isDirty {
      let statement = try database.cachedStatement(
        sql: """
          INSERT INTO user VALUES (?, ?, ?, ?, ?) ON CONFLICT (user)
          DO UPDATE SET next_doc = excluded.next_doc, next_seq = excluded.next_seq, next_folder = excluded.next_folder,
            bytes = excluded.bytes
          """)
      try statement.execute(
        arguments: [
          user.rawValue, nextDocID, Int64(bitPattern: nextSequence), nextFolderID, Int64(bitPattern: byteCount),
        ])
      isDirty = false
    }
    try folders.forEachDirty { folder in
      let statement = try database.cachedStatement(
        sql: "UPDATE folder SET total = ?, unread = ? WHERE user = ? AND folder = ?")
      try statement.execute(
        arguments: [folder.total, folder.unread, user.rawValue, folder.row.id.rawValue])
    }
  }
}
