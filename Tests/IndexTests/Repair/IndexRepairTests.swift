import Analysis
import Bytes
import Synchronization
import TestSupport
import Testing

@testable import Index

@Suite struct IndexRepairTests {
  private static let users = (1...3).map { UserID(rawValue: $0) }
  private static let count: UInt32 = 24

  let analyzers: AnalyzerSet

  init() throws { analyzers = try AnalyzerSet.builtIn() }

  /// As a server opens it.
  private static func open(_ disk: CrashableFileSystem) throws -> ShardIndex {
    var options = IndexOptions(leavesOutDamagedRuns: true)
    options.compaction.pendingMails = 4
    options.compaction.fanIn = 16
    return try ShardIndex.openForTest(disk, options: options)
  }

  private static var compactionSource: CompactionSource {
    CompactionSource { _ in
      (1...count).map { DocumentKey(receivedAt: Timestamp(rawValue: Int64($0)), docID: DocID(rawValue: $0)) }
    }
  }

  /// Runs and segments of three users, and some mail that is in runs alone.
  private func fill(_ disk: CrashableFileSystem) throws -> ShardIndex {
    let index = try Self.open(disk)
    for docID in 1...Self.count {
      index.commit(
        UInt64(docID), Self.users.map { Samples.add($0.rawValue, docID, "mail \($0.rawValue) \(docID)", analyzers) })
      if docID % 8 == 0 { try index.flush() }
      if docID == 8 || docID == 16 { while try index.compact(Self.compactionSource) {} }
    }
    return index
  }

  /// - Parameter originals: what can still be extracted.
  private func source(originals: @escaping (UserID, DocID) -> Bool = { _, _ in true }) -> ShadowSource {
    ShadowSource(
      users: { Self.users }, documents: Self.compactionSource.documents,
      record: { user, docID, _ in
        originals(user, docID) ? Samples.record("mail \(user.rawValue) \(docID.rawValue)") : nil
      })
  }

  /// Every record is there and right, postings or filters know it, and nothing is wrong any more.
  private func expectWhole(_ index: ShardIndex, _ what: String) throws {
    #expect(try index.verify() == [], "\(what)")
    for user in Self.users {
      let expected = Dictionary(uniqueKeysWithValues: (1...Self.count).map { ($0, "mail \(user.rawValue) \($0)") })
      #expect(try index.subjects(user.rawValue) == expected, "\(what)")
      let snapshot = try #require(index.snapshot(user))
      let records = try snapshot.openRecords()
      let all = DocIDBitmap((1...Self.count).map { DocID(rawValue: $0) })
      let word = Array("mail".utf8)
      let pending = try records.pending(all)
      let found = try records.documents(holding: word, in: .subject).union(pending.candidates(for: termHash(word)))
      #expect(found == all, "\(what)")
    }
  }

  private func coveredCount(_ index: ShardIndex, _ user: UserID) throws -> Int {
    _ = try index.subjects(user.rawValue)
    let snapshot = try #require(index.snapshot(user))
    return try snapshot.openRecords().covered.count
  }

  private static func flip(_ disk: CrashableFileSystem, _ path: String, at offset: Int, bit: UInt8 = 1) throws {
    let bytes = try disk.readFile(path)
    try disk.open(path, .readWrite).write([bytes[offset] ^ bit], at: UInt64(offset))
  }

  private static func files(_ disk: CrashableFileSystem) throws -> [String] {
    try disk.list("index").filter { $0 != "shadow" && $0 != Quarantine.directoryName }
  }

  @Test(arguments: ["run", "seg", "manifest"], [true, false])
  func `a flipped bit anywhere is found, its file named and put in quarantine, and everything is there again`(
    kind: String, isOpen: Bool
  ) throws {
    let first = CrashableFileSystem()
    _ = try fill(first)
    let names = try Self.files(first)
    let name = try #require(names.first { $0.hasSuffix(kind) })
    let size = try first.readFile("index/" + name).count
    let step = kind == "manifest" ? 3 : max(1, size / 50)
    // Beginning and end byte by byte: magics, numbers, checksums, footers.
    let offsets = Set(stride(from: 0, to: size, by: step)).union(0..<min(40, size)).union(max(0, size - 40)..<size)
    for offset in offsets.sorted() {
      let disk = CrashableFileSystem()
      var index = try fill(disk)
      try Self.flip(disk, "index/" + name, at: offset, bit: 1 << UInt8(offset % 8))
      if !isOpen { index = try Self.open(disk.reopened(.kept)) }
      let problems = try index.verify()
      #expect(problems.contains { $0.file == "index/" + name }, "\(name) at \(offset)")
      let report = try index.repair(source())
      #expect(report.quarantined.map(\.name) == [name], "\(name) at \(offset)")
      try index.remakeSegments(of: report.usersWithoutPostings, Self.compactionSource)
      try expectWhole(index, "\(name) at \(offset)")
      let kept = try index.fileSystem.list("index/quarantine")
      #expect(kept == [name] || kind == "manifest", "\(name) at \(offset)")
      let again = try index.repair(source())
      #expect(!again.didSomething, "\(name) at \(offset)")
    }
  }

