package import Bytes
import Logging

/// A user's attributes as the metadata rows have them.
package struct AttributeRows: Sendable {
  /// The shard's sequence that the rows are as of.
  package let through: SequenceNumber
  package let userSequence: SequenceNumber
  package let attributes: UserAttributes

  package init(through: SequenceNumber, userSequence: SequenceNumber, attributes: UserAttributes) {
    self.through = through
    self.userSequence = userSequence
    self.attributes = attributes
  }
}

/// Attributes that were read, before they are the user's.
struct LoadedAttributes: Sendable {
  var attributes: UserAttributes
  var sequence: SequenceNumber
  /// No attribute file tells all of the user.
  var needsBase: Bool
}

/// What is known of a user at one moment, without anything read: where a load begins.
struct PinnedAttributes: Sendable {
  /// Oldest first.
  let files: [AttributeFileReader]
  /// All that is not in the files, and of that perhaps some again.
  let log: AttributeLog
  /// What rows must be as of, at least, to be gone on from with the log.
  let fileSequence: SequenceNumber
  let isRemoved: Bool
}

extension ShardState {
  func pinAttributes(of user: UserID) -> PinnedAttributes {
    var log = AttributeLog()
    for arena in frozenAttributes + [attributeArena] {
      if let changes = arena.users[user] { log.append(changes) }
    }
    return PinnedAttributes(
      files: attributeFiles, log: log, fileSequence: fileSequence, isRemoved: removedUsers.contains(user))
  }
}

extension ShardIndex {
  /// So many changes are made up for while others wait.
  private static let catchUpLimit = 256

  /// The user's snapshot; a cold user is loaded from the attribute files, or where they do not tell all of the user, from the
  /// rows. Blocks on reads, holds up nobody but those who want the same user, and takes all that is applied meanwhile along.
  ///
  /// - Parameter rows: the user's rows as of the given sequence of the shard, or later.
  /// - Throws: what `rows` throws. Damage in the files is no error: it is logged, they are given up, and the rows are asked.
  package func snapshot(
    of user: UserID, rows: (_ atLeast: SequenceNumber) throws -> AttributeRows
  ) throws -> UserSnapshot {
    if let snapshot = snapshot(user) { return snapshot }
    return try loadTurns.withTurn(user) {
      if let snapshot = snapshot(user) { return snapshot }
      return try load(user) { pinned in try self.read(user, pinned) ?? Self.read(pinned, rows) }
    }
  }

  /// Loads a user from the rows whatever the files say; the next flush writes the user anew.
  package func reload(
    _ user: UserID, rows: (_ atLeast: SequenceNumber) throws -> AttributeRows
  ) throws {
    _ = try loadTurns.withTurn(user) { try load(user) { try Self.read($0, rows) } }
  }

  /// What files and arenas tell of a user, read anew; `nil` where only the rows tell all.
  /// - Throws: `IndexError` with code `.corrupt` for a damaged file; `FileError`.
  package func storedAttributes(of user: UserID) throws -> (attributes: UserAttributes, sequence: SequenceNumber)? {
    let pinned = state.withLock { $0.pinAttributes(of: user) }
    if pinned.isRemoved { return nil }
    return try Self.readFiles(user, pinned).map { ($0.attributes, $0.sequence) }
  }

  /// Bytes in memory of users whom no attribute file tells all of: when to flush them is the owner's choice.
  package var unwrittenBaseByteCount: Int { state.withLock { $0.baseByteCount } }

  // MARK: Reading

  private static func readFiles(_ user: UserID, _ pinned: PinnedAttributes) throws -> LoadedAttributes? {
    if pinned.log.isBase {
      var builder = UserAttributesBuilder()
      for entry in pinned.log.latest {
        if let attributes = entry.attributes { builder.append(DocID(rawValue: entry.docID), attributes) }
      }
      return LoadedAttributes(
        attributes: builder.finish(), sequence: pinned.log.sequence ?? .zero, needsBase: false)
    }
    guard let base = pinned.files.lastIndex(where: { $0.fences.part(of: user)?.isBase == true }) else { return nil }
    let parts = try pinned.files[base...].compactMap { file in
      try file.fences.part(of: user).map { try AttributePartReader(file, $0) }
    }
    var merge = try AttributeMerge(parts)
    var builder = UserAttributesBuilder()
    while let (block, rows) = try merge.next() { builder.append(rows, of: block) }
    var loaded = LoadedAttributes(
      attributes: builder.finish(), sequence: parts.map(\.sequence).max() ?? .zero, needsBase: false)
    loaded.apply(pinned.log)
    return loaded
  }

