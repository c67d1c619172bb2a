package import MailStore

/// Whoever keeps references to stored mail beside the rows of mailboxes and the inbound queue, so that neither compaction nor
/// `verify` takes it for mail that nobody has.
///
/// A reference that moves from one holder to another is to be kept by a `PackHold` while it moves: from before the one lets it go
/// until the other has it durably.
package protocol PackHolder: Sendable {
  /// As `verify` names it: `error queue`.
  var name: String { get }
  /// Everything it refers to. A recipe's attachments follow from the recipe. Blocks.
  /// - Throws: when it cannot tell: then nothing is compacted.
  func heldReferences() throws -> [BlobReference]
}
