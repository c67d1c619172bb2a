import Bytes
import Logging

/// What a flush writes into an attribute file, and what it is written beside.
struct FrozenAttributes: Sendable {
  /// Oldest first.
  let arenas: [AttributeArena]
  /// Loaded users of whom no file tells all.
  let bases: [UserID: ShardState.LoadedUser]
  let files: [AttributeFileReader]
  /// The last of which anything is in the arenas.
  let seenSequence: SequenceNumber
}

extension ShardState {
  /// Begins a new arena, and gives what is to be flushed.
  mutating func freezeAttributes() -> FrozenAttributes {
    if !attributeArena.isEmpty {
      frozenAttributes.append(attributeArena)
      attributeArena = AttributeArena()
    }
    let bases = baseByteCount > 0 ? users.filter(\.value.needsBase) : [:]
    return FrozenAttributes(
      arenas: frozenAttributes, bases: bases, files: attributeFiles, seenSequence: seenSequence)
  }

  /// - Parameter file: holds what was frozen; `nil` where there was nothing to write.
  mutating func publish(_ frozen: FrozenAttributes, _ file: AttributeFileReader?) {
    frozenAttributes.removeFirst(frozen.arenas.count)
    fileSequence = frozen.seenSequence
    guard let file else { return }
    attributeFiles.append(file)
    // Whoever was loaded anew meanwhile may have been other than what was written.
    for (user, base) in frozen.bases where users[user]?.installation == base.installation { setNeedsBase(user, false) }
  }
}

extension ShardIndex {
  /// - Returns: the durable, not yet listed file; `nil` where there is nothing to write.
  func writeAttributes(_ frozen: FrozenAttributes, _ edits: inout Edits) throws -> AttributeFileReader? {
    let changed = Set(frozen.arenas.flatMap(\.users.keys)).filter { user in
      // What became of a user of whom no file tells all tells nothing: the rows are read then.
      frozen.arenas.contains { $0.users[user]?.isBase == true }
        || frozen.files.contains { $0.fences.part(of: user)?.isBase == true }
    }
    let users = changed.union(frozen.bases.keys).sorted()
    if users.isEmpty { return nil }
    let number = try edits.manifest.reserveFileNumber()
    var writer = try AttributeFileWriter(fileSystem: fileSystem, directory: directory, number: number)
    do {
      for user in users {
        if let base = frozen.bases[user] {
          try Self.write(user, base.attributes, base.sequence, to: &writer)
        } else {
          try Self.write(user, frozen.arenas.compactMap { $0.users[user] }, to: &writer)
        }
      }
      _ = try writer.finish()
      try fileSystem.syncDirectory(directory)
      return try AttributeFileReader(fileSystem: fileSystem, directory: directory, number: number)
    } catch {
      writer.discard()
      throw error
    }
  }

  private static func write(
    _ user: UserID, _ attributes: UserAttributes, _ sequence: SequenceNumber, to writer: inout AttributeFileWriter
  ) throws {
    try writer.beginPart(of: user, sequence: sequence, isBase: true)
    try attributes.forEach { docID, attributes throws(FileError) in try writer.append(docID.rawValue, attributes) }
    try writer.endPart()
  }

  private static func write(_ user: UserID, _ logs: [AttributeLog], to writer: inout AttributeFileWriter) throws {
    var log = AttributeLog()
    for later in logs { log.append(later) }
    try writer.beginPart(of: user, sequence: log.sequence ?? .zero, isBase: log.isBase)
    for entry in log.latest where !log.isBase || entry.attributes != nil {
      try writer.append(entry.docID, entry.attributes)
    }
    try writer.endPart()
  }

  // MARK: Giving up

  /// Gives all attribute files up because one of them is damaged: without it the others may be out of date, and the rows know
  /// all. Users are read from those from now on, and written anew.
  /// - Parameter files: that were read when the damage was found.
  func giveUpAttributeFiles(because error: IndexError, _ files: [AttributeFileReader]) {
    let isNew = state.withLock { state in
      let numbers = Set(files.map(\.number))
      guard state.attributeFiles.contains(where: { numbers.contains($0.number) }) else { return false }
      state.forgetAttributeFiles()
      return true
    }
    guard isNew else { return }
    logger.error(
      "attributes of the index are damaged, and made anew from the metadata", metadata: ["error": "\(error)"])
    leftOut.withLock {
      $0.append(IndexProblem(file: directory, user: nil, docID: nil, message: "\(error); attributes are made anew"))
    }
    forgetAttributeFiles()
  }

  /// Takes the attribute files that are no longer in use off the manifest, and removes them.
  func forgetAttributeFiles() {
    do {
      try edit { edits throws in
        let (files, version, removed) = state.withLock { ($0.attributeFiles, $0.version, $0.removedUsers) }
        let numbers = Set(files.map(\.number))
        let old = edits.manifest.manifest.attributeFiles.map(\.number).filter { !numbers.contains($0) }
        if old.isEmpty { return }
        try edits.manifest.commit { manifest in
          manifest.attributeFiles.removeAll { old.contains($0.number) }
          manifest.removedUsers = Self.removedUsers(removed, in: version, files)
        }
        removeAttributeFiles(old)
      }
    } catch {
      // They are not read all the same, and the next flush takes them off the manifest.
      logger.warning(
        "the manifest keeps given up attribute files until the next flush", metadata: ["error": "\(error)"])
    }
  }

  /// Files that the manifest lists no more. What cannot be removed now goes when the index is opened next.
  func removeAttributeFiles(_ numbers: [UInt64]) {
    for number in numbers { try? fileSystem.remove(directory + "/" + IndexFileFormat.attributes.fileName(number)) }
  }

  /// Gives all attribute files up: for `reindex`, which then writes every user anew.
  package func dropAttributes() {
    state.withLock { $0.forgetAttributeFiles() }
    forgetAttributeFiles()
  }
}

extension ShardState {
  fileprivate mutating func forgetAttributeFiles() {
    attributeFiles = []
    for user in users.keys { setNeedsBase(user, true) }
  }
}
