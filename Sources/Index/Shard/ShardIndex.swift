package import Analysis
package import Bytes
import Logging
import Synchronization

/// The index of one shard: a view of the shard's change stream, like the metadata view beside it.
///
/// - The shard's writer, one thread, calls `apply`, which publishes one new version of each changed user at once; nothing is
///   written to disk.
/// - `compact` merges files and makes segments, a step at a time, on a thread of the owner's choice.
/// - `flush` writes the arena into a run. It may run on another thread than the writer's; flushes and swaps wait for
///   each other, searches and `apply` do not wait for them.
/// - Any thread takes a `snapshot`, which loads a cold user from the attribute files, and reads from it. Reads of text block; keep them off the cooperative pool.
///
/// What is not flushed is lost with the process, by design: `appliedSequence` tells from where the owner of the change
/// stream replays.
package final class ShardIndex: Sendable {
  struct Edits {
    var manifest: ManifestFile
    /// A write failed in a way that leaves the disk's state unknown.
    var isStopped = false
  }

  package let analyzers: AnalyzerSet
  let fileSystem: any FileSystem
  let directory: String
  let options: IndexOptions
  let logger: Logger
  let analyzerHash: UInt64
  let caches: IndexCaches
  let state: Locked<ShardState>
  /// Held across I/O by those who change the manifest; never by readers or by `apply`.
  let edits: Locked<Edits>
  /// Whether a `ShadowBuild` is at work: a second one would remove the first one's files as left behind.
  let isRebuilding = Atomic<Bool>(false)
  /// Held by a step of compaction: what it reads is not replaced by another's edit meanwhile, but for flushes.
  let compaction = Locked(CompactionState())
  /// A damaged file keeps compaction from going on, until a rebuild.
  let isCompactionBlocked = Atomic<Bool>(false)
  let meter = CompactionMeter()
  let hasStopped = Atomic<Bool>(false)
  /// Held by who loads a user: others who want the same one wait for that.
  let loadTurns = UserTurns()
  /// What was damaged when the index was opened, and left out, until all of it was rebuilt.
  package var damagedFiles: [IndexProblem] { leftOut.withLock { $0 } }
  let leftOut: Locked<[IndexProblem]>

  init(
    fileSystem: any FileSystem, directory: String, analyzers: AnalyzerSet, options: IndexOptions, logger: Logger,
    manifest: ManifestFile, version: IndexVersion, attributeFiles: [AttributeFileReader], caches: IndexCaches,
    damagedFiles: [IndexProblem]
  ) {
    self.fileSystem = fileSystem
    self.directory = directory
    self.analyzers = analyzers
    self.options = options
    self.logger = logger
    leftOut = Locked(damagedFiles)
    var hash = FileHash()
    hash.update(Array(analyzers.version.utf8))
    analyzerHash = hash.value
    self.caches = caches
    state = Locked(ShardState(version: version, attributeFiles: attributeFiles, manifest: manifest.manifest))
    edits = Locked(Edits(manifest: manifest))
  }

  /// Everything of the change stream up to here is durable in the runs: replay from the next on.
  package var appliedSequence: SequenceNumber { state.withLock { $0.durableSequence } }

  /// A write failed in a way that leaves the disk in doubt: nothing is flushed until the index is opened again.
  package var isStopped: Bool { hasStopped.load(ordering: .relaxed) }

  /// Bytes that a flush would write, roughly: when to flush is the owner's choice.
  package var unflushedByteCount: Int {
    state.withLock { state in
      let records = state.frozen.reduce(state.arena.byteCount) { $0 + $1.byteCount }
      return state.frozenAttributes.reduce(records + state.attributeArena.byteCount) { $0 + $1.byteCount }
    }
  }

  /// Whether some run was written by other analyzers: right but slow until `reindex`.
  package var needsReindex: Bool {
    state.withLock { $0.version }.runs.contains { $0.analyzerHash != analyzerHash }
  }

  package func isLoaded(_ user: UserID) -> Bool { state.withLock { $0.users[user] != nil } }

  /// `nil`: the user's attributes are not in memory; `snapshot(of:rows:)` loads them.
  package func snapshot(_ user: UserID) -> UserSnapshot? {
    state.withLock { state in snapshot(user, &state) }
  }

  func snapshot(_ user: UserID, _ state: inout ShardState) -> UserSnapshot? {
    let use = state.nextUse()
    guard let place = state.users.index(forKey: user) else { return nil }
    if let known = state.users.values[place].use(use) { return known }
    let loaded = state.users.values[place]
    let snapshot = snapshot(user, loaded.attributes, loaded.sequence, state)
    state.users.values[place].snapshot = snapshot
    return snapshot
  }

  func snapshot(
    _ user: UserID, _ attributes: UserAttributes, _ sequence: SequenceNumber, _ state: ShardState
  ) -> UserSnapshot {
    UserSnapshot(
      user: user, userSequence: sequence, attributes: attributes, arenas: state.arenas(of: user),
      files: state.version.files(of: user), caches: caches, analyzerHash: analyzerHash
    ) { [weak self] snapshot, byteCount in self?.noteText(snapshot, byteCount) }
  }

  /// Which words the user's mail has, for who asks nothing of what is live. Reads the heads of the user's parts where they are not in
  /// memory. Blocks.
  package func terms(of user: UserID) throws -> UserTerms {
    let (version, arenas) = state.withLock { ($0.version, $0.arenas(of: user)) }
    return UserTerms(
      parts: try version.files(of: user).parts(analyzerHash: analyzerHash, cache: caches.parts), arenas: arenas)
  }

  /// How many documents `UserTerms` would tell of. Reads nothing.
  package func termDocumentCount(of user: UserID) -> Int {
    let (version, arenas) = state.withLock { ($0.version, $0.arenas(of: user)) }
    return version.segments.reduce(arenas.reduce(0) { $0 + $1.count }) { sum, segment in
      guard segment.analyzerHash == analyzerHash else { return sum }
      return sum + Int(segment.fences.part(of: user)?.documentCount ?? 0)
    }
  }

  private func noteText(_ snapshot: UserSnapshot, _ byteCount: Int) {
    state.withLock { state in
      state.noteText(snapshot, byteCount)
      state.evict(downTo: options.attributeByteCount, keeping: snapshot.user)
    }
  }
}

