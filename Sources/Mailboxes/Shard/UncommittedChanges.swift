import Bytes
import MailStore

/// What the journal holds durably of one user and readers of the view do not see yet: enough to show the user's messages
/// beside rows of the view, so that a search need not wait for the writer to commit.
struct UncommittedChanges: Sendable {
  fileprivate struct Place: Sendable {
    let folder: FolderID
    let flags: MessageFlags
    let labels: [String]
  }

  private var added: [DocID: MessageRow] = [:]
  /// Where messages that came before are now.
  private var places: [DocID: Place] = [:]
  private var removed: Set<DocID> = []
  /// Something changed of which only the view's rows tell: threads, folders, what was read of a message, the whole mailbox.
  private(set) var needsView = false

  mutating func note(_ body: ChangeBody) {
    switch body {
    case .messageAdded(let row, _, _, _): added[row.docID] = row
    case .messageUpdated(let docID, let folder, let flags, let labels):
      let place = Place(folder: folder, flags: flags, labels: labels)
      if let row = added[docID] { added[docID] = row.moved(to: place) } else { places[docID] = place }
    case .messageRemoved(let docID):
      // It may have founded the thread of others, whose name the view alone keeps.
      if added.removeValue(forKey: docID) != nil { needsView = true }
      places[docID] = nil
      removed.insert(docID)
    case .queueItemFinished, .searchSaved, .searchRemoved, .messageMatched, .documentsMissed: break
    case .threadsMerged, .folderCreated, .folderRenamed, .folderRemoved, .mailboxRemoved, .messageReread:
      needsView = true
    }
  }

  /// Whether the message came with these changes: the view need not be asked for it.
  func hasAdded(_ docID: DocID) -> Bool { added[docID] != nil }

  /// The message as it is with these changes.
  /// - Parameter committed: the view's row, of these changes' time or later.
  /// - Returns: `nil` for a message that is not there, or not any more.
  func row(_ docID: DocID, committed: MessageRow?) -> MessageRow? {
    if let row = added[docID] { return row }
    guard let committed, !removed.contains(docID) else { return nil }
    return places[docID].map(committed.moved) ?? committed
  }

  /// The public name of a thread that a message of these changes founded.
  func name(of thread: ThreadID) -> MessageID? {
    guard let founder = added[DocID(rawValue: thread.rawValue)], founder.thread == thread else { return nil }
    return founder.id
  }
}

extension MessageRow {
  fileprivate func moved(to place: UncommittedChanges.Place) -> MessageRow {
    var row = self
    row.folder = place.folder
    row.flags = place.flags
    row.labels = place.labels
    return row
  }
}
