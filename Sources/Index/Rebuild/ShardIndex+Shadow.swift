import Bytes
import Logging
import Synchronization

extension ShardIndex {
  var shadowPath: String { directory + "/" + ShadowState.fileName }

  /// The state on disk, where there is one that can be read. A damaged one is worth nothing: the build starts again.
  private func readShadow() -> ShadowState? {
    guard fileSystem.exists(shadowPath), let bytes = try? fileSystem.readFile(shadowPath) else { return nil }
    return try? ShadowState.decode(bytes)
  }

  /// Removes the state of a build that cannot be gone on with, because it is damaged or of an earlier version: while there
  /// is one, runs are not merged. Its files are listed by nobody then.
  func removeUnreadableShadow() throws(FileError) {
    if fileSystem.exists(shadowPath), readShadow() == nil { try fileSystem.remove(shadowPath) }
  }

  /// So many runs beside those that a killed build reads, and it is given up: unmerged runs would pile up for ever.
  private static let patienceWithShadow = 64

  /// Removes a killed build that nobody has gone on with for long.
  func discardStaleShadow(_ version: IndexVersion) throws {
    guard fileSystem.exists(shadowPath), let shadow = readShadow(),
      version.runs.count >= shadow.pinned.count + Self.patienceWithShadow
    else { return }
    logger.notice("a rebuild that was killed and not gone on with is given up", metadata: ["index": "\(directory)"])
    try discardShadow()
  }

  /// Files that a killed build finished.
  func shadowFileNumbers() -> Set<UInt64> { readShadow().map { Set($0.finishedRuns + $0.segments) } ?? [] }

  func openShadowSegments(_ numbers: [UInt64]) throws -> [SegmentReader] {
    try numbers.map {
      try SegmentReader(fileSystem: fileSystem, directory: directory, number: $0, caches: caches)
    }
  }

  /// The state of a killed build that can be gone on with: of the same kind, and all that it built on is still there.
  func resumableShadow(_ scope: ShadowBuild.Scope, isFromSource: Bool) throws -> ShadowState? {
    guard let state = readShadow(), state.scope == scope, state.isFromSource == isFromSource,
      state.analyzerHash == analyzerHash
    else { return nil }
    let version = self.state.withLock { $0.version }
    let runs = Set(version.runs.map(\.number))
    // With its runs its segments were listed, if they ever were; of a mailbox without mail there are neither.
    guard runs.isSuperset(of: state.pinned), runs.isDisjoint(with: state.finishedRuns) else { return nil }
    for number in state.finishedRuns {
      if (try? RunReader(fileSystem: fileSystem, directory: directory, number: number)) == nil { return nil }
    }
    if (try? openShadowSegments(state.segments)) == nil { return nil }
    return state
  }

  /// Removes a killed or given up build: first its files, then the state that names them.
  func discardShadow() throws {
    guard fileSystem.exists(shadowPath) else { return }
    try edit { edits throws in
      let manifest = edits.manifest.manifest
      let listed = Set((manifest.runs + manifest.segments).map(\.number))
      for number in shadowFileNumbers() where !listed.contains(number) {
        for format in [IndexFileFormat.run, .segment] {
          let path = directory + "/" + format.fileName(number)
          if fileSystem.exists(path) { try fileSystem.remove(path) }
        }
      }
      try fileSystem.remove(shadowPath)
    }
  }

