import Bytes
import Logging
import Synchronization

/// What compaction remembers between its steps.
struct CompactionState {
  /// The estimates for users who turned out to have too few pending mails for a segment.
  var unworthy: [UserID: Int] = [:]
  /// A file that is damaged cannot be merged: `verify` names it, `reindex` makes it anew.
  var isBlocked = false
}

extension ShardIndex {
  /// Does one step of what is due: merges runs or segments, or makes segments of pending mail. Searches, `apply` and `flush`
  /// go on meanwhile. Call it until it answers false, on a thread of low priority.
  ///
  /// - Parameter throttle: called after every few thousand postings or 64 records; may sleep, so that delivery has
  ///   priority, and may throw to stop: nothing has changed then.
  /// - Returns: whether something was done.
  /// - Throws: `IndexError`; what the source and `throttle` throw.
  package func compact(_ source: CompactionSource, throttle: @escaping () throws -> Void = {}) throws -> Bool {
    try compaction.withLock { compaction throws in
      // A rebuild reads the files that are there and replaces them.
      if isRebuilding.load(ordering: .acquiring) || compaction.isBlocked { return false }
      let version = state.withLock { $0.version }
      guard let plan = CompactionPlan.next(version, options.compaction, unworthy: compaction.unworthy) else {
        return false
      }
      do {
        switch plan {
        case .mergeRuns(let range): try RunMerge(self, version, source, throttle).merge(Array(version.runs[range]))
        case .invert(let users):
          let unworthy = try Inversion(self, version, source, throttle).invert(users)
          for user in users { compaction.unworthy[user] = unworthy[user] }
        case .mergeSegments(let range):
          try SegmentMerge(self, version, source, throttle).merge(Array(version.segments[range]))
        }
      } catch let error as IndexError {
        guard error.code == .corrupt else { throw error }
        compaction.isBlocked = true
        logger.error("a file of the index cannot be merged", metadata: ["error": "\(error)"])
        throw error
      }
      return true
    }
  }

  /// Puts new files in the place of old ones, by one edit of the manifest. Files that nobody listed before go again when
  /// that fails.
  ///
  /// - Parameter change: makes the next version of the one that counts then, which may have more runs than the one that the
  ///   work began with.
  func replaceFiles(
    adding paths: [String], _ change: (IndexVersion) throws -> IndexVersion
  ) throws {
    try edit { edits throws in
      let version = state.withLock { $0.version }
      let next = try change(version)
      let removed = Self.removedUsers(state.withLock { $0.removedUsers }, in: next)
      do {
        try fileSystem.syncDirectory(directory)
        try edits.manifest.commit { manifest in
          manifest.runs = next.runs.map { Manifest.Entry($0) }
          manifest.segments = next.segments.map { Manifest.Entry($0) }
          manifest.replaced = next.replaced
          manifest.removedUsers = removed
        }
      } catch {
        if (error as? FileError)?.isTemporary == true { for path in paths { try? fileSystem.remove(path) } }
        throw error
      }
      state.withLock { $0.version = next }
      // Snapshots that hold them read on; what cannot be removed now goes when the index is opened next.
      let listed = Set(next.runs.map(\.number) + next.segments.map(\.number))
      for run in version.runs where !listed.contains(run.number) { try? fileSystem.remove(run.path) }
      for segment in version.segments where !listed.contains(segment.number) { try? fileSystem.remove(segment.path) }
    }
  }

  /// A number for a new file, durably reserved.
  func reserveFileNumber() throws -> UInt64 { try edit { edits throws in try edits.manifest.reserveFileNumber() } }

  func isRemoved(_ user: UserID) -> Bool { state.withLock { $0.removedUsers.contains(user) } }

  /// Runs a piece of work that writes a file outside the edit lock; a full disk is temporary there too.
  func writing<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as FileError {
      throw IndexError(error)
    }
  }
}