  @Test func `of a damaged run what is whole is kept, and only the rest is made from the originals`() throws {
    let disk = CrashableFileSystem()
    let index = try fill(disk)
    let run = index.state.withLock { $0.version }.runs[0]
    let fence = try #require(run.fences.blocks(of: Self.users[1]).first)
    let head = try run.readHead(fence)
    let lost = head.docIDs[2]
    try Self.flip(disk, run.path, at: Int(fence.framesOffset + head.frameOffsets[2]))
    var asked: [String] = []
    let noting = source { user, docID in
      asked.append("\(user) \(docID)")
      return true
    }
    let report = try index.repair(noting)
    #expect(asked == ["u2 d\(lost)"])
    #expect(report.remadeRecords == 1 && report.users == [Self.users[1]])
    #expect(report.keptRecords == Int(run.recordCount) - 1)
    #expect(report.usersWithoutPostings.isEmpty)
    try expectWhole(index, "repaired")
    try expectWhole(try Self.open(disk.reopened(.dropped)), "reopened")
  }

  @Test func `a run that could not be merged holds mail back no more once it is repaired`() throws {
    let disk = CrashableFileSystem()
    let runs = try fill(disk).state.withLock { $0.version }.runs
    try Self.flip(disk, runs[0].path, at: Int(try #require(runs[0].fences.blocks(of: Self.users[0]).first).offset))
    // Anew, for the heads of blocks are kept in memory.
    let index = try Self.open(disk)
    // Attribute files are merged first.
    #expect(throws: IndexError.self) { for _ in 0..<2 { _ = try index.compact(Self.compactionSource, .oneRun) } }
    let wasBlocked = index.isCompactionBlocked.load(ordering: .relaxed)
    #expect(wasBlocked)
    _ = try index.repair(source())
    let isBlocked = index.isCompactionBlocked.load(ordering: .relaxed)
    #expect(!isBlocked)
    for _ in 0..<2 { #expect(try index.compact(Self.compactionSource, .oneRun)) }
    #expect(index.statistics().runs == 1)
    try expectWhole(index, "repaired and merged")
  }

  @Test func `a run with a sector at its end that cannot be read keeps nothing else from being repaired`() throws {
    let disk = CrashableFileSystem()
    let index = try fill(disk)
    let runs = index.state.withLock { $0.version }.runs
    for run in runs.prefix(2) {
      try Self.flip(disk, run.path, at: Int(try #require(run.fences.blocks(of: Self.users[0]).first).offset))
    }
    let first = runs[0].path
    disk.plan = CrashPlan(readFailure: { $0.contains(first.split(separator: "/").last!) ? .failed : nil })
    let report = try index.repair(source())
    #expect(report.quarantined.count == 2)
    disk.plan = CrashPlan()
    try expectWhole(index, "repaired")
  }

  @Test func `of a run whose end is gone the blocks before it are kept`() throws {
    let disk = CrashableFileSystem()
    let index = try fill(disk)
    let run = index.state.withLock { $0.version }.runs[0]
    let size = try disk.readFile(run.path).count
    try disk.open(run.path, .readWrite).truncate(to: UInt64(size - 60))
    let reopened = try Self.open(disk.reopened(.kept))
    #expect(reopened.damagedFiles.map(\.file) == [run.path])
    let report = try reopened.repair(source { _, _ in false })
    #expect(report.keptRecords == Int(run.recordCount) && report.remadeRecords == 0 && report.lost.isEmpty)
    try expectWhole(reopened, "salvaged")
  }

  @Test func `of a damaged segment alone no original is asked for, and its users alone are inverted again`() throws {
    let disk = CrashableFileSystem()
    let index = try fill(disk)
    let segment = index.state.withLock { $0.version }.segments[0]
    let covered = try Self.users.map { try coveredCount(index, $0) }
    try Self.flip(disk, segment.path, at: 100)
    let report = try index.repair(source { _, _ in false })
    #expect(report.quarantined.map(\.name) == [String(segment.path.dropFirst(6))])
    #expect(report.keptRecords == 0 && report.remadeRecords == 0)
    #expect(report.usersWithoutPostings == Set(segment.fences.parts.map { UserID(rawValue: $0.user) }))
    try expectWhole(index, "pending again")
    try index.remakeSegments(of: report.usersWithoutPostings, Self.compactionSource)
    for (user, count) in zip(Self.users, covered) {
      let now = try coveredCount(index, user)
      #expect(now >= count)
    }
    try expectWhole(index, "inverted again")
  }

  @Test func `a text that is nowhere any more is named, and the rest is repaired`() throws {
    let disk = CrashableFileSystem()
    let index = try fill(disk)
    let run = index.state.withLock { $0.version }.runs[0]
    let fence = try #require(run.fences.blocks(of: Self.users[0]).first)
    try Self.flip(disk, run.path, at: Int(fence.framesOffset))
    let report = try index.repair(source { _, _ in false })
    #expect(report.lost.map(\.user) == [Self.users[0]])
    #expect(report.lost.map(\.docID) == [DocID(rawValue: fence.firstDocID)])
    #expect(try index.verify() == [])
  }

  @Test func `a damaged state of a rebuild is put in quarantine`() throws {
    let disk = CrashableFileSystem()
    let index = try fill(disk)
    try disk.replaceFile("index/shadow", with: ShadowState.magic + [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(try index.verify().map(\.file) == ["index/shadow"])
    let report = try index.repair(source())
    #expect(report.quarantined.map(\.name) == ["shadow"])
    try expectWhole(index, "repaired")
    #expect(try disk.list("index/quarantine") == ["shadow"])
  }

  @Test(arguments: [CrashOutcome.kept, .dropped, .torn(seed: 5), .torn(seed: 6)])
  func `a crash at any step of a repair leaves what another repair mends, and no damaged file is deleted`(
    outcome: CrashOutcome
  ) throws {
    func damage(_ disk: CrashableFileSystem, _ index: ShardIndex) throws -> [String] {
      let version = index.state.withLock { $0.version }
      let (run, segment) = (version.runs[0], version.segments[0])
      let fence = try #require(run.fences.blocks(of: Self.users[2]).first)
      try Self.flip(disk, run.path, at: Int(fence.framesOffset))
      try Self.flip(disk, segment.path, at: 60)
      for path in [run.path, segment.path] { try disk.open(path, .readWrite).syncData() }
      return [run.path, segment.path].map { String($0.dropFirst(6)) }
    }
    let whole = CrashableFileSystem()
    let index = try fill(whole)
    _ = try damage(whole, index)
    let start = whole.steps.count
    _ = try index.repair(source())
    #expect(whole.steps.count > start + 10)
    for step in start..<whole.steps.count {
      let disk = CrashableFileSystem(CrashPlan(crashAtStep: step))
      let index = try fill(disk)
      let names = try damage(disk, index)
      _ = try? index.repair(source())
      #expect(disk.hasCrashed, "step \(step)")
      let next = disk.reopened(outcome)
      let after = try Self.open(next)
      _ = try after.repair(source())
      try expectWhole(after, "step \(step)")
      for name in names {
        #expect(next.exists("index/quarantine/" + name), "step \(step): \(name)")
      }
      let last = try Self.open(next.reopened(.dropped))
      // An edit that the first process made and nobody synced may yet be taken by a power loss: then it is made again.
      if outcome == .kept { _ = try last.repair(source()) }
      try expectWhole(last, "step \(step), opened again")
    }
  }

  @Test func `while a rebuild is under way nothing is repaired`() throws {
    let disk = CrashableFileSystem()
    let index = try fill(disk)
    let build = try ShadowBuild.begin(index, .all, source: source())
    let error = #expect(throws: IndexError.self) { try index.repair(source()) }
    #expect(error?.code == .busy)
    try build.abandon()
  }
}
