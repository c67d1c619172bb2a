package import Bytes

/// Sizes and counts of one shard's index.
package struct IndexStatistics: Sendable, Hashable {
  package var runs = 0
  package var runByteCount: UInt64 = 0
  /// Superseded and dead ones too.
  package var runRecords: UInt64 = 0
  /// Users with records in runs.
  package var users = 0
  package var unflushedByteCount = 0
  package var loadedUsers = 0
  package var loadedByteCount = 0
  package var directoryByteCount = 0
  package var appliedSequence = SequenceNumber.zero
  package var needsReindex = false

  package init() {}
}

extension ShardIndex {
  package func statistics() -> IndexStatistics {
    let runs = state.withLock { $0.runs }.runs
    var statistics = IndexStatistics()
    statistics.runs = runs.count
    statistics.runByteCount = runs.reduce(0) { $0 + $1.byteCount }
    statistics.runRecords = runs.reduce(0) { $0 + $1.recordCount }
    statistics.users = Set(runs.flatMap(\.fences.users)).count
    statistics.unflushedByteCount = unflushedByteCount
    statistics.directoryByteCount = directories.byteCount
    statistics.appliedSequence = appliedSequence
    statistics.needsReindex = needsReindex
    state.withLock { state in
      statistics.loadedUsers = state.users.count
      statistics.loadedByteCount = state.loadedByteCount
    }
    return statistics
  }

  /// The documents of a user that have a text record, live or not: what `verify` compares with the metadata.
  package func documentsWithRecord(_ user: UserID) throws -> DocIDBitmap {
    let (arenas, runs) = state.withLock { ($0.arenas(of: user), $0.runs) }
    let directory = try RecordDirectory(
      user: user, runs: runs.runs(of: user), analyzerHash: analyzerHash, reusing: nil)
    return UserRecords(user: user, arenas: arenas, directory: directory).documents
  }

  /// Reads the manifest and every byte of every run, and checks all checksums. Searches and writes go on meanwhile.
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
    for run in state.withLock({ $0.runs }).runs {
      problems += run.verify()
      try throttle()
    }
    return problems
  }
}
