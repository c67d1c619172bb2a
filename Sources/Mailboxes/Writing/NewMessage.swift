package import Bytes
package import Index
package import MailStore

/// A mail that is ready to be committed: taken apart, analysed, and its original stored durably.
package struct NewMessage: Sendable {
  package enum Destination: Sendable {
    case role(FolderRole)
    /// The folder of exactly this name, made when it is missing.
    case named(String)
  }

  package var destination: Destination
  package var flags: MessageFlags
  package var labels: [String]
  package var receivedAt: Timestamp
  /// Of trace and original together.
  package var size: UInt64
  package var original: BlobReference
  package var trace: String
  package var contentHash: UInt64
  package var summary: MessageSummary
  package var inReplyTo: [String]
  package var references: [String]
  package var record: EncodedRecord
  /// Set for mail from the queue: the same item is committed once per user, however often it is tried.
  package var queueItem: QueueItemID?
  /// True for imports: bytes that the user already has add nothing, and saved searches announce none of them.
  package var skipsKnownContent: Bool
  /// Why documents in it were missed that are to be tried again; nil where none were.
  package var missedReason: String?
  /// What the filters made of it; nil where none has seen it.
  package var verdict: MailVerdict?

  package init(
    destination: Destination, flags: MessageFlags, labels: [String], receivedAt: Timestamp, size: UInt64,
    original: BlobReference, trace: String, contentHash: UInt64, summary: MessageSummary, inReplyTo: [String],
    references: [String], record: EncodedRecord, queueItem: QueueItemID?, skipsKnownContent: Bool,
    missedReason: String? = nil, verdict: MailVerdict? = nil
  ) {
    self.destination = destination
    self.flags = flags
    self.labels = labels
    self.receivedAt = receivedAt
    self.size = size
    self.original = original
    self.trace = trace
    self.contentHash = contentHash
    self.summary = summary
    self.inReplyTo = inReplyTo
    self.references = references
    self.record = record
    self.queueItem = queueItem
    self.skipsKnownContent = skipsKnownContent
    self.missedReason = missedReason
    self.verdict = verdict
  }
}

/// What became of a delivery.
package enum DeliveryOutcome: Sendable {
  case stored(MessageID, SequenceNumber)
  /// This queue item was committed for this user before: nothing changed.
  case alreadyDelivered
  /// The user has a live message of the same bytes: nothing changed.
  case known
}
