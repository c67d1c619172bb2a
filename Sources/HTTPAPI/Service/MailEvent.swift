package import Bytes
package import MailStore

/// Something that changed in a mailbox.
package struct MailEvent: Sendable, Equatable {
  package enum Kind: String, Sendable {
    case messageCreated = "message.created"
    case messageUpdated = "message.updated"
    case messageDeleted = "message.deleted"
    case folderUpdated = "folder.updated"
  }

  package let kind: Kind
  /// Of the message, or of the folder; nil for a folder that is gone and whose id is not known any more.
  package let id: String?
  /// Where the message was then, or the folder itself; nil when the folder is gone by now.
  package let folder: FolderRow?
  package let threadID: MessageID?
  package let sequence: SequenceNumber

  package init(kind: Kind, id: String?, folder: FolderRow?, threadID: MessageID?, sequence: SequenceNumber) {
    self.kind = kind
    self.id = id
    self.folder = folder
    self.threadID = threadID
    self.sequence = sequence
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
