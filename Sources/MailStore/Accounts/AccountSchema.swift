import Bytes
import Foundation
import GRDB

/// The tables of `control.sqlite`. AUTOINCREMENT keeps the numbers of removed users and tokens from being given again.
///
///     user(id, address, normalised_address unique, name, created_at ms, time_zone, password)
///          time_zone since version 2; password, a `PasswordVerifier`, since version 3
///     token(id, user, hash = SHA-256, label, created_at ms)
///     setting(key, value)        'schema_version' is the one below
///
/// Since version 4:
///
///     admin_token(id, hash = SHA-256, label, created_at ms)
///     blocked_sender(user, pattern)                          a `SenderPattern`
///     held(item, held_at ms, cause, reason, envelope, pack, pack_offset, pack_bytes, size, verdict)   the `ErrorQueue`
///     lesson(id, pack, pack_offset, pack_bytes, class, tries, due_at ms)                              the `LessonQueue`
///
/// Since version 5:
///
///     report(id, name unique, recipient, needs_utf8, bytes, tries, due_at ms)                         the `ReportOutbox`
enum AccountSchema {
  static let version = 5
  static let versionKey = "schema_version"

  /// Makes the tables of a new file, or checks that this program understands the ones that are there and brings them up to date.
  static func prepare(_ database: Database, path: String) throws {
    guard try database.tableExists("setting") else { return try create(database) }
    let text = try String.fetchOne(database, sql: "SELECT value FROM setting WHERE key = ?", arguments: [versionKey])
    guard let found = text.flatMap({ Int($0) }) else {
      throw AccountError(code: .corrupt, message: "\(path): its schema version is unreadable; restore it from a backup")
    }
    guard found <= version else {
      throw AccountError(
        code: .newerVersion,
        message: "\(path) was written by a newer Maildex (schema \(found), this one knows \(version)); upgrade Maildex")
    }
    if found < 2 { try addColumn("time_zone", database, version: 2) }
    if found < 3 { try addColumn("password", database, version: 3) }
    if found < 4 {
      try database.execute(sql: fourthVersion)
      try setVersion(4, database)
    }
    if found < 5 {
      try database.execute(sql: fifthVersion)
      try setVersion(5, database)
    }
  }

  private static func addColumn(_ name: String, _ database: Database, version: Int) throws {
    try database.execute(sql: "ALTER TABLE user ADD COLUMN \(name) TEXT")
    try setVersion(version, database)
  }

  private static func setVersion(_ version: Int, _ database: Database) throws {
    try database.execute(
      sql: "UPDATE setting SET value = ? WHERE key = ?", arguments: [String(version), versionKey])
  }

  private static let fourthVersion = """
    CREATE TABLE admin_token (
      id INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT NULL UNIQUE, label TEXT, created_at INTEGER NOT NULL) STRICT;
    CREATE TABLE blocked_sender (
      user INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE, pattern TEXT NOT NULL,
      PRIMARY KEY (user, pattern)) STRICT, WITHOUT ROWID;
    CREATE TABLE held (
      item INTEGER PRIMARY KEY NOT NULL, held_at INTEGER NOT NULL, cause TEXT NOT NULL, reason TEXT NOT NULL,
      envelope BLOB NOT NULL, pack INTEGER NOT NULL, pack_offset INTEGER NOT NULL, pack_bytes INTEGER NOT NULL,
      size INTEGER NOT NULL, verdict BLOB) STRICT;
    CREATE TABLE lesson (
      id INTEGER PRIMARY KEY AUTOINCREMENT, pack INTEGER NOT NULL, pack_offset INTEGER NOT NULL,
      pack_bytes INTEGER NOT NULL, class INTEGER NOT NULL, tries INTEGER NOT NULL, due_at INTEGER NOT NULL) STRICT;
    CREATE INDEX lesson_due ON lesson(due_at);
    """

  private static let fifthVersion = """
    CREATE TABLE report (
      id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, recipient TEXT NOT NULL, needs_utf8 INTEGER NOT NULL,
      bytes BLOB NOT NULL, tries INTEGER NOT NULL, due_at INTEGER NOT NULL) STRICT;
    CREATE INDEX report_due ON report(due_at);
    """

  private static func create(_ database: Database) throws {
    try database.execute(
      sql: """
        CREATE TABLE setting (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE user (
          id INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT NOT NULL, normalised_address TEXT NOT NULL UNIQUE,
          name TEXT, created_at INTEGER NOT NULL, time_zone TEXT, password TEXT) STRICT;
        CREATE TABLE token (
          id INTEGER PRIMARY KEY AUTOINCREMENT, user INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
          hash BLOB NOT NULL UNIQUE, label TEXT, created_at INTEGER NOT NULL) STRICT;
        CREATE INDEX token_user ON token(user);
        """)
    try database.execute(sql: fourthVersion)
    try database.execute(sql: fifthVersion)
    try database.execute(sql: "INSERT INTO setting VALUES (?, ?)", arguments: [versionKey, String(version)])
  }

  /// Reads everything: accounts are few beside mail.
  static func readDirectory(_ database: Database) throws -> AccountDirectory {
    var directory = AccountDirectory()
    for row in try Row.fetchAll(database, sql: "SELECT key, value FROM setting") {
      directory.settings[row["key"]] = row["value"]
    }
    for row in try Row.fetchAll(database, sql: "SELECT * FROM user ORDER BY id") {
      let id = UserID(rawValue: row["id"])
      guard let address = AccountAddress(row["normalised_address"] as String) else {
        throw AccountError(code: .corrupt, message: "control.sqlite: user \(id) has an address that is none")
      }
      let createdAt = Timestamp(rawValue: row["created_at"])
      directory.insert(
        UserRecord(
          id: id, address: row["address"], name: row["name"], timeZone: row["time_zone"], createdAt: createdAt),
        at: address)
      if let text = row["password"] as String? {
        guard let verifier = PasswordVerifier(text: text) else {
          throw AccountError(code: .corrupt, message: "control.sqlite: user \(id) has a password that is unreadable")
        }
        directory.setPassword(verifier, of: id)
      }
    }
    for row in try Row.fetchAll(database, sql: "SELECT * FROM token ORDER BY id") {
      let token = TokenRecord(
        id: TokenID(rawValue: row["id"]), user: UserID(rawValue: row["user"]), label: row["label"],
        createdAt: Timestamp(rawValue: row["created_at"]))
      directory.insert(token, hash: Array(row["hash"] as Data))
    }
    for row in try Row.fetchAll(database, sql: "SELECT * FROM admin_token ORDER BY id") {
      let token = AdminTokenRecord(
        id: TokenID(rawValue: row["id"]), label: row["label"], createdAt: Timestamp(rawValue: row["created_at"]))
      directory.adminTokens.insert(token, hash: Array(row["hash"] as Data))
    }
    for row in try Row.fetchAll(database, sql: "SELECT * FROM blocked_sender") {
      let user = UserID(rawValue: row["user"])
      guard let pattern = SenderPattern(row["pattern"] as String) else {
        throw AccountError(code: .corrupt, message: "control.sqlite: user \(user) blocks a sender that is none")
      }
      directory.blockedSenders[user, default: []].insert(pattern)
    }
    return directory
  }
}
