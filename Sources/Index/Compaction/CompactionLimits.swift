/// When compaction does what.
package struct CompactionLimits: Sendable {
  /// So many files of a size become one of the next.
  package var fanIn = 8
  /// So many pending mails of a user are worth a segment: one inverted alone costs twice what it costs among a hundred.
  package var pendingMails = 32
  /// Compressed text that is inverted in memory at a time: a byte gives about a quarter of a posting, a posting takes some
  /// 30 bytes.
  package var inversionByteCount = 2 << 20
  /// A segment file ends with the first part past so many bytes.
  package var segmentByteCount: UInt64 = 64 << 20

  package init() {}
}
