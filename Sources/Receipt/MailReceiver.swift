package import Bytes
package import MailStore
package import SMTP

/// Where received mail goes: who its recipients are and where its bytes are made durable.
///
/// The listener calls it from many connections at once, and for one connection in the order of its commands.
package protocol MailReceiver: Sendable {
  /// Who gets mail for `address`, which is as the client wrote it.
  func resolve(_ address: String, by policy: RecipientPolicy) async -> RecipientResolution

  /// The same when the answer is at hand without waiting, else `nil`. Called on an event loop: it must not block.
  func resolveNow(_ address: String, by policy: RecipientPolicy) -> RecipientResolution?

  /// How full the place for received mail is, from 0 to 1, where it takes none. Called on an event loop: it must not block.
  var pressure: Double { get }

  /// What somebody has, for quotas; `nil` for who is not there any more. Called on an event loop: it must not block.
  func holding(of user: UserID) -> AccountHolding?

  /// Returns when envelope and content are durable: the 250 is sent after that and promises it.
  /// - Throws: `MailRefusal`; any other error is answered 451, a full disk or queue (`StoreError`, `FileError`) 452; the client keeps the mail.
  func accept(_ envelope: InboundEnvelope, _ content: ReceivedContent) async throws -> QueueItemID

  /// A place for content that is too long to be held in memory.
  func makeSpool() async throws -> any MailSpool
}

extension MailReceiver {
  package var pressure: Double { 0 }

  package func resolveNow(_ address: String, by policy: RecipientPolicy) -> RecipientResolution? { nil }
}

/// Content on its way to the disk. One call at a time; the last one is either `finish` or `discard`.
package protocol MailSpool: Sendable {
  func append(_ bytes: [UInt8]) async throws
  /// All of it, durable.
  func finish() async throws -> ReceivedContent
  func discard() async
}

extension SpoolWriter: MailSpool {}
