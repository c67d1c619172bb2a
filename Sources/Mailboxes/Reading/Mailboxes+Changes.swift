package import Bytes
package import MailStore

/// A change with the public names of what it holds as numbers.
package struct NamedChange: Sendable {
  package let row: ChangeRow
  /// `nil` when the folder is gone.
  package let folder: FolderRow?
  package let thread: MessageID?
}

extension Mailboxes {
  /// What changed after `since`, oldest first; waits up to `timeout` while there is nothing, or until it is cancelled.
  /// - Throws: `MailboxError` `.invalid` when `since` is ahead of everything that happened: whoever asks so knows a
  ///   mailbox that this one is not, and would wait for nothing until the numbers had caught up.
  package func changes(
    _ user: UserID, since: SequenceNumber, limit: Int, timeout: Duration
  ) async throws -> [NamedChange] {
    let known = board.latest(user)
    let changes = try await read(user) { reader in
      let changes = try Self.changes(user, since: since, limit: limit, in: reader)
      guard try !changes.isEmpty || since <= reader.lastUserSequence(user) else {
        throw MailboxError(.invalid, "since \(since.rawValue) is ahead of everything written so far")
      }
      return changes
    }
    guard changes.isEmpty, timeout > .zero else { return changes }
    await board.wait(for: user, above: max(known, since), timeout: timeout)
    return try await read(user) { try Self.changes(user, since: since, limit: limit, in: $0) }
  }

  private static func changes(
    _ user: UserID, since: SequenceNumber, limit: Int, in reader: MetadataReader
  ) throws -> [NamedChange] {
    let rows = try reader.changes(user, since: since, limit: limit)
    let folders = Dictionary(uniqueKeysWithValues: try reader.folderSummaries(user).map { ($0.row.id, $0.row) })
    return try rows.map { row in
      NamedChange(
        row: row, folder: folders[row.folder], thread: try row.thread.flatMap { try reader.threadID(user, $0) })
    }
  }
}
