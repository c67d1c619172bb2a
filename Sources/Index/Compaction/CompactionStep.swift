import Bytes

/// What every kind of compaction works with: the version that it began with, and whom it asks and tells.
struct CompactionStep {
  let index: ShardIndex
  /// Pinned before the metadata is asked: what the answers lack is dead.
  let version: IndexVersion
  let source: CompactionSource
  /// Told of the postings or, at 256 for each, the records that were worked on; may sleep, and may throw to stop.
  let throttle: (_ work: Int) throws -> Void

  func replaced(_ user: UserID) -> DocIDBitmap { version.replaced[user] ?? DocIDBitmap() }

  /// The user's records in some of the version's runs, and what of them its segments cover.
  func records(of user: UserID, in runs: [RunReader]) throws -> UserRecords {
    UserRecords(
      user: user, arenas: [], runs: RunRecords(user: user, runs, heads: index.caches.heads),
      parts: try version.files(of: user).parts(analyzerHash: index.analyzerHash, cache: index.caches.parts),
      replaced: replaced(user), analyzerHash: index.analyzerHash)
  }
}
