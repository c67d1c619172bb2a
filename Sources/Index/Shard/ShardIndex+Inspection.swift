package import Bytes

/// Sizes and counts of one shard's index.
package struct IndexStatistics: Sendable, Hashable {
  package var runs = 0
  package var runByteCount: UInt64 = 0
  /// Superseded and dead ones too.
  package var runRecords: UInt64 = 0
  package var segments = 0
  package var segmentByteCount: UInt64 = 0
  /// Dead ones too.
  package var segmentDocuments: UInt64 = 0
  package var attributeFiles = 0
  package var attributeByteCount: UInt64 = 0
  /// Users with records in runs.
  package var users = 0
  package var unflushedByteCount = 0
  package var loadedUsers = 0
  package var loadedByteCount = 0
  package var cacheByteCount = 0
  package var appliedSequence = SequenceNumber.zero
  package var needsReindex = false
  package var compaction = CompactionStatistics()
  package var backlog = CompactionBacklog()

  package init() {}
}

extension ShardIndex {
  package var runCount: Int { state.withLock { $0.version }.runs.count }

  package func statistics() -> IndexStatistics {
    let version = state.withLock { $0.version }
    let (runs, segments) = (version.runs, version.segments)
    var statistics = IndexStatistics()
    statistics.runs = runs.count
    statistics.runByteCount = runs.reduce(0) { $0 + $1.byteCount }
    statistics.runRecords = runs.reduce(0) { $0 + $1.recordCount }
    statistics.segments = segments.count
    statistics.segmentByteCount = segments.reduce(0) { $0 + $1.byteCount }
    statistics.segmentDocuments = segments.reduce(0) { $0 + $1.documentCount }
    let attributeFiles = state.withLock { $0.attributeFiles }
    statistics.attributeFiles = attributeFiles.count
    statistics.attributeByteCount = attributeFiles.reduce(0) { $0 + $1.byteCount }
    statistics.users = Set(runs.flatMap(\.fences.users)).count
    statistics.unflushedByteCount = unflushedByteCount
    statistics.cacheByteCount = caches.byteCount
    statistics.appliedSequence = appliedSequence
    statistics.needsReindex = needsReindex
    statistics.compaction = meter.statistics
    statistics.backlog = backlog
    state.withLock { state in
      statistics.loadedUsers = state.users.count
      statistics.loadedByteCount = state.loadedByteCount
    }
    return statistics
  }

  /// The documents of a user that have a text record, live or not: what `verify` compares with the metadata. Records of blocks
  /// whose head is damaged are none.
  package func documentsWithRecord(_ user: UserID) throws -> DocIDBitmap {
    let (arenas, version) = state.withLock { ($0.arenas(of: user), $0.version) }
    var documents = try RunRecords(user: user, version.runs, heads: caches.heads, leavesOutDamaged: true).documents()
    for arena in arenas { arena.forEach { docID, _ in documents.insert(docID) } }
    return documents
  }

  /// Reads the manifest and every byte of every file, and checks all checksums. Searches and writes go on meanwhile.
  ///
  /// - Parameter throttle: called after each file; may throw to stop.
  package func verify(throttle: () throws -> Void = {}) throws -> [IndexProblem] {
    var problems = damagedFiles
    let path = directory + "/" + Manifest.fileName
    if fileSystem.exists(path), !problems.contains(where: { $0.file == path }) {
      do {
        _ = try Manifest.decode(fileSystem.readFile(path))
      } catch {
        problems.append(IndexProblem(file: path, user: nil, docID: nil, message: "\(error)"))
      }
    }
    if let problem = shadowProblem() { problems.append(problem) }
    let (version, attributeFiles) = state.withLock { ($0.version, $0.attributeFiles) }
    for run in version.runs {
      problems += run.verify()
      try throttle()
    }
    for segment in version.segments {
      problems += segment.verify()
      try throttle()
    }
    for file in attributeFiles {
      problems += file.verify()
      try throttle()
    }
    return problems
  }

  /// What is wrong with the state of a rebuild that is under way or was stopped, where there is one.
  private func shadowProblem() -> IndexProblem? {
    do {
      guard fileSystem.exists(shadowPath) else { return nil }
      _ = try ShadowState.decode(fileSystem.readFile(shadowPath))
      return nil
    } catch let error as FileError where error.code == .notFound {
      // The rebuild has ended just now.
      return nil
    } catch {
      return IndexProblem(file: shadowPath, user: nil, docID: nil, message: "\(error)")
    }
  }
}