  private static func read(
    _ pinned: PinnedAttributes, _ rows: (SequenceNumber) throws -> AttributeRows
  ) throws -> LoadedAttributes {
    let rows = try rows(pinned.fileSequence)
    guard rows.through >= pinned.fileSequence else {
      throw IndexError(code: .failed, message: "rows as of \(rows.through), expected \(pinned.fileSequence) at least")
    }
    var loaded = LoadedAttributes(attributes: rows.attributes, sequence: rows.userSequence, needsBase: true)
    loaded.apply(pinned.log)
    return loaded
  }

  /// - Returns: `nil` where the rows are to be asked.
  private func read(_ user: UserID, _ pinned: PinnedAttributes) throws -> LoadedAttributes? {
    if pinned.isRemoved { return nil }
    do {
      return try Self.readFiles(user, pinned)
    } catch let error as IndexError where error.code == .corrupt {
      giveUpAttributeFiles(because: error, pinned.files)
    } catch let error as FileError {
      logger.warning("attributes are read from the rows", metadata: ["error": "\(error)"])
    }
    return nil
  }

  // MARK: Installing

  /// - Parameter read: reads, without a lock, what is to be gone on from with the pinned log.
  private func load(
    _ user: UserID, _ read: (PinnedAttributes) throws -> LoadedAttributes
  ) throws -> UserSnapshot {
    let pinned = state.withLock { state in
      state.loading[user] = AttributeLog()
      return state.pinAttributes(of: user)
    }
    var loaded: LoadedAttributes
    do {
      loaded = try read(pinned)
    } catch {
      state.withLock { $0.loading[user] = nil }
      throw error
    }
    var taken = 0
    var byteCount = loaded.attributes.byteCount
    while true {
      switch install(user, loaded, from: taken, byteCount) {
      case .installed(let snapshot): return snapshot
      case .behind(let log):
        loaded.apply(log, from: taken)
        taken = log.entries.count
        byteCount = loaded.attributes.byteCount
      }
    }
  }

  private enum Installation: Sendable {
    case installed(UserSnapshot)
    /// More has become of the user than should be made up for while others wait.
    case behind(AttributeLog)
  }

  /// - Parameters:
  ///   - taken: so many of the changes since the load began are in `loaded`.
  ///   - byteCount: of the attributes.
  private func install(
    _ user: UserID, _ loaded: LoadedAttributes, from taken: Int, _ byteCount: Int
  ) -> Installation {
    state.withLock { state in
      let log = state.loading[user] ?? AttributeLog()
      if log.entries.count - taken > Self.catchUpLimit { return .behind(log) }
      state.loading[user] = nil
      // Gone meanwhile: nothing is left to be found, and nothing is kept.
      if state.removedUsers.contains(user) {
        return .installed(snapshot(user, UserAttributes(), loaded.sequence, state))
      }
      var loaded = loaded
      loaded.apply(log, from: taken)
      state.install(
        user, loaded.attributes, loaded.sequence, byteCount: byteCount, needsBase: loaded.needsBase)
      // Before others are evicted: a snapshot is good however soon its own user is.
      let made = snapshot(user, &state)
      state.evict(downTo: options.attributeByteCount, keeping: user)
      return .installed(made ?? snapshot(user, loaded.attributes, loaded.sequence, state))
    }
  }
}

extension LoadedAttributes {
  /// - Parameter taken: so many of its entries are known already.
  mutating func apply(_ log: AttributeLog, from taken: Int = 0) {
    for entry in log.entries[taken...] { attributes.apply(entry) }
    // Rows may be newer than the log that they are gone on from with.
    sequence = max(sequence, log.sequence ?? .zero)
  }
}
