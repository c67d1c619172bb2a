/// When compaction does what.
package struct CompactionLimits: Sendable {
  /// So many files of a size become one of the next.
  package var fanIn = 8
  /// So many pending mails of a user are worth a segment: one inverted alone costs twice what it costs among a hundred.
  package var pendingMails = 32
  /// Text that is inverted in memory at a time, in one part of a segment: some 20 bytes for each word of it.
  package var inversionByteCount = 8 << 20
  /// A segment file ends with the first part past so many bytes.
  package var segmentByteCount: UInt64 = 64 << 20

  package init() {}
}
