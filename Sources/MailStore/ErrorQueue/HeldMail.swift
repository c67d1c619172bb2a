package import Bytes

/// A mail that was accepted and is not delivered, until an operator says what becomes of it.
package struct HeldMail: Hashable, Sendable {
  package enum Cause: String, CaseIterable, Sendable {
    /// A filter found what must not reach a mailbox: a virus, or what a policy forbids.
    case quarantine
    /// It could not be processed, however often it was tried.
    case failed
  }

  /// The number that the queue gave it: the client was told of it.
  package let id: QueueItemID
  package let heldAt: Timestamp
  package let cause: Cause
  /// Why, for people.
  package let reason: String
  package let envelope: InboundEnvelope
  /// The bytes as they came.
  package let original: BlobReference
  /// Of the original.
  package let byteCount: UInt64
  package let verdict: MailVerdict?

  package init(
    id: QueueItemID, heldAt: Timestamp, cause: Cause, reason: String, envelope: InboundEnvelope,
    original: BlobReference, byteCount: UInt64, verdict: MailVerdict?
  ) {
    self.id = id
    self.heldAt = heldAt
    self.cause = cause
    self.reason = reason
    self.envelope = envelope
    self.original = original
    self.byteCount = byteCount
    self.verdict = verdict
  }
}
