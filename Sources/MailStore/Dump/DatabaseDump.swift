import Bytes
import GRDB

/// Prints what a SQLite file of the store holds, as counts: the metadata view of a shard, the accounts, the index of
/// attachments, or the texts of documents. SQLite itself checks the file and says what is damaged; its messages name pages and
/// not bytes.
struct DatabaseDump {
  /// What tells one of ours from another, and the tables that have a user's column.
  private static let tables: [(table: String, kind: String)] = [
    ("message", "metadata of a shard"), ("token", "accounts"), ("attachment", "index of attachments"),
    ("document", "texts of documents"),
  ]
  private static let shownProblems = 20

  private let path: String
  private let output: DumpOutput

  init(_ path: String, _ output: DumpOutput) {
    self.path = path
    self.output = output
  }

  func write() throws {
    do {
      var configuration = Configuration()
      configuration.readonly = true
      configuration.busyMode = .timeout(10)
      let database = try DatabaseQueue(path: path, configuration: configuration)
      defer { try? database.close() }
      try database.read { try write($0) }
    } catch let error as DatabaseError {
      try output.damage("\(error.message ?? "SQLite error") (\(error.resultCode))")
    }
  }

  private func write(_ database: Database) throws {
    let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
    let pageByteCount = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
    let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    let tables = try String.fetchAll(
      database, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    let kind = Self.tables.first { tables.contains($0.table) }?.kind ?? "unknown"
    try output.line("database, \(kind), version \(version), \(pages) pages of \(pageByteCount) bytes")
    for table in tables { try noting { try writeCount(table, database) } }
    if tables.contains("meta") {
      try noting {
        for row in try Row.fetchAll(database, sql: "SELECT name, value FROM meta ORDER BY name") {
          try output.line("\(row["name"] as String) \(row["value"] as Int64)")
        }
      }
    }
    if tables.contains("message") { try noting { try writeUsers(database) } }
    try noting {
      for problem in try String.fetchAll(database, sql: "PRAGMA integrity_check(\(Self.shownProblems))")
      where problem != "ok" { try output.damage(problem) }
    }
  }

  private func writeCount(_ table: String, _ database: Database) throws {
    // The names come from the file's own schema.
    let quoted = "\"" + table.replacing("\"", with: "\"\"") + "\""
    let hasUser = try database.columns(in: table).contains { $0.name == "user" }
    let filter = hasUser ? output.scope.user.map { " WHERE user = \($0.rawValue)" } ?? "" : ""
    let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM \(quoted)\(filter)") ?? 0
    try output.line("table \(table): \(count) rows")
  }

  private func writeUsers(_ database: Database) throws {
    let filter = output.scope.user.map { "WHERE user = \($0.rawValue)" } ?? ""
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT user, count(*) AS messages, sum(is_read = 0) AS unread, count(DISTINCT folder) AS folders,
          min(doc) AS first, max(doc) AS last, sum(size) AS bytes
        FROM message \(filter) GROUP BY user ORDER BY user
        """)
    while let row = try rows.next() {
      try output.line(
        "user \(row["user"] as Int64): \(row["messages"] as Int64) messages, \(row["unread"] as Int64) unread, "
          + "in \(row["folders"] as Int64) folders, documents \(row["first"] as Int64) to \(row["last"] as Int64), "
          + "\(row["bytes"] as Int64) bytes")
    }
  }

  /// What SQLite cannot read is damage, and the rest is still shown.
  private func noting(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as DatabaseError {
      try output.damage("\(error.message ?? "SQLite error") (\(error.resultCode))")
    }
  }
}
