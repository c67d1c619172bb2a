import Bytes
import MailStore
import Query

/// A mailbox's folders without their counts: what a search needs to know of them, and shows of its hits.
struct MailboxFolders: Sendable {
  let byID: [FolderID: FolderRow]
  let forSearch: [SearchFolder]

  init(_ rows: [FolderRow]) {
    byID = Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0) })
    forSearch = rows.map {
      SearchFolder(id: $0.id, name: $0.name, role: $0.role?.name, publicID: $0.publicName)
    }
  }
}

/// The folders of those who searched lately, so that a search reads none: they rarely change, and the writer says when.
///
/// What was read counts only if nobody's folders changed meanwhile: it may be what was there before.
final class FolderCache: Sendable {
  private struct State {
    var known: [UserID: MailboxFolders] = [:]
    var folderCount = 0
    var changes = 0
  }

  /// Of all users together; each takes some 300 bytes.
  private static let maxFolders = 16_384

  private let state = Locked(State())

  /// - Parameter read: gives the folders with everything that was answered when it is called.
  func folders(of user: UserID, read: () throws -> MailboxFolders) rethrows -> MailboxFolders {
    let (known, changes) = state.withLock { ($0.known[user], $0.changes) }
    if let known { return known }
    let folders = try read()
    state.withLock { state in
      guard state.changes == changes else { return }
      if state.folderCount + folders.byID.count > Self.maxFolders { (state.known, state.folderCount) = ([:], 0) }
      state.known[user] = folders
      state.folderCount += folders.byID.count
    }
    return folders
  }

  /// To be called when a change is durable, and readers are sure to see it or to wait for it.
  func forget(_ user: UserID) {
    state.withLock { state in
      state.folderCount -= state.known.removeValue(forKey: user)?.byID.count ?? 0
      state.changes += 1
    }
  }
}
