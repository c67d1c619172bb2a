import Bytes
import MailStore
import Query

/// What names in a query mean with the commit that brings a mail: by the writer's rows, and by what the commit changes besides.
struct ArrivalLookups: Sendable {
  let view: MetadataView
  let now: Timestamp
  /// The mail's; its original is stored before it is committed.
  let row: MessageRow
  /// With one that the commit makes.
  let folders: [FolderRow]
  /// Threads that become part of the mail's.
  let merged: [ThreadID]
  private let failures = SearchLookups()

  init(view: MetadataView, now: Timestamp, row: MessageRow, folders: [FolderRow], merged: [ThreadID]) {
    self.view = view
    self.now = now
    self.row = row
    self.folders = folders
    self.merged = merged
  }

  func context(
    _ headers: StoredHeaders, _ startOfDay: @escaping @Sendable (Int) -> Timestamp
  ) -> SearchContext {
    SearchContext(
      folders: MailboxFolders(folders).forSearch, now: now, startOfDay: startOfDay,
      thread: { name in
        guard let id = MessageID(name) else { return nil }
        let found = failures.result { try view.readUncommitted { try $0.thread(row.user, publicID: id) } }
        return found.map { merged.contains($0) ? row.thread.rawValue : $0.rawValue }
      },
      message: { name in
        guard let id = MessageID(name) else { return nil }
        let named = failures.result { try view.row(row.user, id.docID) }
        return named?.id == id ? id.docID : nil
      },
      headers: { _ in
        // Of no other mail is anything asked.
        do { return try headers.header(of: row) } catch { throw UnreadHeader(cause: error) }
      })
  }

  /// - Throws: what kept a name from being looked up.
  func check() throws { try failures.check() }
}
