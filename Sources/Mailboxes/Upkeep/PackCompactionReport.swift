package import MailStore

/// When a pack file is worth to be written anew.
package struct PackCompactionOptions: Sendable {
  /// Of its bytes, so much must be dead: 0.05 to 1.
  package var deadShare: Double
  /// A file that was sealed later than so long ago is left alone.
  package var grace: Duration

  package init(deadShare: Double = 0.5, grace: Duration = .seconds(3_600)) {
    self.deadShare = deadShare
    self.grace = grace
  }
}

/// What one round of compaction found and did.
package struct PackCompactionReport: Sendable {
  /// Sealed packs with enough that nothing refers to.
  package var chosen: [PackUse] = []
  /// Of all sealed packs that are old enough.
  package var liveByteCount: UInt64 = 0
  package var deadByteCount: UInt64 = 0
  /// Packs that were written anew or removed.
  package var compacted = 0
  package var freedByteCount: UInt64 = 0
  /// Of the files that took the place of the old ones.
  package var keptByteCount: UInt64 = 0
  /// What was not done, and why; each names the file.
  package var problems: [String] = []
}

/// What compaction of packs has done since the start, and found last.
package struct PackCompactionStatistics: Sendable {
  package var runs = 0
  package var failures = 0
  package var compacted = 0
  package var freedByteCount: UInt64 = 0
  /// As of the last mark; 0 before the first.
  package var liveByteCount: UInt64 = 0
  package var deadByteCount: UInt64 = 0
}
