package import Analysis
package import Bytes
package import Logging

extension ShardIndex {
  /// Opens the index, or makes a new one where the directory holds none, and removes files of a crash.
  ///
  /// - Throws: `IndexError` with code `.corrupt` naming the damaged file; `FileError`, which says nothing about the bytes.
  package static func open(
    fileSystem: any FileSystem, directory: String, analyzers: AnalyzerSet, options: IndexOptions = IndexOptions(),
    logger: Logger = Logger(label: "maildex.index") { _ in SwiftLogNoOpLogHandler() }
  ) throws -> ShardIndex {
    try fileSystem.createDirectory(directory)
    var problems: [IndexProblem] = []
    let opener = IndexOpener(fileSystem: fileSystem, directory: directory, options: options)
    let manifest = try opener.manifest(&problems)
    let caches = IndexCaches(byteCount: options.cacheByteCount)
    var outdated: Set<UInt64> = []
    let version = try opener.version(of: manifest.manifest, caches, &problems, &outdated)
    let attributeFiles = try opener.attributeFiles(of: manifest.manifest, &problems)
    let index = ShardIndex(
      fileSystem: fileSystem, directory: directory, analyzers: analyzers, options: options, logger: logger,
      manifest: manifest, version: version, attributeFiles: attributeFiles ?? [], caches: caches, damagedFiles: problems
    )
    try index.forgetSegments(outdated)
    if attributeFiles == nil { index.forgetAttributeFiles() }
    try index.removeUnlistedFiles()
    return index
  }

  /// Takes segments off the manifest: what they hold is pending again.
  private func forgetSegments(_ numbers: Set<UInt64>) throws {
    if numbers.isEmpty { return }
    logger.info("segments of an earlier version are made anew", metadata: ["files": "\(numbers.count)"])
    let version = state.withLock { $0.version }
    do {
      try edit { edits throws in
        try edits.manifest.commit { manifest in
          manifest.segments.removeAll { numbers.contains($0.number) }
          manifest.replaced = version.replaced
        }
      }
    } catch let error as IndexError where error.code == .noSpace {
      // They are not opened all the same, and go with the next edit after the next opening.
      logger.warning("the manifest keeps segments of an earlier version", metadata: ["error": "\(error)"])
    }
  }

  /// How far the index on disk is, without opening it; zero where that cannot be told.
  package static func durableSequence(fileSystem: any FileSystem, directory: String) -> SequenceNumber {
    let manifest = try? ManifestFile.open(fileSystem: fileSystem, directory: directory)
    return manifest?.manifest.appliedSequence ?? .zero
  }
}

/// Reads an index's files as they were left, and decides what to do without those that are damaged.
private struct IndexOpener {
  let fileSystem: any FileSystem
  let directory: String
  let options: IndexOptions

  func manifest(_ problems: inout [IndexProblem]) throws -> ManifestFile {
    let path = directory + "/" + Manifest.fileName
    do {
      let manifest = try ManifestFile.open(fileSystem: fileSystem, directory: directory)
      if fileSystem.exists(path) { return manifest }
      if try allNumbers().isEmpty && options.replayableAfter == .zero { return manifest }
      throw IndexError.corrupt(path, at: 0, "the manifest is gone")
    } catch let error as IndexError where error.code == .corrupt && options.leavesOutDamagedRuns {
      problems.append(IndexProblem(file: path, user: nil, docID: nil, message: error.message))
      return try salvagedManifest()
    }
  }

  /// Lists the runs that cannot be read too, as of no bytes, so that they are left out as damaged and not taken for rubbish.
  private func salvagedManifest() throws -> ManifestFile {
    let runs = try runNumbers().map { number in
      do {
        return Manifest.Entry(try RunReader(fileSystem: fileSystem, directory: directory, number: number))
      } catch {
        guard Self.isDamage(error) else { throw error }
        return Manifest.Entry(number: number, byteCount: 0, recordCount: 0, analyzerHash: 0)
      }
    }
    return .salvaged(
      runs, reservedThrough: try allNumbers().max() ?? 0,
      appliedSequence: options.replayableAfter,
      fileSystem: fileSystem, directory: directory)
  }

