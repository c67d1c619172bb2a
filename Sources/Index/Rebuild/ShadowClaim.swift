import Bytes
import Synchronization

/// The right to rebuild a shard's index, held by one build at a time and given back when the build is gone.
final class ShadowClaim {
  private let index: ShardIndex

  /// - Throws: `IndexError` with code `.busy`.
  init(_ index: ShardIndex) throws {
    guard !index.isRebuilding.exchange(true, ordering: .acquiringAndReleasing) else {
      throw IndexError(code: .busy, message: "another reindex of this shard is under way; wait for its end")
    }
    self.index = index
    // A step of compaction that is under way ends first; no other begins while the claim is held.
    index.compaction.withLock { _ in }
  }

  deinit { index.isRebuilding.store(false, ordering: .releasing) }
}
