import GRDB

/// The tables of `mail.sqlite`; docs/formats/metadata.md tells what each is for.
///
/// Every key begins with the user, so that one user's rows lie together, no statement can reach another's, and a batch
/// of mails dirties few pages. Tables are clustered by their keys (`WITHOUT ROWID`): a rowid would be a second tree.
enum MetadataSchema {
  /// 2 has the table of saved searches, 3 that of missed documents, 4 the verdicts of filters and what each user's messages take.
  static let version: Int32 = 4

  static let pageByteCount = 4096

  private static let firstVersion = """
    CREATE TABLE meta (
      name TEXT NOT NULL PRIMARY KEY,
      value INTEGER NOT NULL
    ) WITHOUT ROWID;

    CREATE TABLE user (
      user INTEGER NOT NULL PRIMARY KEY,
      next_doc INTEGER NOT NULL,
      next_seq INTEGER NOT NULL,
      next_folder INTEGER NOT NULL
    );

    CREATE TABLE folder (
      user INTEGER NOT NULL,
      folder INTEGER NOT NULL,
      public_id INTEGER NOT NULL,
      name TEXT NOT NULL,
      role INTEGER,
      total INTEGER NOT NULL,
      unread INTEGER NOT NULL,
      PRIMARY KEY (user, folder)
    ) WITHOUT ROWID;

    CREATE TABLE message (
      user INTEGER NOT NULL,
      doc INTEGER NOT NULL,
      folder INTEGER NOT NULL,
      flags INTEGER NOT NULL,
      is_read INTEGER NOT NULL,
      thread INTEGER NOT NULL,
      received_at INTEGER NOT NULL,
      size INTEGER NOT NULL,
      labels BLOB,
      content_hash INTEGER NOT NULL,
      id BLOB NOT NULL,
      pack INTEGER NOT NULL,
      pack_offset INTEGER NOT NULL,
      pack_bytes INTEGER NOT NULL,
      trace TEXT NOT NULL,
      summary BLOB NOT NULL,
      PRIMARY KEY (user, doc)
    ) WITHOUT ROWID;
    CREATE INDEX message_by_folder ON message (user, folder, is_read, received_at, doc);
    CREATE INDEX message_by_thread ON message (user, thread, received_at, doc);
    CREATE INDEX message_by_content ON message (user, content_hash);

    CREATE TABLE thread (
      user INTEGER NOT NULL,
      thread INTEGER NOT NULL,
      public_id BLOB NOT NULL,
      merged_into INTEGER,
      PRIMARY KEY (user, thread)
    ) WITHOUT ROWID;
    CREATE INDEX thread_alias ON thread (user, merged_into) WHERE merged_into IS NOT NULL;

    CREATE TABLE thread_key (
      user INTEGER NOT NULL,
      key INTEGER NOT NULL,
      thread INTEGER NOT NULL,
      PRIMARY KEY (user, key, thread)
    ) WITHOUT ROWID;

    CREATE TABLE change (
      user INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      doc INTEGER NOT NULL,
      kind INTEGER NOT NULL,
      folder INTEGER NOT NULL,
      thread INTEGER NOT NULL,
      public_id BLOB,
      PRIMARY KEY (user, seq, doc)
    ) WITHOUT ROWID;

    CREATE TABLE delivered (
      user INTEGER NOT NULL,
      item INTEGER NOT NULL,
      doc INTEGER NOT NULL,
      PRIMARY KEY (user, item)
    ) WITHOUT ROWID;
    """

  /// What makes a file of one version, from 0, one of the next.
  private static let upgrades = [firstVersion, searches, documentRetries, verdicts + byteCounts]

  private static let searches = """
    CREATE TABLE search (
      user INTEGER NOT NULL,
      search INTEGER NOT NULL,
      name TEXT NOT NULL,
      query TEXT NOT NULL,
      notifies INTEGER NOT NULL,
      updated_at INTEGER NOT NULL,
      PRIMARY KEY (user, search)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX search_by_name ON search (user, name);
    """

  private static let documentRetries = """
    CREATE TABLE document_retry (
      user INTEGER NOT NULL,
      doc INTEGER NOT NULL,
      tries INTEGER NOT NULL,
      due_at INTEGER,
      reason TEXT NOT NULL,
      PRIMARY KEY (user, doc)
    ) WITHOUT ROWID;
    CREATE INDEX document_retry_due ON document_retry (user, due_at) WHERE due_at IS NOT NULL;
    """

  /// A `MailVerdict`; NULL where no filter has seen the mail.
  private static let verdicts = "ALTER TABLE message ADD COLUMN verdict BLOB;"
  /// Counted once, over all rows; from then on it moves with every change.
  private static let byteCounts = """
    ALTER TABLE user ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
    UPDATE user SET bytes = (SELECT coalesce(sum(size), 0) FROM message WHERE message.user = user.user);
    """

  /// Those that `mailboxRemoved` clears, and a dump shows.
  static let userTables = [
    "user", "folder", "message", "thread", "thread_key", "change", "delivered", "search", "document_retry",
  ]

  /// Makes the tables that the file lacks: all in an empty one; leaves one of this version as it is.
  /// - Throws: `StoreError` for a file of a later version.
  static func prepare(_ database: Database, path: String) throws {
    let found = try Int32.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    if found > version {
      throw StoreError.newerVersion(file: path, found: UInt32(found), known: UInt32(version))
    }
    guard found < version else { return }
    try database.inTransaction {
      for statements in upgrades[max(0, Int(found))...] { try database.execute(sql: statements) }
      try database.execute(
        sql: "INSERT OR IGNORE INTO meta VALUES ('applied_seq', 0); PRAGMA user_version = \(version)")
      return .commit
    }
  }
}
