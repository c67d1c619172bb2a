package import Bytes
import Synchronization

extension ShardIndex {
  /// Checks everything, as `verify` does, and mends what is damaged: files that are go into `quarantine`, the manifest is edited,
  /// and text records that no file holds any more are made anew from the originals. Searches and writes go on meanwhile. A crash
  /// at any moment leaves an index that opens, and that another repair mends.
  ///
  /// Postings that a damaged segment held are made again from the text records by `remakeSegments`.
  ///
  /// - Parameters:
  ///   - source: the live documents, and their text from the originals.
  ///   - throttle: called often; may sleep so that delivery goes first, and may throw to stop.
  /// - Throws: `IndexError`, with code `.busy` while the index is rebuilt; what the source and `throttle` throw.
  package func repair(_ source: ShadowSource, throttle: @escaping () throws -> Void = {}) throws -> RepairReport {
    var repair = try IndexRepair(self, source, throttle)
    return try repair.run()
  }

  /// Inverts what these users have in runs alone, where it is enough for a segment.
  package func remakeSegments(
    of users: Set<UserID>, _ source: CompactionSource, throttle: @escaping () throws -> Void = {}
  ) throws {
    try compaction.withLock { _ throws in
      if isRebuilding.load(ordering: .acquiring) { return }
      var before = -1
      // An inversion ends when it has written some files, and then goes on with the version that holds them.
      while true {
        let version = state.withLock { $0.version }
        guard version.segments.count != before else { return }
        before = version.segments.count
        let step = CompactionStep(index: self, version: version, source: source, throttle: { _ in try throttle() })
        _ = try Inversion(step).invert(users.sorted())
      }
    }
  }
}

/// One repair, at work. Holds the claim to rebuild, so that neither a reindex nor a merge changes files meanwhile; flushes may
/// add some.
struct IndexRepair {
  private let index: ShardIndex
  private let source: ShadowSource
  private let throttle: () throws -> Void
  private let claim: ShadowClaim
  private let quarantine: Quarantine
  private var report = RepairReport()

  init(_ index: ShardIndex, _ source: ShadowSource, _ throttle: @escaping () throws -> Void) throws {
    self.index = index
    self.source = source
    self.throttle = throttle
    claim = try ShadowClaim(index)
    quarantine = Quarantine(index.fileSystem, directory: index.directory)
  }

  mutating func run() throws -> RepairReport {
    let damage = Damage(try index.verify(throttle: throttle), in: index.directory)
    report.quarantined = damage.firstProblems
    try replaceDamaged(damage)
    try addMissing()
    index.leftOut.withLock { $0 = [] }
    // What could not be merged has been made anew.
    index.compaction.withLock { $0 = CompactionState() }
    index.isCompactionBlocked.store(false, ordering: .relaxed)
    return report
  }

  // MARK: Damaged files

  private mutating func replaceDamaged(_ damage: Damage) throws {
    if damage.names.isEmpty { return }
    // Before anything is written: every edit replaces it.
    if damage.isManifestDamaged { try index.edit { _ throws in try quarantine.keepDamagedManifest() } }
    let version = index.state.withLock { $0.version }
    let kept = IndexVersion(
      runs: [], segments: version.segments.filter { !damage.segments.contains($0.number) }, replaced: version.replaced)
    var salvaged: [UInt64: RunReader] = [:]
    do {
      for number in damage.runs.sorted() {
        guard let path = quarantine.currentPath(of: IndexFileFormat.run.fileName(number)) else { continue }
        var salvage = RunSalvage(index, source, keeping: kept, throttle)
        salvaged[number] = try index.writing { try salvage.salvage(path) }
        report.keptRecords += salvage.keptCount
      }
      report.usersWithoutPostings = try usersWithoutPostings(damage, version)
    } catch {
      for run in salvaged.values { try? index.fileSystem.remove(run.path) }
      throw error
    }
    try commit(damage, salvaged)
    // All of them: a later one without an earlier one is worth nothing. The rows say it all again.
    if damage.areAttributesDamaged { index.dropAttributes() }
  }

  /// Of a segment that could not be opened nobody knows whose it was.
  private func usersWithoutPostings(_ damage: Damage, _ version: IndexVersion) throws -> Set<UserID> {
    let open = version.segments.filter { damage.segments.contains($0.number) }
    if open.count < damage.segments.count || damage.isManifestDamaged { return Set(try source.users()) }
    return Set(open.flatMap(\.fences.parts).map { UserID(rawValue: $0.user) })
  }

