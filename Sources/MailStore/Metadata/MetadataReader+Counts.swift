package import Bytes
import GRDB

/// A mailbox counted row by row, for `stats` and `verify`.
package struct MailboxCounts: Hashable, Sendable {
  package var messages = 0
  package var unread = 0
  package var threads = 0
  /// Of the originals with their trace fields.
  package var byteCount: UInt64 = 0
  /// The same as it is kept beside the rows, to be had without counting.
  package var keptByteCount: UInt64 = 0
  package var changes = 0
  package var delivered = 0
  /// Folders whose kept counters are not what their rows count to; empty in a sound view.
  package var miscounted: [FolderID] = []

  package init() {}
}

extension MetadataReader {
  /// - Complexity: all of the user's rows.
  package func counts(_ user: UserID) throws -> MailboxCounts {
    var counts = MailboxCounts()
    let totals = try Row.fetchOne(
      database,
      sql: """
        SELECT count(*), coalesce(sum(1 - is_read), 0), count(DISTINCT thread), coalesce(sum(size), 0)
        FROM message WHERE user = ?
        """, arguments: [user.rawValue])
    if let totals {
      counts.messages = totals[0]
      counts.unread = totals[1]
      counts.threads = totals[2]
      counts.byteCount = UInt64(bitPattern: totals[3])
    }
    counts.keptByteCount = try keptByteCount(user)
    counts.changes = try count("change", user)
    counts.delivered = try count("delivered", user)
    counts.miscounted = try UInt32.fetchAll(
      database,
      sql: """
        SELECT folder FROM folder
        LEFT JOIN (
          SELECT folder AS counted, count(*) AS counted_total, sum(1 - is_read) AS counted_unread
          FROM message WHERE user = :user GROUP BY folder
        ) ON counted = folder
        WHERE user = :user AND (total <> coalesce(counted_total, 0) OR unread <> coalesce(counted_unread, 0))
        UNION
        SELECT folder FROM message
        WHERE user = :user AND folder NOT IN (SELECT folder FROM folder WHERE user = :user)
        """, arguments: ["user": user.rawValue]
    ).map(FolderID.init(rawValue:))
    return counts
  }

  private func keptByteCount(_ user: UserID) throws -> UInt64 {
    let kept = try Int64.fetchOne(database, sql: "SELECT bytes FROM user WHERE user = ?", arguments: [user.rawValue])
    return UInt64(bitPattern: kept ?? 0)
  }

  /// What everybody's messages take, as it is kept.
  /// - Complexity: O(*users*).
  package func byteCounts() throws -> [UserID: UInt64] {
    var counts: [UserID: UInt64] = [:]
    let rows = try Row.fetchCursor(database, sql: "SELECT user, bytes FROM user")
    while let row = try rows.next() {
      counts[UserID(rawValue: try row.value(0))] = UInt64(bitPattern: try row.value(1))
    }
    return counts
  }

  private func count(_ table: String, _ user: UserID) throws -> Int {
    try Int.fetchOne(
      database, sql: "SELECT count(*) FROM \(table) WHERE user = ?", arguments: [user.rawValue]) ?? 0
  }
}
