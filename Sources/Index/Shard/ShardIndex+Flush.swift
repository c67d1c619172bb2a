import Bytes
import Logging
import Synchronization

extension ShardIndex {
  /// Writes the arenas into a new run and a new attribute file, and makes the applied sequence durable: the files synced, the
  /// directory synced, then the manifest edit. Records stay readable throughout.
  ///
  /// - Throws: `IndexError` with code `.noSpace` (nothing lost, call again) or `.stopped`.
  package func flush() throws {
    try edit { edits throws in
      let (arenas, attributes, version, sequence, removed) = state.withLock { state in
        if !state.arena.isEmpty {
          state.frozen.append(state.arena)
          state.arena = RecordArena()
        }
        return (
          state.frozen, state.freezeAttributes(), state.version, state.appliedSequence, state.removedUsers
        )
      }
      let reader = try writeRun(arenas, &edits)
      let attributeReader = try removing(reader) { try writeAttributes(attributes, &edits) }
      let next = IndexVersion(
        runs: version.runs + (reader.map { [$0] } ?? []), segments: version.segments,
        replaced: Self.replaced(by: arenas, in: version))
      let attributeFiles = attributes.files + (attributeReader.map { [$0] } ?? [])
      let stillRemoved = Self.removedUsers(removed, in: next, attributeFiles)
      let manifest = edits.manifest.manifest
      let givenUp = manifest.attributeFiles.map(\.number).filter { number in
        !attributes.files.contains { $0.number == number }
      }
      guard
        reader != nil || attributeReader != nil || !attributes.arenas.isEmpty
          || manifest.appliedSequence != sequence || manifest.removedUsers != stillRemoved
          || !givenUp.isEmpty
      else { return }
      try removing(reader) {
        try commit(&edits, orRemove: attributeReader?.path) { manifest in
          manifest.appliedSequence = sequence
          manifest.removedUsers = stillRemoved
          manifest.replaced = next.replaced
          if let reader { manifest.runs.append(Manifest.Entry(reader)) }
          // All of them, and no others: beside files given up this one would tell too little of their users.
          manifest.attributeFiles = attributeFiles.map { Manifest.Entry($0) }
        }
      }
      let forgotten = state.withLock { state in
        // A user removed meanwhile changed arenas in place; their number and order are those of before.
        state.frozen.removeFirst(arenas.count)
        state.publish(attributes, attributeReader)
        state.durableSequence = sequence
        return state.replaceVersion(next)
      }
      removeAttributeFiles(givenUp)
      meter.noteFlushed(reader?.byteCount ?? 0)
      withExtendedLifetime(forgotten) {}
    }
  }

  /// What the version says of replaced documents, and those of the arenas that a segment may hold already: docIDs rise with
  /// commits, so a new mail's is above all of them.
  private static func replaced(by arenas: [RecordArena], in version: IndexVersion) -> [UserID: DocIDBitmap] {
    var replaced = version.replaced
    for (user, arena) in arenas.flatMap(\.users) {
      guard let last = version.lastDocID(inSegmentsOf: user) else { continue }
      arena.forEach { docID, _ in
        if docID.rawValue <= last { replaced[user, default: DocIDBitmap()].insert(docID) }
      }
    }
    return replaced
  }

  /// Commits an edit. A file that could not be listed goes: the next try writes another.
  func commit(_ edits: inout Edits, orRemove path: String?, _ edit: (inout Manifest) -> Void) throws(FileError) {
    do {
      try edits.manifest.commit(edit)
    } catch {
      if let path, error.isTemporary { try? fileSystem.remove(path) }
      throw error
    }
  }

  /// A run goes when what was to be listed with it could not be written.
  private func removing<Value>(_ reader: RunReader?, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch {
      if let reader, (error as? FileError)?.isTemporary ?? true { try? fileSystem.remove(reader.path) }
      throw error
    }
  }

  /// - Returns: the durable, not yet listed run; `nil` where there is nothing to write.
  private func writeRun(_ arenas: [RecordArena], _ edits: inout Edits) throws -> RunReader? {
    let users = Set(arenas.flatMap { $0.users.keys }).sorted()
    if users.isEmpty { return nil }
    let number = try edits.manifest.reserveFileNumber()
    var writer = try RunWriter(
      fileSystem: fileSystem, directory: directory, number: number, analyzerHash: analyzerHash)
    do {
      for user in users {
        try Self.merged(arenas.compactMap { $0.users[user] }).forEach { docID, record throws(FileError) in
          try writer.append(user, docID, record)
        }
      }
      _ = try writer.finish()
      try fileSystem.syncDirectory(directory)
      return try RunReader(fileSystem: fileSystem, directory: directory, number: number)
    } catch {
      writer.discard()
      throw error
    }
  }

  private static func merged(_ arenas: [UserArena]) -> UserArena {
    guard var merged = arenas.first else { return UserArena() }
    for arena in arenas.dropFirst() { arena.forEach { docID, record in merged.put(docID, record) } }
    return merged
  }

  /// The removed users of whom some file still holds something.
  static func removedUsers(
    _ removed: Set<UserID>, in version: IndexVersion, _ attributeFiles: [AttributeFileReader]
  ) -> [UserID] {
    removed.filter { user in
      version.runs.contains { !$0.fences.blocks(of: user).isEmpty }
        || version.segments.contains { $0.fences.part(of: user) != nil }
        || attributeFiles.contains { $0.fences.part(of: user) != nil }
    }.sorted()
  }

  /// Runs `body` as the only one that changes files, and decides what a failure means.
  func edit<Result>(_ body: (inout Edits) throws -> Result) throws -> Result {
    try edits.withLock { edits throws in
      if edits.isStopped {
        throw IndexError(code: .stopped, message: "\(directory): an earlier write failed; open the index again")
      }
      var copy = edits
      defer { edits = copy }
      do {
        return try body(&copy)
      } catch let error as FileError {
        if error.isTemporary { throw IndexError(code: .noSpace, message: "\(error)") }
        // What the disk holds now is unknown: only opening the index again, from what is there, is safe.
        copy.isStopped = true
        hasStopped.store(true, ordering: .relaxed)
        logger.error("index stopped writing", metadata: ["error": "\(error)"])
        throw IndexError(code: .stopped, message: "\(error)")
      }
    }
  }

  /// Removes files that neither manifest nor rebuild lists: those of a crash, or replaced ones that a crash kept.
  /// Files of numbers never reserved are not ours to remove.
  func removeUnlistedFiles() throws {
    try edit { edits throws in
      try removeUnreadableShadow()
      let manifest = edits.manifest.manifest
      let kept = Set((manifest.runs + manifest.segments + manifest.attributeFiles).map(\.number))
        .union(shadowFileNumbers())
      for name in try fileSystem.list(directory) {
        guard let number = IndexFileFormat.number(ofAnyFile: name), number <= manifest.reservedThrough else { continue }
        if !kept.contains(number) { try fileSystem.remove(directory + "/" + name) }
      }
    }
  }
}

extension Manifest.Entry {
  init(_ run: RunReader) {
    self.init(
      number: run.number, byteCount: run.byteCount, recordCount: run.recordCount, analyzerHash: run.analyzerHash)
  }

  init(_ attributes: AttributeFileReader) {
    self.init(
      number: attributes.number, byteCount: attributes.byteCount, recordCount: attributes.rowCount, analyzerHash: 0)
  }

  init(_ segment: SegmentReader) {
    self.init(
      number: segment.number, byteCount: segment.byteCount, recordCount: segment.documentCount,
      analyzerHash: segment.analyzerHash, voidedUsers: segment.voidedUsers.sorted())
  }
}