  /// Of files of any kind.
  private func allNumbers() throws -> [UInt64] {
    try fileSystem.list(directory).compactMap { IndexFileFormat.number(ofAnyFile: $0) }
  }

  /// Ascending.
  private func runNumbers() throws -> [UInt64] {
    try fileSystem.list(directory).compactMap(IndexFileFormat.run.number(ofFile:)).sorted()
  }

  func version(
    of manifest: Manifest, _ caches: IndexCaches, _ problems: inout [IndexProblem], _ outdated: inout Set<UInt64>
  ) throws -> IndexVersion {
    var runs: [RunReader] = []
    for entry in manifest.runs {
      let reader = try open(entry, .run, &problems) {
        try RunReader(fileSystem: fileSystem, directory: directory, number: entry.number)
      } found: {
        Manifest.Entry($0)
      }
      if let reader { runs.append(reader) }
    }
    var segments: [SegmentReader] = []
    for entry in manifest.segments {
      do {
        let reader = try open(entry, .segment, &problems) {
          try SegmentReader(
            fileSystem: fileSystem, directory: directory, number: entry.number, voiding: Set(entry.voidedUsers),
            caches: caches)
        } found: {
          Manifest.Entry($0)
        }
        if let reader { segments.append(reader) }
      } catch let error as IndexError where error.code == .outdated {
        outdated.insert(entry.number)
      }
    }
    // What was replaced in a segment that is no more is pending like all that was in it.
    let replaced =
      outdated.isEmpty
      ? manifest.replaced
      : manifest.replaced.filter { user, _ in segments.contains { $0.fences.part(of: user) != nil } }
    return IndexVersion(runs: runs, segments: segments, replaced: replaced)
  }

  /// - Returns: `nil` where one of them is damaged: what the others say may be out of date then, and the rows know all.
  func attributeFiles(
    of manifest: Manifest, _ problems: inout [IndexProblem]
  ) throws -> [AttributeFileReader]? {
    var readers: [AttributeFileReader] = []
    for entry in manifest.attributeFiles {
      let reader = try open(entry, .attributes, &problems) {
        try AttributeFileReader(fileSystem: fileSystem, directory: directory, number: entry.number)
      } found: {
        Manifest.Entry($0)
      }
      guard let reader else { return nil }
      readers.append(reader)
    }
    return readers
  }

  /// - Returns: `nil` for a damaged file, where those are left out.
  private func open<Reader>(
    _ entry: Manifest.Entry, _ format: IndexFileFormat, _ problems: inout [IndexProblem], _ open: () throws -> Reader,
    found: (Reader) -> Manifest.Entry
  ) throws -> Reader? {
    let path = directory + "/" + format.fileName(entry.number)
    do {
      let reader = try open()
      let real = found(reader)
      guard real.byteCount == entry.byteCount, real.recordCount == entry.recordCount else {
        throw IndexError.corrupt(
          path, at: 0,
          "expected \(entry.byteCount) bytes with \(entry.recordCount) records, "
            + "found \(real.byteCount) with \(real.recordCount)")
      }
      return reader
    } catch {
      guard options.leavesOutDamagedRuns && Self.isDamage(error) else { throw error }
      problems.append(IndexProblem(file: path, user: nil, docID: nil, message: "\(error)"))
      return nil
    }
  }

  /// A file that is gone or holds other bytes is damaged. One that cannot be opened or read just now is not: what was
  /// taken for damaged would be rebuilt and removed.
  private static func isDamage(_ error: any Error) -> Bool {
    if let error = error as? IndexError { return error.code == .corrupt }
    if let error = error as? FileError { return error.code == .notFound || error.code == .truncated }
    return false
  }
}
