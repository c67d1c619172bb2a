package import Bytes

/// What may change about a document, as bits. The rows of the metadata view are the authority; these mirror them.
package struct IndexFlags: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }
  package static let isRead = IndexFlags(rawValue: 1)
  package static let isStarred = IndexFlags(rawValue: 2)
  package static let isReplied = IndexFlags(rawValue: 4)
  package static let hasAttachment = IndexFlags(rawValue: 8)
}

/// All that the index knows of a document besides its text.
package struct DocumentAttributes: Hashable, Sendable {
  package var receivedAt: Timestamp
  package var folder: FolderID
  package var flags: IndexFlags
  package var labels: [String]
  package var size: UInt64
  package var thread: UInt32

  package init(
    receivedAt: Timestamp, folder: FolderID, flags: IndexFlags, labels: [String], size: UInt64, thread: UInt32
  ) {
    self.receivedAt = receivedAt
    self.folder = folder
    self.flags = flags
    self.labels = labels
    self.size = size
    self.thread = thread
  }
}
