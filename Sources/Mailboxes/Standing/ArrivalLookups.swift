import Bytes
import MailStore
import Query

/// What names in a query mean with the commit that brings a mail: by the writer's rows, and by what the commit changes besides.
struct ArrivalLookups: Sendable {
  let view: MetadataView
  let user: UserID
  let now: Timestamp
  /// With one that the commit makes.
  let folders: [FolderRow]
  /// The mail's thread, and those that become part of it.
  let thread: ThreadID
  let merged: [ThreadID]
  private let failures = SearchLookups()

  init(
    view: MetadataView, user: UserID, now: Timestamp, folders: [FolderRow], thread: ThreadID, merged: [ThreadID]
  ) {
    self.view = view
    self.user = user
    self.now = now
    self.folders = folders
    self.thread = thread
    self.merged = merged
  }

  func context(_ startOfDay: @escaping @Sendable (Int) -> Timestamp) -> SearchContext {
    SearchContext(
      folders: MailboxFolders(folders).forSearch, now: now, startOfDay: startOfDay,
      thread: { name in
        guard let id = MessageID(name) else { return nil }
        let found = failures.result { try view.readUncommitted { try $0.thread(user, publicID: id) } }
        return found.map { merged.contains($0) ? thread.rawValue : $0.rawValue }
      },
      message: { name in
        guard let id = MessageID(name) else { return nil }
        let row = failures.result { try view.row(user, id.docID) }
        return row?.id == id ? id.docID : nil
      })
  }

  /// - Throws: what kept a name from being looked up.
  func check() throws { try failures.check() }
}
