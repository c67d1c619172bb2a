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
  }

  package let sequence: SequenceNumber
  package let kind: Kind
  /// Nil for a change of a folder.
  package let docID: DocID?
  /// The message's public name; nil for a folder, and for a message that was removed by a later change.
  package let messageID: MessageID?
  /// The folder, or the folder where the message was then.
  package let folder: FolderID
  package let thread: ThreadID?
  /// The public id of the folder that was removed; nil for other changes, and for removals that were noted without it.
  package let removedFolder: UInt64?

  package init(
    sequence: SequenceNumber, kind: Kind, docID: DocID?, messageID: MessageID?, folder: FolderID, thread: ThreadID?,
    removedFolder: UInt64? = nil
  ) {
    self.sequence = sequence
    self.kind = kind
    self.docID = docID
    self.messageID = messageID
    self.folder = folder
    self.thread = thread
    self.removedFolder = removedFolder
  }
}
