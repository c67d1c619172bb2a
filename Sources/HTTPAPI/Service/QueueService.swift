package import Bytes
package import Ingest
package import MailStore

/// The queues that operators look into.
package enum MailQueue: String, CaseIterable, Sendable {
  /// Accepted, and still on its way to mailboxes.
  case inbound
  /// Held until an operator releases or drops it.
  case error
}

/// A mail in one of the queues.
package struct QueuedMail: Sendable, Equatable {
  package let queue: MailQueue
  package let id: QueueItemID
  package let receivedAt: Timestamp
  /// Of the bytes as they came.
  package let byteCount: UInt64
  package let reversePath: String
  package let recipients: [String]
  package let clientAddress: String
  /// `ready`, `leased` or `deferred` in the inbound queue, `quarantine` or `failed` in the error queue.
  package let state: String
  /// How often it was tried; nil in the error queue.
  package let attempts: Int?
  /// When it is tried again, of one that was put off.
  package let nextTry: Timestamp?
  package let reason: String?
  package let verdict: MailVerdict?

  package init(
    queue: MailQueue, id: QueueItemID, receivedAt: Timestamp, byteCount: UInt64, reversePath: String,
    recipients: [String], clientAddress: String, state: String, attempts: Int?, nextTry: Timestamp?, reason: String?,
    verdict: MailVerdict?
  ) {
    self.queue = queue
    self.id = id
    self.receivedAt = receivedAt
    self.byteCount = byteCount
    self.reversePath = reversePath
    self.recipients = recipients
    self.clientAddress = clientAddress
    self.state = state
    self.attempts = attempts
    self.nextTry = nextTry
    self.reason = reason
    self.verdict = verdict
  }
}

/// What became of a mail that was to be tried again.
package enum QueueRetry: Sendable, Equatable {
  /// It will be tried at once.
  case scheduled
  case delivered
  case heldAgain(reason: String)
}

/// All that operators' routes need of the queues. Calls throw `MailServiceError`: `.notFound` for a mail that is in none of them,
/// `.conflict` while somebody is at it.
package protocol QueueService: Sendable {
  /// How many there are in each.
  func depths() async throws -> [MailQueue: Int]
  /// In the order of their acceptance, those behind `last`, at most `limit`.
  func mails(in queue: MailQueue, after last: QueueItemID?, limit: Int) async throws -> [QueuedMail]
  func mail(_ id: QueueItemID, in queue: MailQueue) async throws -> QueuedMail?
  /// The bytes as they came.
  func content(of id: QueueItemID, in queue: MailQueue) async throws -> [UInt8]
  func retry(_ id: QueueItemID, in queue: MailQueue) async throws -> QueueRetry
  /// Delivers a held mail, whatever filters say.
  func release(_ id: QueueItemID) async throws
  /// Gives a mail up, for good. Nobody is told.
  func drop(_ id: QueueItemID, in queue: MailQueue) async throws
  /// Gives a mail up, for good, and tells its sender.
  /// - Returns: what became of the report.
  /// - Throws: `.conflict` also where the sender cannot be told for a reason of ours; the mail stays then.
  func bounce(_ id: QueueItemID, in queue: MailQueue) async throws -> ReportOutcome
  /// Has all that was put off tried at once.
  /// - Returns: how many those are.
  func flush() async throws -> Int
}
