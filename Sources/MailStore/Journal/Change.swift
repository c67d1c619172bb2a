package import Bytes

/// One change of one user's mailbox: what the journal records, the metadata view applies and clients hear of.
///
/// Everything that was decided when the change was made (numbers, thread, time) is inside it, so that applying the
/// same changes in the same order gives the same rows, on any day and any machine.
package struct Change: Hashable, Sendable {
  package let user: UserID
  /// The number of the change within its user; of no meaning where `body.takesUserSequence` is false.
  package let userSequence: SequenceNumber
  package let body: ChangeBody

  package init(user: UserID, userSequence: SequenceNumber, body: ChangeBody) {
    self.user = user
    self.userSequence = userSequence
    self.body = body
  }
}

package enum ChangeBody: Hashable, Sendable {
  /// A new message, in the thread that its row names (its own docID: it founds one).
  /// - `record`: the compressed extracted text for the index, opaque here and not kept in the view.
  /// - `queueItem`: the inbound mail it came from; a second delivery of that item to the user finds this one.
  case messageAdded(MessageRow, record: [UInt8], queueItem: QueueItemID?, threadKeys: ThreadKeys)
  /// The folder, flags and labels as they are from now on.
  case messageUpdated(DocID, folder: FolderID, flags: MessageFlags, labels: [String])
  /// For good: moving to the trash is an update.
  case messageRemoved(DocID)
  /// All messages of some threads move to an older one.
  case threadsMerged(from: [ThreadID], into: ThreadID)
  case folderCreated(FolderRow)
  case folderRenamed(FolderID, name: String)
  /// The folder must be empty.
  case folderRemoved(FolderID)
  /// A new search, or one that is there with what it is from now on.
  case searchSaved(SavedSearch)
  case searchRemoved(SavedSearchID)
  /// A mail that arrived matches these standing queries of its owner; stands behind the message, in the same record.
  case messageMatched(DocID, searches: [SavedSearchID])
  /// Documents of a message were missed and are to be tried again as this says from now on; nil: none are missed any more.
  case documentsMissed(DocID, DocumentRetry?)
  /// Documents of a message that had been missed were read: the message's extracted text, and its defects, as they are from now
  /// on. Nothing else of it changes, and the text neither where the record is empty.
  case messageReread(DocID, record: [UInt8], defects: [String])
  /// The queue will not deliver this item again, so who already has it may be forgotten.
  case queueItemFinished(QueueItemID)
  /// Everything of the user goes, counters included.
  case mailboxRemoved

  /// Whether the change is one that clients see, and so takes the next number of its user.
  package var takesUserSequence: Bool {
    switch self {
    case .queueItemFinished, .documentsMissed, .mailboxRemoved: false
    default: true
    }
  }
}

/// Changes that become durable and visible together: one request. The sequence is the shard's, dense, from 1.
package struct JournalRecord: Hashable, Sendable {
  package let sequence: SequenceNumber
  package let changes: [Change]

  package init(sequence: SequenceNumber, changes: [Change]) {
    self.sequence = sequence
    self.changes = changes
  }
}