  /// Moves the damaged files away and lists the salvaged ones in their places, by one edit of the manifest. After a crash
  /// between the two the files are left out when the index is opened, and the next repair finds them in quarantine.
  private func commit(_ damage: Damage, _ salvaged: [UInt64: RunReader]) throws {
    try index.edit { edits throws in
      try quarantine.take(damage.names.filter { $0 != Manifest.fileName })
      let current = index.state.withLock { $0.version }
      // The manifest lists what could not be opened too.
      let entries = edits.manifest.manifest.runs.compactMap { entry in
        damage.runs.contains(entry.number) ? salvaged[entry.number].map { Manifest.Entry($0) } : entry
      }
      let readers = Dictionary(
        (current.runs + salvaged.values).map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
      let segments = current.segments.filter { !damage.segments.contains($0.number) }
      let next = IndexVersion(
        runs: entries.compactMap { readers[$0.number] }, segments: segments,
        replaced: current.replaced.filter { user, _ in segments.contains { $0.fences.part(of: user) != nil } })
      let (removedUsers, attributeFiles) = index.state.withLock { ($0.removedUsers, $0.attributeFiles) }
      let removed = ShardIndex.removedUsers(removedUsers, in: next, attributeFiles)
      try edits.manifest.commit { manifest in
        manifest.runs = entries
        manifest.segments.removeAll { damage.segments.contains($0.number) }
        manifest.replaced = next.replaced
        manifest.removedUsers = removed
      }
      let forgotten = index.state.withLock { $0.replaceVersion(next) }
      withExtendedLifetime(forgotten) {}
    }
  }

  // MARK: Missing records

  /// Gives every live document that has no record one again, in one run.
  private mutating func addMissing() throws {
    var writer: RunWriter?
    var added: [UserID: DocIDBitmap] = [:]
    do {
      for user in try source.users().sorted() {
        // The metadata first: mail that comes while this reads may then be in the index only, which is no difference.
        let expected = DocIDBitmap(try source.documents(user).map(\.docID))
        for docID in expected.subtracting(try index.documentsWithRecord(user)).docIDs {
          guard let record = try source.record(user, docID, { nil }) ?? source.remains(user, docID) else {
            // Mail that went meanwhile is missed by nobody.
            if try source.documents(user).contains(where: { $0.docID == docID }) { report.lost.append((user, docID)) }
            continue
          }
          if writer == nil { writer = try makeWriter() }
          let encoded = EncodedRecord.make(record, index.analyzers)
          try index.writing { try writer?.append(user, docID, encoded) }
          added[user, default: DocIDBitmap()].insert(docID)
          report.remadeRecords += 1
          if report.remadeRecords % 64 == 0 { try throttle() }
        }
      }
      guard var finished = writer else { return }
      report.users = Set(added.keys)
      _ = try index.writing { try finished.finish() }
      // From here on the manifest may list it, whatever fails.
      writer = nil
      try list(finished.number, finished.path, added)
    } catch {
      writer?.discard()
      throw error
    }
  }

  private func makeWriter() throws -> RunWriter {
    let number = try index.reserveFileNumber()
    return try index.writing {
      try RunWriter(
        fileSystem: index.fileSystem, directory: index.directory, number: number, analyzerHash: index.analyzerHash)
    }
  }

  /// Lists the new run, and counts its documents as replaced in segments: a record that was made anew may differ from the one
  /// that the postings were made from.
  private func list(_ number: UInt64, _ path: String, _ added: [UserID: DocIDBitmap]) throws {
    try index.edit { edits throws in
      try index.fileSystem.syncDirectory(index.directory)
      let run = try RunReader(fileSystem: index.fileSystem, directory: index.directory, number: number)
      let current = index.state.withLock { $0.version }
      var replaced = current.replaced
      for (user, documents) in added {
        guard let last = current.lastDocID(inSegmentsOf: user) else { continue }
        documents.forEach { if $0.rawValue <= last { replaced[user, default: DocIDBitmap()].insert($0) } }
      }
      let next = IndexVersion(runs: current.runs + [run], segments: current.segments, replaced: replaced)
      try index.commit(&edits, orRemove: path) { manifest in
        manifest.runs.append(Manifest.Entry(run))
        manifest.replaced = replaced
      }
      let forgotten = index.state.withLock { $0.replaceVersion(next) }
      withExtendedLifetime(forgotten) {}
    }
  }
}

/// What `verify` found, by file.
private struct Damage {
  private(set) var runs: Set<UInt64> = []
  private(set) var segments: Set<UInt64> = []
  private(set) var areAttributesDamaged = false
  private(set) var isManifestDamaged = false
  /// In the order in which they were found.
  private(set) var firstProblems: [(name: String, problem: String)] = []

  var names: [String] { firstProblems.map(\.name) }

  init(_ problems: [IndexProblem], in directory: String) {
    for problem in problems where problem.file.hasPrefix(directory + "/") {
      let name = String(problem.file.dropFirst(directory.count + 1))
      guard !names.contains(name) else { continue }
      if let number = IndexFileFormat.run.number(ofFile: name) {
        runs.insert(number)
      } else if let number = IndexFileFormat.segment.number(ofFile: name) {
        segments.insert(number)
      } else if IndexFileFormat.attributes.number(ofFile: name) != nil {
        areAttributesDamaged = true
      } else if name == Manifest.fileName {
        isManifestDamaged = true
      } else if name != ShadowState.fileName {
        continue
      }
      firstProblems.append((name, problem.message))
    }
  }
}
