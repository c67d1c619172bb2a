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
  /// - Parameters:
  ///   - goal: beyond what is due searches become faster, and every byte is written again.
  ///   - throttle: called after every few thousand postings or 64 records with the bytes read and written since the last
  ///     call; may sleep, so that delivery has priority, and may throw to stop: nothing has changed then.
  /// - Returns: whether something was done.
  /// - Throws: `IndexError`; what the source and `throttle` throw.
  package func compact(
    _ source: CompactionSource, _ goal: CompactionGoal = .due,
    throttle: @escaping (_ byteCount: Int) throws -> Void = { _ in }
  ) throws -> Bool {
    try compaction.withLock { compaction throws in
      // A rebuild reads the files that are there and replaces them.
      if isRebuilding.load(ordering: .acquiring) { return false }
      let flushed = meter.flushed
      let (version, removed) = state.withLock { ($0.version, $0.removedUsers) }
      if !compaction.isBlocked {
        try discardStaleShadow(version)
        notePending(version, unworthy: compaction.unworthy, removed, flushed)
      }
      let paced = Throttle { [meter] in try throttle(meter.takeUntold()) }
      if try compactAttributes(goal, throttle: paced.callAsNeeded) { return true }
      if compaction.isBlocked { return false }
      let plan = CompactionPlan.next(
        version, options.compaction, unworthy: compaction.unworthy, removed: removed, goal: goal,
        mayMergeRuns: !fileSystem.exists(shadowPath))
      guard let plan else { return false }
      let step = CompactionStep(
        index: self, version: version, source: source, throttle: paced.callAsNeeded)
      do {
        switch plan {
        case .mergeRuns(let range): try RunMerge(step).merge(Array(version.runs[range]))
        case .invert(let users):
          let unworthy = try Inversion(step).invert(users)
          for user in users { compaction.unworthy[user] = unworthy[user] }
        case .mergeSegments(let range):
          try SegmentMerge(step).merge(Array(version.segments[range]))
        }
      } catch let error as IndexError {
        guard error.code == .corrupt else { throw error }
        compaction.isBlocked = true
        isCompactionBlocked.store(true, ordering: .relaxed)
        logger.error("a file of the index cannot be merged", metadata: ["error": "\(error)"])
        throw error
      }
      meter.noteStep(plan)
      return true
    }
  }

  private func notePending(_ version: IndexVersion, unworthy: [UserID: Int], _ removed: Set<UserID>, _ flushed: UInt64)
  {
    let users = CompactionPlan.usersToInvert(version, options.compaction.pendingMails, unworthy: unworthy)
      .filter { !removed.contains($0) }
    let byteCount = users.reduce(0) { $0 + CompactionPlan.pendingByteCount(of: $1, in: version) }
    meter.notePending(users: users.count, byteCount: byteCount, flushed: flushed)
  }

  /// Puts new files in the place of old ones, by one edit of the manifest. On an error that is temporary the new files go
  /// again; after another the manifest on disk may list them or not, and they go when the index is opened next.
  ///
  /// - Parameters:
  ///   - old: numbers of the files that go.
  ///   - change: makes the next version of the one that counts then, which may have more runs than the one that the work
  ///     began with.
  func replaceFiles(
    _ old: Set<UInt64> = [], with new: [IndexFile], _ change: (IndexVersion) throws -> IndexVersion
  ) throws {
    try edit { edits throws in
      let version = state.withLock { $0.version }
      do {
        let next = try change(version)
        let (removedUsers, attributeFiles) = state.withLock { ($0.removedUsers, $0.attributeFiles) }
        let removed = Self.removedUsers(removedUsers, in: next, attributeFiles)
        try fileSystem.syncDirectory(directory)
        // By number, not from the version: the manifest also lists damaged files, which only a rebuild makes up for.
        try edits.manifest.commit { manifest in
          manifest.runs.replace(old, with: new.compactMap(\.run))
          manifest.segments.replace(old, with: new.compactMap(\.segment))
          manifest.replaced = next.replaced
          manifest.removedUsers = removed
        }
        let forgotten = state.withLock { $0.replaceVersion(next) }
        withExtendedLifetime(forgotten) {}
      } catch {
        if (error as? FileError)?.isTemporary ?? true { for file in new { try? fileSystem.remove(file.path) } }
        throw error
      }
      // Snapshots that hold them read on; what cannot be removed now goes when the index is opened next.
      for run in version.runs where old.contains(run.number) { try? fileSystem.remove(run.path) }
      for segment in version.segments where old.contains(segment.number) { try? fileSystem.remove(segment.path) }
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

/// A file that a step of compaction has written.
enum IndexFile {
  case runFile(RunReader)
  case segmentFile(SegmentReader)

  var path: String {
    switch self {
    case .runFile(let run): run.path
    case .segmentFile(let segment): segment.path
    }
  }

  var run: Manifest.Entry? { if case .runFile(let run) = self { Manifest.Entry(run) } else { nil } }
  var segment: Manifest.Entry? { if case .segmentFile(let file) = self { Manifest.Entry(file) } else { nil } }
}

extension [Manifest.Entry] {
  /// Takes entries out and puts others in their place, or at the end where none were to go.
  fileprivate mutating func replace(_ old: Set<UInt64>, with new: [Manifest.Entry]) {
    let place = firstIndex { old.contains($0.number) }
    removeAll { old.contains($0.number) }
    insert(contentsOf: new, at: place ?? count)
  }
}

/// Calls a throttle for every so much work of a step, whatever users and files the work is spread over.
final class Throttle {
  private let body: () throws -> Void
  private var pending = 0

  init(_ body: @escaping () throws -> Void) { self.body = body }

  /// - Parameter work: postings, or 256 for a record.
  func callAsNeeded(_ work: Int) throws {
    pending += work
    guard pending >= 1 << 14 else { return }
    pending = 0
    try body()
  }
}
