package import Bytes

/// What may change about a stored message, as bits.
package struct MessageFlags: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }
  package static let read = MessageFlags(rawValue: 1)
  package static let starred = MessageFlags(rawValue: 2)
  package static let replied = MessageFlags(rawValue: 4)
  /// Has an attachment that is neither shown inline nor a signature. Set at arrival, never changed.
  package static let hasAttachment = MessageFlags(rawValue: 8)
}

/// One stored message of one user: the row that the journal records and the metadata view keeps.
package struct MessageRow: Hashable, Sendable {
  package let user: UserID
  package let docID: DocID
  package let id: MessageID
  package var folder: FolderID
  package var thread: ThreadID
  /// Arrival for SMTP; for imported mail what the import found. The time that sorting and `before:`/`after:` mean.
  package let receivedAt: Timestamp
  package var flags: MessageFlags
  /// Sorted, without duplicates.
  package var labels: [String]
  /// Bytes of `trace` and the stored original together: the length of the raw answer.
  package let size: UInt64
  /// The stored original, byte for byte what came in.
  package let original: BlobReference
  /// The trace header fields of this delivery (`Return-Path:`, `Received:`), CRLF lines, put before the original
  /// whenever it is read. Empty for imported mail.
  package let trace: String
  /// The first eight bytes, big-endian, of the SHA-256 of the original: finds a mail that is imported twice.
  package let contentHash: UInt64
  package let summary: MessageSummary
  /// What the filters made of it; nil for mail that none has seen: imported, or from before there was one.
  package let verdict: MailVerdict?

  package init(
    user: UserID, docID: DocID, id: MessageID, folder: FolderID, thread: ThreadID, receivedAt: Timestamp,
    flags: MessageFlags, labels: [String], size: UInt64, original: BlobReference, trace: String, contentHash: UInt64,
    summary: MessageSummary, verdict: MailVerdict? = nil
  ) {
    self.user = user
    self.docID = docID
    self.id = id
    self.folder = folder
    self.thread = thread
    self.receivedAt = receivedAt
    self.flags = flags
    self.labels = labels
    self.size = size
    self.original = original
    self.trace = trace
    self.contentHash = contentHash
    self.summary = summary
    self.verdict = verdict
  }
}
