package import Bytes

/// Limits of one shard's index.
package struct IndexOptions: Sendable {
  /// Memory for the attributes of loaded users.
  package var attributeByteCount: Int
  /// Memory for what searches read of runs and segments: heads of blocks and parts, pages of postings.
  package var cacheByteCount: Int
  package var compaction = CompactionLimits()
  /// Opens with what is readable and lists the rest as problems, for `reindex` after damage. Otherwise a damaged run, or
  /// a manifest that is damaged or gone, is an error at open.
  package var leavesOutDamagedRuns: Bool
  /// The change stream can be replayed from the next one on. An index that has no manifest is taken for a new one only
  /// when that is the stream's beginning.
  package var replayableAfter: SequenceNumber

  package init(
    attributeByteCount: Int = 64 << 20, cacheByteCount: Int = 32 << 20, leavesOutDamagedRuns: Bool = false,
    replayableAfter: SequenceNumber = .zero
  ) {
    self.attributeByteCount = attributeByteCount
    self.cacheByteCount = cacheByteCount
    self.leavesOutDamagedRuns = leavesOutDamagedRuns
    self.replayableAfter = replayableAfter
  }
}
