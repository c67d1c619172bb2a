import Analysis
import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct CompactionTests {
  private static let user = UserID(rawValue: 1)
  private let disk = CrashableFileSystem()
  private let analyzers: AnalyzerSet

  init() throws { analyzers = try AnalyzerSet.builtIn() }

  private static func open(_ disk: any FileSystem) throws -> ShardIndex {
    var options = IndexOptions()
    options.compaction.fanIn = 4
    options.compaction.pendingMails = 6
    options.compaction.inversionByteCount = 1_500
    return try .openForTest(disk, options: options)
  }

  /// What lives: of user 1 the documents 1 to `count`, but for every tenth; of user 2 the first three.
  private static func source(_ count: UInt32 = 60) -> CompactionSource {
    CompactionSource { user in
      let docIDs = user == Self.user ? Array(1...count).filter { $0 % 10 != 0 } : user.rawValue == 2 ? [1, 2, 3] : []
      return docIDs.map { DocumentKey(receivedAt: Timestamp(rawValue: Int64($0)), docID: DocID(rawValue: $0)) }
    }
  }

  /// Sixty mails of user 1 in twelve flushes, three of user 2, and then every tenth of user 1 is removed.
  private func fill(_ index: ShardIndex) throws {
    var sequence: UInt64 = 0
    for start in stride(from: UInt32(1), to: 60, by: 5) {
      sequence += 1
      index.commit(sequence, (start..<start + 5).map { Samples.add(1, $0, "mail\($0) common", analyzers) })
      if start <= 11 { index.commit(sequence, [Samples.add(2, (start + 4) / 5, "other common", analyzers)]) }
      try index.flush()
    }
    index.commit(
      sequence + 1, stride(from: UInt32(10), through: 60, by: 10).map { .remove(Self.user, DocID(rawValue: $0)) })
    try index.flush()
  }

  private func compact(_ index: ShardIndex, _ source: CompactionSource = Self.source()) throws {
    while try index.compact(source) {}
  }

  private func records(_ index: ShardIndex, _ user: UserID = Self.user) throws -> UserRecords {
    if index.snapshot(user) == nil { index.load(user, attributes: [], userSequence: .zero) }
    return try #require(index.snapshot(user)).openRecords()
  }

  private func holding(_ word: String, _ records: UserRecords) throws -> [UInt32] {
    try records.documents(holding: Array(word.utf8), in: .all).docIDs.map(\.rawValue)
  }

  private static let live = (1...60 as ClosedRange<UInt32>).filter { $0 % 10 != 0 }

  @Test func `a full compaction leaves one run and one part of each user, and then nothing to do`() throws {
    let index = try Self.open(disk)
    try fill(index)
    let flushed = index.statistics().runByteCount
    try compact(index)
    let merged = index.statistics().runByteCount
    #expect(merged < flushed, "covered documents need no filter")
    #expect(try index.compact(Self.source(), .oneRun))
    #expect(index.statistics().runByteCount == merged, "a whole batch is inverted before its runs are merged")
    _ = try index.compact(Self.source(), .onePart)
    #expect(index.statistics().runs == 1 && index.statistics().segments == 1)
    #expect(try holding("common", records(index)) == Self.live)
    #expect(try !index.compact(Self.source(), .onePart))
    #expect(try !index.compact(Self.source()))
    #expect(try index.verify() == [])
  }

  @Test(arguments: [20, CompactionPlan.runsThatWait])
  func `a batch of pending mail is inverted before runs are merged, unless too many wait`(runs: Int) throws {
    let index = try Self.open(disk)
    for docID in 1...UInt32(runs) {
      index.commit(UInt64(docID), [Samples.add(1, docID, "mail\(docID) common", analyzers)])
      try index.flush()
    }
    // Attribute files are merged before all else.
    while index.statistics().segments == 0, index.statistics().runs == runs {
      try #require(try index.compact(Self.source(UInt32(runs))))
    }
    let isWaiting = runs == CompactionPlan.runsThatWait
    #expect((index.statistics().segments == 0) == isWaiting)
    #expect((index.statistics().runs < runs) == isWaiting)
    try compact(index, Self.source(UInt32(runs)))
    #expect(index.statistics().segments > 0 && index.statistics().runs < 20)
  }

  @Test(arguments: ["MDXSEG1\n", "MDXSEG2\n", "MDXSEG3\n"])
  func `segments of an earlier version are taken off the manifest and made anew`(magic: String) throws {
    let index = try Self.open(disk)
    try fill(index)
    try compact(index)
    let old = try disk.list("index").filter { $0.hasSuffix(".seg") }
    for name in old { try disk.open("index/" + name, .readWrite).write(Array(magic.utf8), at: 0) }
    let reopened = try Self.open(disk)
    #expect(reopened.damagedFiles.isEmpty)
    #expect(reopened.statistics().segments == 0)
    #expect(try disk.list("index").filter { $0.hasSuffix(".seg") } == [])
    #expect(try records(reopened).covered.isEmpty)
    try compact(reopened)
    #expect(try records(reopened).covered.docIDs.map(\.rawValue) == Self.live)
    #expect(try holding("common", records(reopened)) == Self.live)
  }

  @Test func `what is pending becomes segments, runs become few, and the removed is gone from both`() throws {
    let index = try Self.open(disk)
    try fill(index)
    #expect(index.statistics().runs == 12)
    try compact(index)
    let statistics = index.statistics()
    #expect(statistics.runs < 4 && (1..<4).contains(statistics.segments))
    #expect(statistics.runRecords == 54 + 3)
    #expect(statistics.segmentDocuments == 54)
    let records = try records(index)
    #expect(records.covered.docIDs.map(\.rawValue) == Self.live)
    #expect(try holding("common", records) == Self.live)
    #expect(try holding("mail7", records) == [7])
    #expect(try holding("mail10", records) == [])
    #expect(try records.record(DocID(rawValue: 7)).subject == "mail7 common")
    #expect(try index.verify() == [])
    let files = try disk.list("index").filter { $0.hasSuffix(".run") || $0.hasSuffix(".seg") }
    #expect(files.count == statistics.runs + statistics.segments, "replaced files are removed")
  }

  @Test func `a user with few pending mails keeps them in runs, and is found there`() throws {
    let index = try Self.open(disk)
    try fill(index)
    try compact(index)
    let records = try records(index, UserID(rawValue: 2))
    #expect(records.covered.isEmpty)
    let pending = try records.pending(records.documents())
    #expect(pending.candidates(for: termHash(Array("other".utf8))).docIDs.map(\.rawValue) == [1, 2, 3])
    #expect(pending.candidates(for: termHash(Array("elsewhere".utf8))).isEmpty)
  }

  @Test func `a snapshot reads on what was merged away`() throws {
    let index = try Self.open(disk)
    try fill(index)
    let before = try records(index)
    try compact(index)
    #expect(try before.record(DocID(rawValue: 10)).subject == "mail10 common")
    #expect(before.covered.isEmpty)
    #expect(try before.documents().count == 60)
  }

  @Test func `a record that came anew is not answered from the old postings, before and after a merge`() throws {
    let index = try Self.open(disk)
    try fill(index)
    try compact(index)
    let fresh = EncodedRecord.make(Samples.record("renewed"), analyzers)
    index.commit(100, [.replaceRecord(Self.user, DocID(rawValue: 7), fresh)])
    for step in ["in the arena", "in a run", "after opening", "merged"] {
      if step == "in a run" { try index.flush() }
      let current = step == "after opening" ? try Self.open(disk) : index
      if step == "merged" { try compact(current) }
      let records = try records(current)
      #expect(try holding("mail7", records) == [], "\(step)")
      #expect(!records.covered.contains(DocID(rawValue: 7)), "\(step)")
      #expect(try records.record(DocID(rawValue: 7)).subject == "renewed", "\(step)")
      let pending = try records.pending(DocIDBitmap([DocID(rawValue: 7)]))
      #expect(pending.candidates(for: termHash(Array("renewed".utf8))).docIDs.map(\.rawValue) == [7], "\(step)")
    }
    #expect(index.state.withLock { $0.version.replaced }.isEmpty, "the merge has dropped it from the segments")
    #expect(index.statistics().segmentDocuments == 53)
  }

  @Test func `a removed user is gone from the files after the next merge of them`() throws {
    let index = try Self.open(disk)
    try fill(index)
    index.commit(100, [.removeUser(Self.user)])
    try index.flush()
    try compact(index)
    #expect(index.statistics().segmentDocuments == 0)
    #expect(index.statistics().runRecords == 3)
    #expect(!index.state.withLock { Self.isHeld(Self.user, in: $0.version) })
  }

  @Test func `what is left of a removed user in few runs is nothing that is due again and again`() throws {
    let index = try Self.open(disk)
    index.commit(1, (1...20).map { Samples.add(1, $0, "mail\($0)", analyzers) })
    try index.flush()
    index.commit(2, [.removeUser(Self.user)])
    #expect(try !index.compact(Self.source()))
  }

  @Test func `a damaged run that was left out at opening is still listed after a compaction`() throws {
    let index = try Self.open(disk)
    try fill(index)
    let damaged = index.state.withLock { $0.version }.runs[0]
    let bytes = try disk.readFile(damaged.path)
    try disk.open(damaged.path, .readWrite).write([bytes[bytes.count - 1] ^ 1], at: UInt64(bytes.count - 1))
    var options = IndexOptions(leavesOutDamagedRuns: true)
    options.compaction.fanIn = 4
    let opened = try ShardIndex.openForTest(disk, options: options)
    #expect(opened.damagedFiles.count == 1)
    try compact(opened)
    #expect(opened.statistics().runs < 4)
    #expect(disk.exists(damaged.path))
    let again = try ShardIndex.openForTest(disk, options: options)
    #expect(again.damagedFiles.count == 1, "it is still known to be missing")
    #expect(disk.exists(damaged.path))
  }

  private static func isHeld(_ user: UserID, in version: IndexVersion) -> Bool {
    version.runs.contains { !$0.fences.blocks(of: user).isEmpty }
      || version.segments.contains { $0.fences.part(of: user) != nil }
  }

  @Test(arguments: [CrashOutcome.kept, .dropped, .torn(seed: 3), .torn(seed: 8)])
  func `a crash at any step of a compaction leaves the index of before or after it`(outcome: CrashOutcome) throws {
    let whole = CrashableFileSystem()
    let index = try Self.open(whole)
    try fill(index)
    let start = whole.steps.count
    try compact(index)
    #expect(whole.steps.count > start + 10)
    for step in start..<whole.steps.count {
      let disk = CrashableFileSystem(CrashPlan(crashAtStep: step))
      let index = try Self.open(disk)
      try fill(index)
      // That a merged file cannot be removed is no error: it goes when the index is opened next.
      try? compact(index)
      #expect(disk.hasCrashed, "step \(step)")
      let after = try Self.open(disk.reopened(outcome))
      try expectWhole(after, "step \(step)")
      try compact(after)
      try expectWhole(after, "step \(step), compacted")
      #expect(after.statistics().segmentDocuments == 54, "step \(step)")
      let files = try after.fileSystem.list("index").filter { $0.hasSuffix(".run") || $0.hasSuffix(".seg") }
      #expect(
        files.count == after.statistics().runs + after.statistics().segments, "step \(step): nothing is left over")
    }
  }

  /// Every live document has its record, and is covered by right postings or pending.
  private func expectWhole(_ index: ShardIndex, _ what: String) throws {
    let records = try records(index)
    let live = DocIDBitmap(Self.live.map { DocID(rawValue: $0) })
    let pending = try records.pending(live)
    #expect(records.covered.union(pending.documents).intersection(live) == live, "\(what)")
    for docID in live.docIDs { #expect(try records.record(docID).subject == "mail\(docID.rawValue) common", "\(what)") }
    let found = try records.documents(holding: Array("common".utf8), in: .subject).union(
      pending.candidates(for: termHash(Array("common".utf8))))
    #expect(found.intersection(live) == live, "\(what)")
    #expect(try index.verify() == [], "\(what)")
  }

  @Test func `a full disk puts a compaction off, leaves nothing behind, and all goes on when space returns`() throws {
    let index = try Self.open(disk)
    try fill(index)
    let files = try disk.list("index").sorted()
    let used = try files.reduce(UInt64(0)) { try $0 + UInt64(disk.readFile("index/" + $1).count) }
    disk.plan = CrashPlan(byteQuota: used + 100)
    let error = #expect(throws: IndexError.self) { try compact(index) }
    #expect(error?.code == .noSpace)
    #expect(try disk.list("index").sorted() == files)
    try expectWhole(index, "while the disk is full")
    disk.plan = CrashPlan()
    try compact(index)
    try expectWhole(index, "when space is back")
    #expect(index.statistics().segmentDocuments == 54)
  }

  @Test func `a damaged frame stops merging, is named, and nothing is lost of the rest`() throws {
    let index = try Self.open(disk)
    try fill(index)
    let run = index.state.withLock { $0.version }.runs[2]
    let fence = try #require(run.fences.blocks(of: Self.user).first)
    let bytes = try disk.readFile(run.path)
    try disk.open(run.path, .readWrite).write([bytes[Int(fence.framesOffset)] ^ 1], at: fence.framesOffset)
    let error = #expect(throws: IndexError.self) { try compact(index) }
    #expect(error?.code == .corrupt && error?.message.contains(run.path) == true)
    #expect(try !index.compact(Self.source()), "it is not tried again and again")
    #expect(index.statistics().runs == 12)
    #expect(try records(index).record(DocID(rawValue: 1)).subject == "mail1 common")
  }

  @Test func `while a rebuild is under way nothing is compacted`() throws {
    let index = try Self.open(disk)
    try fill(index)
    let build = try ShadowBuild.begin(
      index, .all,
      source: ShadowSource(
        users: { [Self.user] }, documents: { _ in Samples.keys(Self.live) }, record: { _, _, _ in nil }))
    #expect(try !index.compact(Self.source()))
    try build.run()
    try build.swap()
    try expectWhole(index, "rebuilt")
  }
}
