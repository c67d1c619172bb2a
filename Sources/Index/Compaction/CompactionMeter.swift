import Bytes
import Synchronization

/// What compaction has done since the index was opened, steps that were given up too.
package struct CompactionStatistics: Sendable, Hashable {
  /// Steps that ended well.
  package var runMerges = 0
  package var segmentMerges = 0
  package var inversions = 0
  package var readByteCount: UInt64 = 0
  package var writtenByteCount: UInt64 = 0

  package var steps: Int { runMerges + segmentMerges + inversions }

  package init() {}
}

/// What compaction has still to do.
package struct CompactionBacklog: Sendable, Hashable {
  package var runs = 0
  /// Users with enough pending mail for a segment, when compaction last looked.
  package var users = 0
  /// Records of theirs that no segment covers, and all that was flushed since; never fewer than there are.
  package var byteCount: UInt64 = 0
  /// Compaction cannot work at it: a rebuild is under way, or a file is damaged.
  package var isHeld = false

  package init() {}
}

/// Counts the bytes that compaction reads and writes.
final class CompactionMeter: Sendable {
  private struct State {
    var statistics = CompactionStatistics()
    /// Bytes that nobody was told of yet.
    var untold = 0
    var pendingUsers = 0
    var pendingByteCount: UInt64 = 0
    /// Bytes of runs that were flushed, now and when the pending ones were counted.
    var flushed: UInt64 = 0
    var flushedBefore: UInt64 = 0
  }

  private let state = Locked(State())

  var statistics: CompactionStatistics { state.withLock { $0.statistics } }
  /// Users, and bytes of their pending records.
  var pending: (users: Int, byteCount: UInt64) {
    state.withLock { ($0.pendingUsers, $0.pendingByteCount + $0.flushed - $0.flushedBefore) }
  }
  var flushed: UInt64 { state.withLock { $0.flushed } }

  func noteRead(_ byteCount: Int) {
    state.withLock { state in
      state.statistics.readByteCount += UInt64(byteCount)
      state.untold += byteCount
    }
  }

  func noteWritten(_ byteCount: Int) {
    state.withLock { state in
      state.statistics.writtenByteCount += UInt64(byteCount)
      state.untold += byteCount
    }
  }

  /// Bytes since the last call.
  func takeUntold() -> Int {
    state.withLock { state in
      defer { state.untold = 0 }
      return state.untold
    }
  }

  func noteStep(_ plan: CompactionPlan) {
    state.withLock { state in
      switch plan {
      case .mergeRuns: state.statistics.runMerges += 1
      case .mergeSegments: state.statistics.segmentMerges += 1
      case .invert: state.statistics.inversions += 1
      }
    }
  }

  /// - Parameter flushed: as it was before the version that was counted in was taken.
  func notePending(users: Int, byteCount: UInt64, flushed: UInt64) {
    state.withLock { state in
      (state.pendingUsers, state.pendingByteCount, state.flushedBefore) = (users, byteCount, flushed)
    }
  }

  /// After the run is in the version.
  func noteFlushed(_ byteCount: UInt64) { state.withLock { $0.flushed += byteCount } }
}

extension ShardIndex {
  package var backlog: CompactionBacklog {
    var backlog = CompactionBacklog()
    backlog.runs = runCount
    (backlog.users, backlog.byteCount) = meter.pending
    backlog.isHeld = isRebuilding.load(ordering: .relaxed) || isCompactionBlocked.load(ordering: .relaxed)
    return backlog
  }
}
