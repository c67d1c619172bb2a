import Bytes
import Foundation
import GRDB

/// Turns changes into rows inside the view's open transaction. Nothing here asks a clock, a random source or anything
/// but the changes and the rows, so a replay gives the same rows.
struct MetadataWriter {
  /// Of the last applied record, committed or not.
  var applied: SequenceNumber
  var users: [UserID: MailboxState] = [:]

  /// The users kept in memory between two commits.
  private static let maxUsers = 1_024

  init(applied: SequenceNumber) { self.applied = applied }

  /// - Throws: `StoreError` `.failed` when the record does not fit the rows: it was not made by this journal's writer.
  mutating func apply(_ record: JournalRecord, _ database: Database) throws {
    guard record.sequence == applied.next else {
      throw StoreError(
        code: .failed, message: "expected record \(applied.next), found \(record.sequence)")
    }
    for change in record.changes { try apply(change, database) }
    applied = record.sequence
  }

  /// Writes what is kept in memory, before a commit.
  mutating func flush(_ database: Database) throws {
    for user in users.keys { try users[user]?.write(of: user, to: database) }
    if users.count > Self.maxUsers { users = [:] }
    try database.cachedStatement(sql: "UPDATE meta SET value = ? WHERE name = 'applied_seq'")
      .execute(arguments: [Int64(bitPattern: applied.rawValue)])
  }

  mutating func state(of user: UserID, _ database: Database) throws -> MailboxState {
    if let state = users[user] { return state }
    let state = try MailboxState(of: user, in: database)
    users[user] = state
    return state
  }

  // MARK: - Changes

  /// First what no client hears of; then, with the next number of the user, for each kind: check that it fits, count,
  /// write the rows, write the change row.
  private mutating func apply(_ change: Change, _ database: Database) throws {
    let user = change.user
    switch change.body {
    case .queueItemFinished(let item):
      try database.cachedStatement(sql: "DELETE FROM delivered WHERE user = ? AND item = ?")
        .execute(arguments: [user.rawValue, Int64(bitPattern: item.rawValue)])
      return
    case .documentsMissed(let docID, let retry):
      try DocumentRetryRows(database: database, user: user).write(retry, of: docID)
      return
    case .mailboxRemoved:
      for table in MetadataSchema.userTables {
        try database.execute(sql: "DELETE FROM \(table) WHERE user = ?", arguments: [user.rawValue])
      }
      users[user] = nil
      return
    default: break
    }

    var state = try state(of: user, database)
    // Held here alone, so that what changes in it is not copied first. Should this throw, all of it is abandoned.
    users[user] = nil
    guard change.userSequence.rawValue == state.nextSequence else {
      throw StoreError(
        code: .failed, message: "expected change #\(state.nextSequence) of \(user), found \(change.userSequence)")
    }
    state.nextSequence &+= 1
    state.isDirty = true
    let rows = ChangeRowWriter(database: database, user: user, sequence: change.userSequence)
    switch change.body {
    case .messageAdded(let row, _, let item, let keys):
      try add(row, item, keys, &state, database)
      try rows.write(.messageAdded, row.docID, folder: row.folder, thread: row.thread)
    case .messageUpdated(let docID, let folder, let flags, let labels):
      let old = try StoredPlace.of(docID, user, database)
      try state.count(-1, in: old.folder, isRead: old.flags.contains(.read))
      try state.count(1, in: folder, isRead: flags.contains(.read))
      try database.cachedStatement(
        sql: "UPDATE message SET folder = ?, flags = ?, is_read = ?, labels = ? WHERE user = ? AND doc = ?"
      ).execute(
        arguments: [
          folder.rawValue, flags.rawValue, flags.contains(.read), MessageColumns.encode(labels), user.rawValue,
          docID.rawValue,
        ])
      try rows.write(.messageUpdated, docID, folder: folder, thread: old.thread)
    case .messageRemoved(let docID):
      let old = try StoredPlace.of(docID, user, database)
      try state.count(-1, in: old.folder, isRead: old.flags.contains(.read))
      state.subtract(byteCount: old.size)
      try ThreadRows(database: database, user: user).founderIsLeaving(docID, id: old.id)
      try DocumentRetryRows(database: database, user: user).remove(docID)
      try database.cachedStatement(sql: "DELETE FROM message WHERE user = ? AND doc = ?")
        .execute(arguments: [user.rawValue, docID.rawValue])
      try rows.write(
        .messageRemoved, docID, folder: old.folder, thread: old.thread, publicID: MessageColumns.encode(old.id))
    case .threadsMerged(let from, let into):
      for moved in try ThreadRows(database: database, user: user).merge(from, into: into) {
        try rows.write(.messageMovedToThread, moved.docID, folder: moved.folder, thread: into)
      }
    case .folderCreated(let folder):
      guard state.folders[folder.id] == nil else {
        throw StoreError(code: .failed, message: "folder \(folder.id) of \(user) exists")
      }
      state.folders.insert(FolderCatalog.Entry(row: folder))
      state.nextFolderID = max(state.nextFolderID, folder.id.rawValue &+ 1)
      try database.cachedStatement(sql: "INSERT INTO folder VALUES (?, ?, ?, ?, ?, 0, 0)")
        .execute(arguments: [
          user.rawValue, folder.id.rawValue, Int64(bitPattern: folder.publicID), folder.name, folder.role?.rawValue,
        ])
      try rows.write(.folderCreated, folder: folder.id)
    case .folderRenamed(let folder, let name):
      guard state.folders[folder] != nil else {
        throw StoreError(code: .failed, message: "there is no folder \(folder) of \(user) to rename")
      }
      state.folders.rename(folder, to: name)
      try database.cachedStatement(sql: "UPDATE folder SET name = ? WHERE user = ? AND folder = ?")
        .execute(arguments: [name, user.rawValue, folder.rawValue])
      try rows.write(.folderRenamed, folder: folder)
    case .folderRemoved(let folder):
      guard let old = state.folders.entry(folder), old.total == 0 else {
        throw StoreError(code: .failed, message: "folder \(folder) of \(user) is not there or not empty")
      }
      state.folders.remove(folder)
      try database.cachedStatement(sql: "DELETE FROM folder WHERE user = ? AND folder = ?")
        .execute(arguments: [user.rawValue, folder.rawValue])
      try rows.write(.folderRemoved, folder: folder, publicID: MessageColumns.encode([old.row.publicID]))
    case .searchSaved(let search):
      try SearchRows(database: database, user: user).write(search)
      try rows.write(.searchSaved, of: [search.id])
    case .searchRemoved(let search):
      try SearchRows(database: database, user: user).remove(search)
      try rows.write(.searchRemoved, of: [search])
    case .messageMatched(let docID, let searches):
      let place = try StoredPlace.of(docID, user, database)
      try rows.write(.messageMatched, docID, folder: place.folder, thread: place.thread, of: searches)
    case .messageReread(let docID, _, let defects):
      let place = try StoredPlace.of(docID, user, database)
      try MessageColumns.write(defects: defects, of: user, docID, in: database)
      try rows.write(.messageUpdated, docID, folder: place.folder, thread: place.thread)
    case .queueItemFinished, .documentsMissed, .mailboxRemoved: break
    }
    users[user] = state
  }