  /// Puts the shadow runs in the place of the pinned ones (all users), or right after them (one user), so that they
  /// count over what they were made from and nothing that came later; and the shadow segments in the place of what there
  /// was of segments of those users.
  func swap(_ shadow: ShadowState, runs shadows: [RunReader], segments: [SegmentReader]) throws {
    try edit { edits throws in
      let version = state.withLock { $0.version }
      let current = version.runs
      let pinned = Set(shadow.pinned)
      guard Set(current.map(\.number)).isSuperset(of: pinned) else {
        throw IndexError(code: .shadowInvalid, message: "the index was rebuilt by another meanwhile; start again")
      }
      let readers = Self.replacing(current, \.number, pinned, shadows, scope: shadow.scope)
      let next = try self.version(
        after: version, readers, segments, later: current.filter { !pinned.contains($0.number) }, shadow.scope)
      let (removedUsers, attributeFiles) = state.withLock { ($0.removedUsers, $0.attributeFiles) }
      let removed = Self.removedUsers(removedUsers, in: next, attributeFiles)
      // The manifest lists damaged files too; only a build of all users makes up for those.
      let open = Set(version.segments.map(\.number))
      let numbers = Set(edits.manifest.manifest.runs.map(\.number))
      let dropped = pinned.union(numbers.subtracting(current.map(\.number)))
      try edits.manifest.commit { manifest in
        manifest.runs = Self.replacing(
          manifest.runs, \.number, shadow.scope == .all ? dropped : pinned, shadows.map { Manifest.Entry($0) },
          scope: shadow.scope)
        manifest.removedUsers = removed
        let damaged = shadow.scope == .all ? [] : manifest.segments.filter { !open.contains($0.number) }
        manifest.segments = damaged + next.segments.map { Manifest.Entry($0) }
        manifest.replaced = next.replaced
      }
      let later = current.filter { !pinned.contains($0.number) }
      meter.notePending(users: 0, byteCount: later.reduce(0) { $0 + $1.byteCount }, flushed: meter.flushed)
      let forgotten = state.withLock { $0.replaceVersion(next) }
      withExtendedLifetime(forgotten) {}
      try? fileSystem.remove(shadowPath)
      // Snapshots that hold them read on; what cannot be removed now goes when the index is opened next.
      let listed = Set(edits.manifest.manifest.runs.map(\.number))
      for run in current where !listed.contains(run.number) { try? fileSystem.remove(run.path) }
      let kept = Set(next.segments.map(\.number))
      for segment in version.segments where !kept.contains(segment.number) { try? fileSystem.remove(segment.path) }
      if shadow.scope == .all {
        removeDamaged(listed.union(kept), edits.manifest.manifest.reservedThrough)
        leftOut.withLock { $0 = [] }
      }
    }
    // What could not be merged has been made anew. Not within the edit: a step of compaction holds its lock and edits.
    compaction.withLock { $0 = CompactionState() }
    isCompactionBlocked.store(false, ordering: .relaxed)
  }

  /// The segments of before hold nothing that counts of the users who were rebuilt: of everyone they go, of one user they
  /// stay for the others, without the user's part. What came since is pending, as if no segment had ever held it.
  private func version(
    after version: IndexVersion, _ runs: [RunReader], _ segments: [SegmentReader], later: [RunReader],
    _ scope: ShadowBuild.Scope
  ) throws -> IndexVersion {
    let replaced = try self.replaced(by: later, in: segments, leavesOutDamaged: true)
    guard case .user(let user) = scope else {
      return IndexVersion(runs: runs, segments: segments, replaced: replaced)
    }
    let kept = version.segments.map { $0.voiding(user) }.filter { !$0.fences.parts.isEmpty }
    var all = version.replaced
    all[user] = replaced[user]
    return IndexVersion(runs: runs, segments: kept + segments, replaced: all)
  }

  /// The list with the shadow runs in it: in the place of the pinned ones, or after the last of them.
  private static func replacing<Run>(
    _ runs: [Run], _ number: (Run) -> UInt64, _ pinned: Set<UInt64>, _ shadows: [Run], scope: ShadowBuild.Scope
  ) -> [Run] {
    let place = (runs.lastIndex { pinned.contains(number($0)) } ?? -1) + 1
    let earlier = runs[..<place].filter { scope != .all || !pinned.contains(number($0)) }
    return earlier + shadows + runs[place...]
  }

  /// Removes the files that were left out as damaged when the index was opened.
  private func removeDamaged(_ listed: Set<UInt64>, _ reservedThrough: UInt64) {
    for problem in damagedFiles {
      guard let name = problem.file.split(separator: "/").last,
        let number = IndexFileFormat.run.number(ofFile: String(name))
          ?? IndexFileFormat.segment.number(ofFile: String(name)),
        number <= reservedThrough, !listed.contains(number)
      else { continue }
      try? fileSystem.remove(problem.file)
    }
  }
}

extension IndexError {
  init(_ error: FileError) {
    self.init(code: error.isTemporary ? .noSpace : .failed, message: "\(error)")
  }
}
