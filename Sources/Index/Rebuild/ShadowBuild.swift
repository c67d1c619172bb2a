package import Bytes

/// `reindex`: new runs and segments built beside the living index, then put in its place by one manifest edit. Searches,
/// `apply` and `flush` go on meanwhile; what they add comes after the runs that the build started from and stays.
///
/// Use: `begin` (which goes on where a build of the same kind was killed), `run`, `swap`; `abandon` instead of `swap`
/// gives the work up. One build at a time on a shard; used by one thread, on which all its reads and writes block.
package final class ShadowBuild {
  package enum Scope: Hashable, Sendable {
    /// Every user; the old runs are replaced.
    case all
    /// One user; the new runs come before the user's records in the old ones, which stay for the others, and the user's
    /// parts of the old segments count no more.
    case user(UserID)
  }

  package struct Progress: Hashable, Sendable {
    package var users = 0
    /// Users to do in all.
    package var userTotal = 0
    package var records = 0
    /// Of text records, before compression.
    package var textByteCount = 0
    /// Of these, those that a build did that was killed.
    package var resumedRecords = 0
    package var resumedTextByteCount = 0

    package init() {}
  }

  private let index: ShardIndex
  private let claim: ShadowClaim
  private let source: ShadowSource
  private let pinned: [RunReader]
  private var files: ShadowFiles

  package private(set) var progress: Progress

  /// - Parameters:
  ///   - isFromSource: make every record anew from its original instead of from the old record.
  ///   - fileByteLimit: shadow files are finished at so many bytes of records; a killed build loses no more than that.
  /// - Throws: `IndexError`, with code `.busy` while another build of the shard is there; what the source throws.
  package static func begin(
    _ index: ShardIndex, _ scope: Scope, isFromSource: Bool = false, source: ShadowSource,
    fileByteLimit: UInt64 = 64 << 20
  ) throws -> ShadowBuild {
    let claim = try ShadowClaim(index)
    // The arena first, so that what is pinned is everything.
    try index.flush()
    if let state = try index.resumableShadow(scope, isFromSource: isFromSource) {
      return try ShadowBuild(index, claim, source, fileByteLimit, state)
    }
    try index.discardShadow()
    let runs = index.state.withLock { $0.version }.runs
    let state = ShadowState(
      scope: scope, isFromSource: isFromSource, analyzerHash: index.analyzerHash, pinned: runs.map(\.number))
    return try ShadowBuild(index, claim, source, fileByteLimit, state)
  }

  private init(
    _ index: ShardIndex, _ claim: ShadowClaim, _ source: ShadowSource, _ fileByteLimit: UInt64, _ state: ShadowState
  ) throws {
    self.index = index
    self.claim = claim
    self.source = source
    files = try ShadowFiles(index, state, fileByteLimit: fileByteLimit)
    progress = state.progress
    progress.resumedRecords = progress.records
    progress.resumedTextByteCount = progress.textByteCount
    let numbers = Set(state.pinned)
    pinned = index.state.withLock { $0.version }.runs.filter { numbers.contains($0.number) }
  }

  /// Rebuilds every user in scope that is not done yet.
  ///
  /// - Parameters:
  ///   - report: called after each user and, within a large mailbox, after every few thousand records.
  ///   - throttle: called after every 64 records at least; may sleep, so that delivery has priority, and may throw to
  ///     stop: the build can be gone on with later.
  package func run(report: (Progress) -> Void = { _ in }, throttle: @escaping () throws -> Void = {}) throws {
    let users = try usersInScope()
    progress.userTotal = users.count
    if progress.resumedRecords > 0 { report(progress) }
    let paced = Throttle(throttle)
    do {
      for user in users where files.state.lastUser.map({ $0 < user }) ?? true {
        try rebuild(user, report, paced)
        note(report)
        try throttle()
      }
      try files.checkpoint()
    } catch {
      files.giveUp()
      throw error
    }
  }

  private func note(_ report: (Progress) -> Void) {
    progress.users = files.state.progress.users
    progress.records = files.state.progress.records
    progress.textByteCount = files.state.progress.textByteCount
    report(progress)
  }

  /// Compares with the metadata, then swaps.
  /// - Throws: `IndexError` with code `.shadowInvalid` naming documents that the rebuilt index would lack.
  package func swap() throws {
    let runs = try files.state.finishedRuns.map {
      try RunReader(fileSystem: index.fileSystem, directory: index.directory, number: $0)
    }
    let segments = try index.openShadowSegments(files.state.finishedSegments)
    try verify(runs)
    try index.swap(files.state, runs: runs, segments: segments)
  }

  /// Gives up: removes what was built.
  package func abandon() throws {
    files.giveUp()
    try index.discardShadow()
  }

  // MARK: Building

  private static let reportInterval = 4_096

  private func usersInScope() throws -> [UserID] {
    if case .user(let user) = files.state.scope { return [user] }
    return try source.users().sorted()
  }

  private func rebuild(_ user: UserID, _ report: (Progress) -> Void, _ throttle: Throttle) throws {
    let expected = try source.documents(user)
    let old = records(of: user, in: pinned, arenas: [])
    let newer = try newerDocuments(of: user)
    let keys = expected.filter { !newer.contains($0.docID) }.sorted { $0.docID < $1.docID }
    let isInverted = keys.count >= index.options.compaction.pendingMails
    let done = files.begin(user, keys)
    for key in keys where done.map({ $0 < key.docID }) ?? true {
      guard let (record, frame) = try record(user, key.docID, old) else { continue }
      try files.append(key, record, in: frame, isInverted: isInverted, throttle: throttle.callAsNeeded)
      if files.state.progress.records % Self.reportInterval == 0 { note(report) }
      try throttle.callAsNeeded(256)
    }
    try files.end(throttle: throttle.callAsNeeded)
  }

  /// The record to tokenise again, from the one place or the other, or what remains where neither has one, with a frame
  /// that holds it; `nil` where that is nothing. `swap` tells of those.
  private func record(
    _ user: UserID, _ docID: DocID, _ old: UserRecords
  ) throws -> (record: ExtractedTextRecord, frame: [UInt8])? {
    guard files.state.isFromSource else {
      return try recordInIndex(docID, old)
        ?? framed(source.record(user, docID, { nil }) ?? source.remains(user, docID))
    }
    if let fresh = try source.record(user, docID, { try recordInIndex(docID, old)?.record }) { return framed(fresh) }
    return try recordInIndex(docID, old) ?? framed(source.remains(user, docID))
  }

  private func framed(_ record: ExtractedTextRecord?) -> (record: ExtractedTextRecord, frame: [UInt8])? {
    guard let record = record?.bounded() else { return nil }
    return (record, EncodedRecord.frame(of: record))
  }

  /// A frame of an older dictionary is made anew; others move as they are.
  private func recordInIndex(
    _ docID: DocID, _ old: UserRecords
  ) throws -> (record: ExtractedTextRecord, frame: [UInt8])? {
    do {
      let frame = try old.frame(docID)
      let record = try UserRecords.open(frame, of: docID, old.user)
      return (record, EncodedRecord.hasNewestDictionary(frame) ? frame : EncodedRecord.frame(of: record))
    } catch let error as IndexError where [.corrupt, .missingRecord].contains(error.code) {
      return nil
    }
  }

  /// Documents whose record came after the pinned runs.
  private func newerDocuments(of user: UserID) throws -> DocIDBitmap {
    let (arenas, version) = index.state.withLock { ($0.arenas(of: user), $0.version) }
    let numbers = Set(files.state.pinned)
    return try records(of: user, in: version.runs.filter { !numbers.contains($0.number) }, arenas: arenas).documents()
  }

  /// What is damaged is left out, and so made anew from the source.
  private func records(of user: UserID, in runs: [RunReader], arenas: [UserArena]) -> UserRecords {
    UserRecords(
      user: user, arenas: arenas,
      runs: RunRecords(user: user, runs, heads: index.caches.heads, leavesOutDamaged: true), parts: [],
      replaced: DocIDBitmap(), analyzerHash: index.analyzerHash)
  }

  // MARK: Comparing

  private func verify(_ runs: [RunReader]) throws {
    for user in try usersInScope() {
      // The metadata first: mail that comes while this reads may then be in the index only, which is no difference.
      let expected = try documents(of: user)
      var present = try RunRecords(user: user, runs, heads: index.caches.heads).documents()
      present.formUnion(try newerDocuments(of: user))
      var missing = expected.subtracting(present)
      // Mail that went meanwhile is missed by nobody.
      if !missing.isEmpty { missing = missing.intersection(try documents(of: user)) }
      if let first = missing.first {
        throw IndexError(
          code: .shadowInvalid,
          message: "the rebuilt index would lack \(missing.count) documents of user \(user), the first \(first); "
            + "run reindex with --from-source")
      }
    }
  }

  private func documents(of user: UserID) throws -> DocIDBitmap {
    DocIDBitmap(unordered: try source.documents(user).map(\.docID.rawValue))
  }
}