  private func add(
    _ row: MessageRow, _ item: QueueItemID?, _ keys: ThreadKeys, _ state: inout MailboxState, _ database: Database
  ) throws {
    guard row.docID.rawValue >= state.nextDocID, row.docID.rawValue < .max else {
      throw StoreError(
        code: .failed, message: "expected a docID of \(row.user) from d\(state.nextDocID) on, found \(row.docID)")
    }
    state.nextDocID = row.docID.rawValue + 1
    try state.count(1, in: row.folder, isRead: row.flags.contains(.read))
    state.add(byteCount: row.size)
    try MessageColumns.insert(row, into: database)
    try ThreadRows(database: database, user: row.user).write(keys, thread: row.thread)
    if let item {
      try database.cachedStatement(sql: "INSERT INTO delivered VALUES (?, ?, ?)")
        .execute(arguments: [row.user.rawValue, Int64(bitPattern: item.rawValue), row.docID.rawValue])
    }
  }
}

/// The columns of a message that an update or a removal needs to know.
private struct StoredPlace {
  let folder: FolderID
  let flags: MessageFlags
  let thread: ThreadID
  let id: MessageID
  let size: UInt64

  static func of(_ docID: DocID, _ user: UserID, _ database: Database) throws -> StoredPlace {
    let statement = try database.cachedStatement(
      sql: "SELECT folder, flags, thread, id, size FROM message WHERE user = ? AND doc = ?")
    guard let row = try Row.fetchOne(statement, arguments: [user.rawValue, docID.rawValue]) else {
      throw StoreError(code: .failed, message: "a change names message \(docID) of \(user), which does not exist")
    }
    return StoredPlace(
      folder: FolderID(rawValue: try row.value(0)), flags: MessageFlags(rawValue: try row.value(1)),
      thread: ThreadID(rawValue: try row.value(2)), id: try MessageColumns.id(row, 3),
      size: UInt64(bitPattern: try row.value(4)))
  }
}

/// Writes the rows by which clients hear of a change.
private struct ChangeRowWriter {
  let database: Database
  let user: UserID
  let sequence: SequenceNumber

  func write(
    _ kind: ChangeRow.Kind, _ docID: DocID = DocID(rawValue: 0), folder: FolderID,
    thread: ThreadID = ThreadID(rawValue: 0), publicID: Data? = nil
  ) throws {
    try database.cachedStatement(sql: "INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?)")
      .execute(arguments: [
        user.rawValue, Int64(bitPattern: sequence.rawValue), docID.rawValue, kind.rawValue, folder.rawValue,
        thread.rawValue, publicID,
      ])
  }

  /// - Parameter searches: those that changed, or that matched the message.
  func write(
    _ kind: ChangeRow.Kind, _ docID: DocID = DocID(rawValue: 0), folder: FolderID = FolderID(rawValue: 0),
    thread: ThreadID = ThreadID(rawValue: 0), of searches: [SavedSearchID]
  ) throws {
    try write(
      kind, docID, folder: folder, thread: thread, publicID: MessageColumns.encode(searches.map(\.rawValue)))
  }
}
