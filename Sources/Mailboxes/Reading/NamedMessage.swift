package import Bytes
package import MailStore

/// A row with the public names of what it holds as numbers.
package struct NamedMessage: Sendable {
  package let row: MessageRow
  package let folder: FolderRow
  package let thread: MessageID

  package init(row: MessageRow, folder: FolderRow, thread: MessageID) {
    self.row = row
    self.folder = folder
    self.thread = thread
  }
}

extension Mailboxes {
  /// In the order given. A row whose folder or thread went away meanwhile is left out, like any message that did.
  package func named(_ rows: [MessageRow], of user: UserID) async throws -> [NamedMessage] {
    try await read(user) { try Self.named(rows, of: user, in: $0) }
  }

  static func named(_ rows: [MessageRow], of user: UserID, in reader: MetadataReader) throws -> [NamedMessage] {
    let folders = Dictionary(uniqueKeysWithValues: try reader.folderSummaries(user).map { ($0.row.id, $0.row) })
    let threads = try reader.threadIDs(user, Set(rows.map(\.thread)))
    return rows.compactMap { row in
      guard let folder = folders[row.folder], let thread = threads[row.thread] else { return nil }
      return NamedMessage(row: row, folder: folder, thread: thread)
    }
  }
}
