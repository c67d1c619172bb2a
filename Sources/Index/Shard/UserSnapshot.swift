package import Bytes

/// One user's mail as of one user sequence. Immutable: attributes, arena and the set of files stay as they were, whatever is
/// committed, flushed, merged or rebuilt meanwhile, for as long as the snapshot is held.
package final class UserSnapshot: Sendable {
  package let user: UserID
  package let userSequence: SequenceNumber
  package let attributes: UserAttributes
  let arenas: [UserArena]
  let files: UserFiles
  let caches: IndexCaches
  let analyzerHash: UInt64
  private let records = Memo<UserRecords>()
  private let memo = Memo<UserText>()
  private let onText: @Sendable (UserSnapshot, Int) -> Void

  init(
    user: UserID, userSequence: SequenceNumber, attributes: UserAttributes, arenas: [UserArena], files: UserFiles,
    caches: IndexCaches, analyzerHash: UInt64, onText: @escaping @Sendable (UserSnapshot, _ byteCount: Int) -> Void
  ) {
    self.user = user
    self.userSequence = userSequence
    self.attributes = attributes
    self.arenas = arenas
    self.files = files
    self.caches = caches
    self.analyzerHash = analyzerHash
    self.onText = onText
  }

  /// The text with what is live of it. Reads the heads of the user's parts, and of the blocks of pending mail, on first use.
  package func text() throws -> UserText {
    try memo.value {
      let text = try UserText(openRecords(), attributes)
      onText(self, text.byteCount)
      return text
    }
  }

  /// The records. Reads the heads of the user's parts on first use.
  package func openRecords() throws -> UserRecords {
    try records.value {
      UserRecords(
        user: user, arenas: arenas, runs: RunRecords(user: user, files.runs, heads: caches.heads),
        parts: try files.parts(analyzerHash: analyzerHash, cache: caches.parts), replaced: files.replaced,
        analyzerHash: analyzerHash)
    }
  }

  package func record(_ docID: DocID) throws -> ExtractedTextRecord { try openRecords().record(docID) }
}

// MARK: - One mail

extension UserSnapshot {
  private static let noCaches = IndexCaches(byteCount: 0)

  /// A mailbox of one mail, which no index has yet: whoever asks a query of it asks as a search would.
  package convenience init(
    of user: UserID, _ docID: DocID, _ attributes: DocumentAttributes, _ record: EncodedRecord
  ) {
    var arena = UserArena()
    arena.put(docID, record)
    self.init(
      user: user, userSequence: .zero, attributes: UserAttributes([(docID, attributes)]), arenas: [arena],
      files: UserFiles(user: user, runs: [], segments: [], replaced: DocIDBitmap()), caches: Self.noCaches,
      analyzerHash: 0, onText: { _, _ in })
  }
}
