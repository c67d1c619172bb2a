package import Bytes
package import MailStore

/// What a shard does when; the sizes as they are suit every service, tests choose smaller ones.
package struct ShardOptions: Sendable {
  package var journal = JournalOptions()
  /// Syncs what SQLite has written: the view's files lie on the machine's own file system.
  package var viewFileSystem: any FileSystem = PosixFileSystem()
  /// A batch ends when its records come to about so many bytes; the jobs behind it make the next one.
  package var batchByteCount = Journal.preferredBatchByteCount
  /// Where the upkeep thread falls so far behind, the writer flushes before it takes more: memory is bounded.
  package var maxUnflushedByteCount = 64 << 20
  /// Bytes that compaction reads and writes in a second, over all shards; 0 for no limit.
  package var compactionRate = 64 << 20
  package var pressure = WritePressure()
  /// The most that a mail's saved searches may hold up the shard: those not asked until then do not announce it.
  package var matchingTime = Duration.milliseconds(250)
  /// Suspends a delivery that is slowed.
  package var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

  package init() {}
}
