/// When compaction does what.
package struct CompactionLimits: Sendable {
  /// So many files of a size become one of the next.
  package var fanIn = 8
  /// So many pending mails of a user are worth a segment: one inverted alone costs twice what it costs among a hundred.
  package var pendingMails = 32
  /// Compressed text that is inverted in memory at a time, in one part of a segment.
  package var inversionByteCount = 2 << 20
  /// Occurrences of words that are inverted in memory at a time, at some 20 bytes each: text that compresses well has more of
  /// them than usual. A part ends with the document past them.
  package var inversionOccurrences = 2 << 20
  /// A segment file ends with the first part past so many bytes.
  package var segmentByteCount: UInt64 = 64 << 20

  package init() {}
}
