import Bytes

/// The directories of users searched lately, within a memory budget; the least recently used goes first. No lock is held
/// while one is read from disk: two searches may read the same one at once, which does no harm.
final class RecordDirectoryCache: Sendable {
  private struct Entry {
    var directory: RecordDirectory
    var lastUse: UInt64
  }

  private struct State {
    var entries: [UserID: Entry] = [:]
    var byteCount = 0
    var useCount: UInt64 = 0
  }

  private let budget: Int
  private let state = Locked(State())

  init(byteCount budget: Int) { self.budget = budget }

  var byteCount: Int { state.withLock { $0.byteCount } }

  func directory(of user: UserID, in runs: RunSet, analyzerHash: UInt64) throws -> RecordDirectory {
    let own = runs.runs(of: user)
    let kept = state.withLock { state -> RecordDirectory? in
      state.useCount += 1
      state.entries[user]?.lastUse = state.useCount
      return state.entries[user]?.directory
    }
    if let kept, kept.runNumbers.elementsEqual(own.lazy.map(\.number)) { return kept }
    let fresh = try RecordDirectory(user: user, runs: own, analyzerHash: analyzerHash, reusing: kept)
    keep(fresh, of: user)
    return fresh
  }

  /// One that would take the whole budget is not kept: it would drive out everybody else's.
  private func keep(_ directory: RecordDirectory, of user: UserID) {
    state.withLock { state in
      guard directory.byteCount <= budget / 2 else {
        if let entry = state.entries.removeValue(forKey: user) { state.byteCount -= entry.directory.byteCount }
        return
      }
      state.byteCount += directory.byteCount - (state.entries[user]?.directory.byteCount ?? 0)
      state.entries[user] = Entry(directory: directory, lastUse: state.useCount)
      while state.byteCount > budget, let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
        state.byteCount -= oldest.value.directory.byteCount
        state.entries[oldest.key] = nil
      }
    }
  }
}
