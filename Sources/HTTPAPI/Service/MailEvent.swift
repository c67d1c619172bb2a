package import Bytes
package import MailStore

/// Something that changed in a mailbox.
package struct MailEvent: Sendable, Equatable {
  package enum Kind: String, Sendable {
    case messageCreated = "message.created"
    case messageUpdated = "message.updated"
    case messageDeleted = "message.deleted"
    case folderUpdated = "folder.updated"
    case searchUpdated = "search.updated"
    case searchDeleted = "search.deleted"
    case searchMatched = "search.matched"
  }

  package let kind: Kind
  /// Of the message, the folder or the saved search; nil for a folder that is gone and whose id is not known any more.
  package let id: String?
  /// Where the message was then, or the folder itself; nil when the folder is gone by now.
  package let folder: FolderRow?
  package let threadID: MessageID?
  package let sequence: SequenceNumber
  /// The saved searches that the message matched when it arrived; empty for other events.
  package let searches: [SavedSearchID]

  package init(
    kind: Kind, id: String?, folder: FolderRow?, threadID: MessageID?, sequence: SequenceNumber,
    searches: [SavedSearchID] = []
  ) {
    self.kind = kind
    self.id = id
    self.folder = folder
    self.threadID = threadID
    self.sequence = sequence
    self.searches = searches
  }
}

/// Events, and the sequence to ask from next time.
package struct EventPage: Sendable, Equatable {
  package let events: [MailEvent]
  package let sequence: SequenceNumber

  package init(events: [MailEvent], sequence: SequenceNumber) {
    self.events = events
    self.sequence = sequence
  }
}
