package import Bytes

/// What a client hears of a change. Changes of one user are numbered without gaps; a merge of threads gives one row
/// for each message it moves, all with the merge's number.
package struct ChangeRow: Hashable, Sendable {
  package enum Kind: UInt8, Sendable {
    case messageAdded = 1
    case messageUpdated
    case messageRemoved
    case messageMovedToThread
    case folderCreated
    case folderRenamed
    case folderRemoved
    case searchSaved
    case searchRemoved
    case messageMatched
  }

  package let sequence: SequenceNumber
  package let kind: Kind
  /// Nil for a change of a folder or a saved search.
  package let docID: DocID?
  /// The message's public name; nil for a folder or a search, and for a message that was removed by a later change.
  package let messageID: MessageID?
  /// The folder, or the folder where the message was then; of no meaning for a search.
  package let folder: FolderID
  package let thread: ThreadID?
  /// The public id of the folder that was removed; nil for other changes, and for removals that were noted without it.
  package let removedFolder: UInt64?
  /// The search that was saved or removed, or those that a message matched; empty for other changes.
  package let searches: [SavedSearchID]

  package init(
    sequence: SequenceNumber, kind: Kind, docID: DocID?, messageID: MessageID?, folder: FolderID, thread: ThreadID?,
    removedFolder: UInt64? = nil, searches: [SavedSearchID] = []
  ) {
    self.sequence = sequence
    self.kind = kind
    self.docID = docID
    self.messageID = messageID
    self.folder = folder
    self.thread = thread
    self.removedFolder = removedFolder
    self.searches = searches
  }
}
