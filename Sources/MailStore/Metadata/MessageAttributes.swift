package import Bytes

/// What changes often or sorts: the part of a message's row that the index keeps in memory.
package struct MessageAttributes: Hashable, Sendable {
  package let docID: DocID
  package let folder: FolderID
  package let flags: MessageFlags
  package let labels: [String]
  package let receivedAt: Timestamp
  package let size: UInt64
  package let thread: ThreadID

  package init(
    docID: DocID, folder: FolderID, flags: MessageFlags, labels: [String], receivedAt: Timestamp, size: UInt64,
    thread: ThreadID
  ) {
    self.docID = docID
    self.folder = folder
    self.flags = flags
    self.labels = labels
    self.receivedAt = receivedAt
    self.size = size
    self.thread = thread
  }
}
