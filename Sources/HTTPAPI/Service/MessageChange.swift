package import Bytes
package import MailStore

/// What a caller wants changed about messages; nil leaves a thing as it is.
package struct MessageChange: Sendable, Equatable {
  package var isRead: Bool?
  package var isStarred: Bool?
  package var isReplied: Bool?
  package var folder: FolderID?
  package var labels: [String]?

  package init(
    isRead: Bool? = nil, isStarred: Bool? = nil, isReplied: Bool? = nil, folder: FolderID? = nil,
    labels: [String]? = nil
  ) {
    self.isRead = isRead
    self.isStarred = isStarred
    self.isReplied = isReplied
    self.folder = folder
    self.labels = labels
  }
}

/// The messages as they are after a write, and the user's sequence that includes it.
package struct MessageWrite: Sendable, Equatable {
  package let messages: [PresentedMessage]
  package let sequence: SequenceNumber

  package init(messages: [PresentedMessage], sequence: SequenceNumber) {
    self.messages = messages
    self.sequence = sequence
  }
}

/// The folder as it is after a write, and the user's sequence that includes it.
package struct FolderWrite: Sendable, Equatable {
  package let folder: FolderSummary
  package let sequence: SequenceNumber

  package init(folder: FolderSummary, sequence: SequenceNumber) {
    self.folder = folder
    self.sequence = sequence
  }
}
