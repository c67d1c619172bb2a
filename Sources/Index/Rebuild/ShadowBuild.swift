package import Bytes

/// `reindex`: new runs built beside the living index, then put in its place by one manifest edit. Searches, `apply` and
/// `flush` go on meanwhile; what they add comes after the runs that the build started from and stays.
///
/// Use: `begin` (which goes on where a build of the same kind was killed), `run`, `swap`; `abandon` instead of `swap`
/// gives the work up. One build at a time on a shard; used by one thread, on which all its reads and writes block.
package final class ShadowBuild {
  package enum Scope: Hashable, Sendable {
    /// Every user; the old runs are replaced.
    case all
    /// One user; the new runs come before the user's records in the old ones, which stay for the others.
    case user(UserID)
  }

  package struct Progress: Hashable, Sendable {
    package var users = 0
    /// Users to do in all.
    package var userTotal = 0
    package var records = 0
    /// Of text records, before compression.
    package var textByteCount = 0

    package init() {}
  }

  private let index: ShardIndex
  private let claim: ShadowClaim
  private let source: ShadowSource
  private let fileByteLimit: UInt64
  private var state: ShadowState
  private var pinned: [RunReader]
  private var writer: RunWriter?

  package var progress: Progress { state.progress }

  /// - Parameters:
  ///   - isFromSource: make every record anew from its original instead of from the old record.
  ///   - fileByteLimit: a shadow file is finished at the end of the first user past so many bytes; a killed build loses
  ///     no more than that.
  /// - Throws: `IndexError`, with code `.busy` while another build of the shard is there; what the source throws.
  package static func begin(
    _ index: ShardIndex, _ scope: Scope, isFromSource: Bool = false, source: ShadowSource,
    fileByteLimit: UInt64 = 16 << 20
  ) throws -> ShadowBuild {
    let claim = try ShadowClaim(index)
    // The arena first, so that what is pinned is everything.
    try index.flush()
    if let state = try index.resumableShadow(scope, isFromSource: isFromSource) {
      return ShadowBuild(index, claim, source, fileByteLimit, state)
    }
    try index.discardShadow()
    let runs = index.state.withLock { $0.version }
    let state = ShadowState(
      scope: scope, isFromSource: isFromSource, analyzerHash: index.analyzerHash, pinned: runs.runs.map(\.number))
    return ShadowBuild(index, claim, source, fileByteLimit, state)
  }

  private init(
    _ index: ShardIndex, _ claim: ShadowClaim, _ source: ShadowSource, _ fileByteLimit: UInt64, _ state: ShadowState
  ) {
    self.index = index
    self.claim = claim
    self.source = source
    self.fileByteLimit = fileByteLimit
    self.state = state
    let numbers = Set(state.pinned)
    pinned = index.state.withLock { $0.version }.runs.filter { numbers.contains($0.number) }
  }

  /// Rebuilds every user in scope that is not done yet.
  ///
  /// - Parameters:
  ///   - report: called after each user.
  ///   - throttle: called after every 64 records at least; may sleep, so that delivery has priority, and may throw to
  ///     stop: the build can be gone on with later.
  package func run(report: (Progress) -> Void = { _ in }, throttle: () throws -> Void = {}) throws {
    let users = try usersInScope()
    state.progress.userTotal = users.count
    for user in users where state.lastUser.map({ $0 < user }) ?? true {
      do {
        try rebuild(user, throttle)
      } catch {
        giveUpOpenFile()
        throw error
      }
      state.progress.users += 1
      state.lastUser = user
      if let writer, writer.byteCount >= fileByteLimit { try finishFile() }
      report(state.progress)
      try throttlingOpenFile(throttle)
    }
    try finishFile()
  }

  /// Compares with the metadata, then swaps.
  /// - Throws: `IndexError` with code `.shadowInvalid` naming documents that the rebuilt index would lack.
  package func swap() throws {
    let numbers = state.finished
    let shadows = try numbers.map {
      try RunReader(fileSystem: index.fileSystem, directory: index.directory, number: $0)
    }
    try verify(shadows)
    try index.swap(state, for: shadows)
  }

  /// Gives up: removes what was built.
  package func abandon() throws {
    giveUpOpenFile()
    try index.discardShadow()
  }

  // MARK: Building

  private func usersInScope() throws -> [UserID] {
    if case .user(let user) = state.scope { return [user] }
    return try source.users().sorted()
  }

  private func rebuild(_ user: UserID, _ throttle: () throws -> Void) throws {
    let expected = try source.documents(user)
    let old = records(of: user, in: pinned, arenas: [])
    let newer = try newerDocuments(of: user)
    var count = 0
    for docID in expected.docIDs where !newer.contains(docID) {
      guard let record = try record(user, docID, old) else { continue }
      try append(user, docID, EncodedRecord.make(record, index.analyzers))
      state.progress.records += 1
      state.progress.textByteCount += record.textByteCount
      count += 1
      if count % 64 == 0 { try throttle() }
    }
  }

  /// The record to tokenise again, from the one place or the other, or what remains where neither has one; `nil` where
  /// that is nothing. `swap` tells of those.
  private func record(_ user: UserID, _ docID: DocID, _ old: UserRecords) throws -> ExtractedTextRecord? {
    guard state.isFromSource else {
      return try recordInIndex(docID, old) ?? source.record(user, docID) ?? source.remains(user, docID)
    }
    let fresh = Result { try source.record(user, docID) }
    // An original that cannot be read must not keep the index of a shard from being rebuilt.
    if case .success(let record?) = fresh { return record }
    return try recordInIndex(docID, old) ?? fresh.get() ?? source.remains(user, docID)
  }

  private func recordInIndex(_ docID: DocID, _ old: UserRecords) throws -> ExtractedTextRecord? {
    do {
      return try old.record(docID)
    } catch let error as IndexError where [.corrupt, .missingRecord].contains(error.code) {
      return nil
    }
  }

  /// Documents whose record came after the pinned runs.
  private func newerDocuments(of user: UserID) throws -> DocIDBitmap {
    let (arenas, version) = index.state.withLock { ($0.arenas(of: user), $0.version) }
    let numbers = Set(state.pinned)
    return try records(of: user, in: version.runs.filter { !numbers.contains($0.number) }, arenas: arenas).documents()
  }

  /// What is damaged is left out, and so made anew from the source.
  private func records(of user: UserID, in runs: [RunReader], arenas: [UserArena]) -> UserRecords {
    UserRecords(
      user: user, arenas: arenas,
      runs: RunRecords(user: user, runs, heads: index.caches.heads, leavesOutDamaged: true), parts: [],
      replaced: DocIDBitmap(), analyzerHash: index.analyzerHash)
  }

  private func append(_ user: UserID, _ docID: DocID, _ record: EncodedRecord) throws {
    if writer == nil {
      writer = try index.edit { edits throws in
        try RunWriter(
          fileSystem: index.fileSystem, directory: index.directory, number: edits.manifest.reserveFileNumber(),
          analyzerHash: index.analyzerHash)
      }
    }
    do {
      try writer?.append(user, docID, record)
    } catch {
      throw IndexError(error)
    }
  }

  private func finishFile() throws {
    do {
      if var writer {
        _ = try writer.finish()
        try index.fileSystem.syncDirectory(index.directory)
        state.finished.append(writer.number)
        self.writer = nil
      }
      try index.fileSystem.replaceFile(index.shadowPath, with: state.encode())
    } catch {
      giveUpOpenFile()
      throw IndexError(error)
    }
  }

  private func throttlingOpenFile(_ throttle: () throws -> Void) throws {
    do {
      try throttle()
    } catch {
      giveUpOpenFile()
      throw error
    }
  }

  private func giveUpOpenFile() {
    writer?.discard()
    writer = nil
  }

  // MARK: Comparing

  private func verify(_ shadows: [RunReader]) throws {
    for user in try usersInScope() {
      // The metadata first: mail that comes while this reads may then be in the index only, which is no difference.
      let expected = try source.documents(user)
      var present = try RunRecords(user: user, shadows, heads: index.caches.heads).documents()
      present.formUnion(try newerDocuments(of: user))
      var missing = expected.subtracting(present)
      // Mail that went meanwhile is missed by nobody.
      if !missing.isEmpty { missing = missing.intersection(try source.documents(user)) }
      if let first = missing.first {
        throw IndexError(
          code: .shadowInvalid,
          message: "the rebuilt index would lack \(missing.count) documents of user \(user), the first \(first); "
            + "run reindex with --from-source")
      }
    }
  }
}

extension ExtractedTextRecord {
  /// Bytes of its texts, for progress.
  fileprivate var textByteCount: Int {
    subject.utf8.count + body.utf8.count + attachmentTexts.reduce(0) { $0 + $1.utf8.count }
  }
}
