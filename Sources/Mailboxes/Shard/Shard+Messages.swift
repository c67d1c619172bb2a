import Bytes
import MailStore

extension Shard {
  /// The user's folders with everything answered so far; from memory while none of them changes. Blocks.
  func folders(of user: UserID) throws -> MailboxFolders {
    try writer.folderCache.folders(of: user) {
      MailboxFolders(try read(for: user) { try $0.folderSummaries(user) }.map(\.row))
    }
  }

  /// The user's messages with everything answered so far, in the order asked for, leaving out what is not there. Waits for the
  /// writer only where threads or folders changed a moment ago. Blocks.
  func messages(_ docIDs: [DocID], of user: UserID) throws -> [NamedMessage] {
    // First the changes, then the rows: what is committed in between is in both.
    let changes = writer.uncommittedChanges(of: user)
    if !changes.needsView, let messages = try messages(docIDs, of: user, with: changes) { return messages }
    return try read(for: user) { reader in
      try Mailboxes.named(try reader.rows(user, docIDs), of: user, in: reader)
    }
  }

  /// - Returns: `nil` where a folder came or went after the list of folders was read, or the name of a thread is not known: all
  ///   must be of one moment then.
  private func messages(
    _ docIDs: [DocID], of user: UserID, with changes: UncommittedChanges
  ) throws -> [NamedMessage]? {
    let folders = try folders(of: user).byID
    return try view.read { reader in
      let committed = try reader.rowsByDocID(user, docIDs.filter { !changes.hasAdded($0) })
      let rows = docIDs.compactMap { changes.row($0, committed: committed[$0]) }
      let threads = try reader.threadIDs(user, Set(rows.filter { !$0.foundedItsThread }.map(\.thread)))
      var messages: [NamedMessage] = []
      for row in rows {
        let thread = row.foundedItsThread ? row.id : changes.name(of: row.thread) ?? threads[row.thread]
        guard let folder = folders[row.folder], let thread else { return nil }
        messages.append(NamedMessage(row: row, folder: folder, thread: thread))
      }
      return messages
    }
  }
}

extension MessageRow {
  /// Then the thread's public name is its own, as long as it is there.
  fileprivate var foundedItsThread: Bool { thread.rawValue == docID.rawValue }
}
