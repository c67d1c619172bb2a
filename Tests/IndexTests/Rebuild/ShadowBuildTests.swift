import Analysis
import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct ShadowBuildTests {
  let analyzers: AnalyzerSet
  let disk = CrashableFileSystem()

  init() throws { analyzers = try AnalyzerSet.builtIn() }

  struct Stop: Error {}

  /// Users 1 to 3 with ten mails each, over several runs.
  func filledIndex(_ disk: CrashableFileSystem) throws -> ShardIndex {
    let index = try ShardIndex.openForTest(disk)
    for docID in 1...10 as ClosedRange<UInt32> {
      index.commit(UInt64(docID), (1...3).map { Samples.add($0, docID, "mail \($0) \(docID)", analyzers) })
      if docID % 4 == 0 { try index.flush() }
    }
    return index
  }

  func source(
    documents: UInt32 = 10, record: @escaping (UserID, DocID) throws -> ExtractedTextRecord? = { _, _ in nil }
  ) -> ShadowSource {
    ShadowSource(
      users: { (1...3).map { UserID(rawValue: $0) } },
      documents: { _ in Samples.keys(1...documents) }, record: { user, docID, _ in try record(user, docID) })
  }

  @Test func `a rebuild of all users replaces the runs and keeps every record`() throws {
    let index = try filledIndex(disk)
    let before = try (1...3).map { try index.subjects($0) }
    let snapshot = try #require(index.snapshot(UserID(rawValue: 1)))
    let build = try ShadowBuild.begin(index, .all, source: source())
    var reported: [Int] = []
    try build.run(report: { reported.append($0.records) })
    try build.swap()
    #expect(reported == [10, 20, 30])
    #expect(index.statistics().runs == 1)
    #expect(try (1...3).map { try index.subjects($0) } == before)
    #expect(try disk.list("index").count { $0.hasSuffix(".run") } == 1)
    #expect(try snapshot.record(DocID(rawValue: 4)).subject == "mail 1 4")
    #expect(try ShardIndex.openForTest(disk).subjects(2) == before[1])
    #expect(try index.verify().isEmpty)
  }

  @Test func `documents that the metadata no longer has are dropped`() throws {
    let index = try filledIndex(disk)
    let build = try ShadowBuild.begin(index, .all, source: source(documents: 4))
    try build.run()
    try build.swap()
    #expect(try index.subjects(3).keys.sorted() == [1, 2, 3, 4])
  }

  @Test func `what is committed and flushed meanwhile stays`() throws {
    let index = try filledIndex(disk)
    let build = try ShadowBuild.begin(index, .all, source: source(documents: 12))
    index.commit(11, [Samples.add(1, 11, "meanwhile", analyzers), Samples.add(2, 11, "meanwhile", analyzers)])
    index.commit(12, (1...3).map { Samples.add($0, 12, "last", analyzers) } + [Samples.add(3, 11, "x", analyzers)])
    try index.flush()
    let replaced = EncodedRecord.make(Samples.record("replaced"), analyzers)
    index.commit(13, [.replaceRecord(UserID(rawValue: 1), DocID(rawValue: 5), replaced)])
    try build.run()
    // After its user was rebuilt: the shadow holds the old record, and must not count over the new one.
    index.commit(14, [.replaceRecord(UserID(rawValue: 1), DocID(rawValue: 6), replaced)])
    try index.flush()
    try build.swap()
    #expect(try index.subjects(1).count == 12)
    #expect(try index.subjects(1)[5] == "replaced")
    #expect(try index.subjects(1)[6] == "replaced")
    #expect(try ShardIndex.openForTest(disk).subjects(1)[6] == "replaced")
    #expect(try index.subjects(2)[11] == "meanwhile")
  }

  @Test func `one user is rebuilt over the old runs, which stay for the others`() throws {
    let index = try filledIndex(disk)
    let runs = index.statistics().runs
    let build = try ShadowBuild.begin(
      index, .user(UserID(rawValue: 2)), isFromSource: true,
      source: source { _, docID in Samples.record("fresh \(docID.rawValue)") })
    try build.run()
    try build.swap()
    #expect(index.statistics().runs > runs)
    #expect(try index.subjects(2)[3] == "fresh 3")
    #expect(try index.subjects(1)[3] == "mail 1 3")
    #expect(try ShardIndex.openForTest(disk).subjects(2)[10] == "fresh 10")
  }

  @Test func `a damaged record is taken from the source`() throws {
    let index = try filledIndex(disk)
    try index.flush()
    let run = index.state.withLock { $0.version }.runs[0]
    let file = try disk.open(run.path, .readWrite)
    try file.write([0xFF], at: run.fences.blocks[0].framesOffset + 2)
    let build = try ShadowBuild.begin(
      index, .all, source: source { _, docID in Samples.record("again \(docID.rawValue)") })
    try build.run()
    try build.swap()
    #expect(try index.subjects(1)[1] == "again 1")
    #expect(try index.verify().isEmpty)
  }

  @Test(arguments: [false, true])
  func `documents whose block is damaged are taken from the source`(isFromSource: Bool) throws {
    let index = try filledIndex(disk)
    try index.flush()
    let run = index.state.withLock { $0.version }.runs[0]
    let block = try #require(run.fences.blocks(of: UserID(rawValue: 2)).first)
    try disk.open(run.path, .readWrite).write([0xFF], at: block.offset + UInt64(block.headByteCount) / 2)
    #expect(throws: IndexError.self) { try index.subjects(2) }
    let build = try ShadowBuild.begin(
      index, .all, isFromSource: isFromSource,
      source: source { _, docID in Samples.record("again \(docID.rawValue)") })
    try build.run()
    try build.swap()
    #expect(try index.subjects(2)[1] == "again 1")
    #expect(try index.subjects(2)[9] == (isFromSource ? "again 9" : "mail 2 9"))
    #expect(try index.verify().isEmpty)
  }

  @Test func `where the source fails the rebuild does, and nothing is swapped in`() throws {
    let index = try filledIndex(disk)
    let build = try ShadowBuild.begin(index, .all, isFromSource: true, source: source { _, _ in throw Stop() })
    #expect(throws: Stop.self) { try build.run() }
    #expect(try index.subjects(1)[5] == "mail 1 5")
  }

  @Test func `a document that the source has nothing of keeps the record that is there`() throws {
    let index = try filledIndex(disk)
    let build = try ShadowBuild.begin(
      index, .all, isFromSource: true,
      source: source { _, docID in docID.rawValue == 5 ? nil : Samples.record("fresh \(docID.rawValue)") })
    try build.run()
    try build.swap()
    #expect(try index.subjects(1)[5] == "mail 1 5")
    #expect(try index.subjects(1)[6] == "fresh 6")
  }

  @Test func `a second rebuild of the shard is refused while there is one`() throws {
    let index = try filledIndex(disk)
    var first: ShadowBuild? = try ShadowBuild.begin(index, .all, source: source(), fileByteLimit: 1)
    try first?.run()
    let error = #expect(throws: IndexError.self) {
      try ShadowBuild.begin(index, .user(UserID(rawValue: 1)), source: source())
    }
    #expect(error?.code == .busy)
    try first?.swap()
    first = nil
    #expect(try ShardIndex.openForTest(disk.reopened(.dropped)).subjects(3).count == 10)
    try ShadowBuild.begin(index, .user(UserID(rawValue: 1)), source: source()).abandon()
  }

  @Test func `mail that comes during the comparison is no difference`() throws {
    let index = try filledIndex(disk)
    var arrived: UInt32 = 10
    let analyzers = analyzers
    let build = try ShadowBuild.begin(
      index, .all,
      source: ShadowSource(
        users: { [UserID(rawValue: 1)] },
        documents: { user in
          arrived += 1
          index.commit(UInt64(arrived), [Samples.add(user.rawValue, arrived, "late \(arrived)", analyzers)])
          return Samples.keys(1...arrived)
        }, record: { _, _, _ in nil }))
    try build.run()
    try build.swap()
    #expect(try index.subjects(1).count == Int(arrived))
  }

  @Test func `runs left out as damaged are made up for and removed`() throws {
    let index = try filledIndex(disk)
    try index.flush()
    let file = try disk.open("index/0000000001.run", .readWrite)
    try file.write([0xFF], at: try file.byteCount() - 20)
    let partial = try ShardIndex.openForTest(disk, options: IndexOptions(leavesOutDamagedRuns: true))
    let build = try ShadowBuild.begin(
      partial, .all, source: source { _, docID in Samples.record("again \(docID.rawValue)") })
    try build.run()
    try build.swap()
    #expect(!disk.exists("index/0000000001.run"))
    let reopened = try ShardIndex.openForTest(disk)
    #expect(try reopened.subjects(1)[1] == "again 1")
    #expect(try reopened.subjects(1)[9] == "mail 1 9")
  }

  @Test func `a rebuild of one user keeps what was left out of the others' segments`() throws {
    let index = try filledIndex(disk)
    try index.flush()
    var options = IndexOptions(leavesOutDamagedRuns: true)
    options.compaction.pendingMails = 1
    let documents = source().documents
    let inverted = try ShardIndex.openForTest(disk, options: options)
    while try inverted.compact(CompactionSource(documents: documents)) {}
    let name = try #require(try disk.list("index").first { $0.hasSuffix(".seg") })
    let file = try disk.open("index/" + name, .readWrite)
    try file.write([0xFF], at: try file.byteCount() - 20)
    let partial = try ShardIndex.openForTest(disk, options: options)
    #expect(partial.damagedFiles.count == 1)
    let build = try ShadowBuild.begin(partial, .user(UserID(rawValue: 1)), source: source())
    try build.run()
    try build.swap()
    #expect(disk.exists("index/" + name))
    #expect(try ShardIndex.openForTest(disk, options: options).damagedFiles.count == 1, "still named")
  }

  @Test func `a rebuild that would lack documents is refused and changes nothing`() throws {
    let index = try filledIndex(disk)
    let runs = index.statistics().runs + 1
    let build = try ShadowBuild.begin(index, .all, source: source(documents: 11))
    try build.run()
    let error = #expect(throws: IndexError.self) { try build.swap() }
    #expect(error?.code == .shadowInvalid && error?.message.contains("d11") == true)
    #expect(index.statistics().runs == runs)
    try build.abandon()
    #expect(try disk.list("index").count { $0.hasSuffix(".run") } == runs)
    #expect(!disk.exists("index/shadow"))
  }

  @Test func `a killed rebuild goes on with the next user`() throws {
    let index = try filledIndex(disk)
    let build = try ShadowBuild.begin(index, .all, source: source(), fileByteLimit: 1)
    var calls = 0
    #expect(throws: Stop.self) {
      try build.run(throttle: {
        calls += 1
        if calls == 2 { throw Stop() }
      })
    }
    let after = try ShardIndex.openForTest(disk.reopened(.dropped))
    var asked: [UserID] = []
    let again = try ShadowBuild.begin(
      after, .all,
      source: ShadowSource(
        users: source().users,
        documents: {
          asked.append($0)
          return Samples.keys(1...10)
        }, record: { _, _, _ in nil }), fileByteLimit: 1)
    #expect(again.progress.users == 2)
    try again.run()
    #expect(asked.first == UserID(rawValue: 3))
    #expect(again.progress.records == 30 && again.progress.users == 3)
    try again.swap()
    #expect(try after.subjects(1).count == 10)
    #expect(try after.subjects(3)[10] == "mail 3 10")
  }

  @Test func `a killed rebuild of another kind is cleared away`() throws {
    let index = try filledIndex(disk)
    let build = try ShadowBuild.begin(index, .all, source: source(), fileByteLimit: 1)
    #expect(throws: Stop.self) { try build.run(throttle: { throw Stop() }) }
    let after = try ShardIndex.openForTest(disk.reopened(.kept))
    let runs = after.statistics().runs
    let other = try ShadowBuild.begin(after, .user(UserID(rawValue: 1)), source: source())
    #expect(other.progress.users == 0)
    #expect(try disk.reopened(.kept).list("index").count { $0.hasSuffix(".run") } >= runs)
    #expect(!after.fileSystem.exists("index/shadow"))
  }

  @Test(arguments: [CrashOutcome.kept, .dropped, .torn(seed: 4)])
  func `a crash at any step leaves the old index or the new one`(outcome: CrashOutcome) throws {
    func rebuild(_ index: ShardIndex) throws {
      let build = try ShadowBuild.begin(index, .all, source: source(), fileByteLimit: 1)
      try build.run()
      try build.swap()
    }
    let whole = CrashableFileSystem()
    let index = try filledIndex(whole)
    try index.flush()
    let start = whole.steps.count
    try rebuild(index)
    for step in start..<whole.steps.count {
      let disk = CrashableFileSystem(CrashPlan(crashAtStep: step))
      let index = try filledIndex(disk)
      try index.flush()
      try? rebuild(index)
      let after = try ShardIndex.openForTest(disk.reopened(outcome))
      #expect(try after.subjects(2).count == 10, "step \(step)")
      try rebuild(after)
      #expect(try after.subjects(2).count == 10, "step \(step)")
      #expect(try after.verify().isEmpty, "step \(step)")
      #expect(after.statistics().runRecords == 30, "step \(step)")
    }
  }
}
