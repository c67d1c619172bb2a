package import Bytes

/// One user's mail as of one user sequence. Immutable: attributes, arena and the set of run files stay as they were,
/// whatever is committed, flushed or rebuilt meanwhile, for as long as the snapshot is held.
package struct UserSnapshot: Sendable {
  package let user: UserID
  package let userSequence: SequenceNumber
  package let attributes: UserAttributes
  let arenas: [UserArena]
  let runs: RunSet
  let directories: RecordDirectoryCache
  let analyzerHash: UInt64

  /// The text records, for a search that reads many. Reads block heads on first use.
  package func openRecords() throws -> UserRecords {
    UserRecords(
      user: user, arenas: arenas,
      directory: try directories.directory(of: user, in: runs, analyzerHash: analyzerHash))
  }

  package func record(_ docID: DocID) throws -> ExtractedTextRecord { try openRecords().record(docID) }
}