// MARK: - The writer's side

extension ShardIndex {
  /// More changes of one user than this are made on a copy, so that readers never wait for a "mark all as read".
  private static let inPlaceLimit = 256

  /// Applies one or more journal records in memory. All changes to one user become visible at once.
  ///
  /// - Parameters:
  ///   - shardSequence: that of the last record applied.
  ///   - userSequences: of the users changed.
  /// - Complexity: O(changes); never O(mailbox).
  package func apply(
    _ mutations: [IndexMutation], shardSequence: SequenceNumber, userSequences: [UserID: SequenceNumber]
  ) {
    var byUser: [UserID: [IndexMutation]] = [:]
    for mutation in mutations { byUser[mutation.user, default: []].append(mutation) }
    for (user, own) in byUser {
      let changes = AttributeLog(own, sequence: userSequences[user])
      if own.count <= Self.inPlaceLimit {
        state.withLock { state in
          state.seenSequence = shardSequence
          // First: what the snapshot shares would be copied before it is changed.
          state.forgetSnapshot(user)
          for mutation in own {
            state.users[user]?.attributes.apply(mutation)
            state.applyToArena(mutation)
          }
          if let sequence = userSequences[user] { state.users[user]?.sequence = sequence }
          state.note(user, changes)
          state.noteChanges(user, own.count)
        }
      } else {
        applyOnCopy(user, own, changes, shardSequence)
      }
    }
    state.withLock { state in
      state.seenSequence = shardSequence
      state.appliedSequence = shardSequence
      for (user, sequence) in userSequences where byUser[user] == nil {
        state.note(user, sequence)
        if state.users[user]?.sequence == sequence { continue }
        state.users[user]?.sequence = sequence
        state.forgetSnapshot(user)
      }
      state.evict(downTo: options.attributeByteCount, keeping: mutations.last?.user)
    }
  }

  /// Records come before the attributes that make them visible, and go after them.
  private func applyOnCopy(
    _ user: UserID, _ mutations: [IndexMutation], _ changes: AttributeLog, _ shardSequence: SequenceNumber
  ) {
    let loaded = state.withLock { state -> ShardState.LoadedUser? in
      state.seenSequence = shardSequence
      for mutation in mutations {
        switch mutation {
        case .add, .replaceRecord: state.applyToArena(mutation)
        case .setAttributes, .remove, .removeUser: break
        }
      }
      return state.users[user]
    }
    var attributes = loaded?.attributes
    for mutation in mutations { attributes?.apply(mutation) }
    let changed = attributes
    state.withLock { state in
      if let changed, state.users[user]?.installation == loaded?.installation {
        state.users[user]?.attributes = changed
        if let sequence = changes.sequence { state.users[user]?.sequence = sequence }
      } else {
        // Loaded meanwhile, without these changes, or anew.
        state.unload(user)
      }
      for mutation in mutations {
        switch mutation {
        case .remove, .removeUser: state.applyToArena(mutation)
        case .add, .setAttributes, .replaceRecord: break
        }
      }
      state.note(user, changes)
      state.noteChanges(user, mutations.count)
    }
  }

  /// Brings a user's attributes into memory, as the rows have them: for the writer, which knows that they are as of everything
  /// applied so far. The next flush writes them.
  /// - Returns: the user's snapshot, which is good however soon the user is evicted again.
  @discardableResult
  package func load(
    _ user: UserID, attributes: some Sequence<(DocID, DocumentAttributes)>, userSequence: SequenceNumber
  ) -> UserSnapshot? {
    let loaded = UserAttributes(attributes)
    let byteCount = loaded.byteCount
    return state.withLock { state in
      state.install(user, loaded, userSequence, byteCount: byteCount, needsBase: true)
      state.evict(downTo: options.attributeByteCount, keeping: user)
      return snapshot(user, &state)
    }
  }

  /// Forgets a user's attributes; the next search loads them again.
  package func unload(_ user: UserID) { state.withLock { $0.unload(user) } }
}
