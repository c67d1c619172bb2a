import Analysis
import Bytes
import TestSupport
import Testing

@testable import Index

/// What is rebuilt is inverted before it is swapped in.
@Suite struct ShadowInversionTests {
  private static let large = UserID(rawValue: 2)
  private static let users = (1...3).map { UserID(rawValue: $0) }
  private let disk = CrashableFileSystem()
  private let analyzers: AnalyzerSet

  init() throws { analyzers = try AnalyzerSet.builtIn() }

  private struct Stop: Error {}

  private static func open(_ disk: any FileSystem) throws -> ShardIndex {
    var options = IndexOptions()
    options.compaction.fanIn = 3
    options.compaction.pendingMails = 6
    // Five mails or so.
    options.compaction.inversionByteCount = 600
    return try .openForTest(disk, options: options)
  }

  /// User 1 has ten mails, user 2 sixty, user 3 three; they came in several runs, and some are in segments.
  private func fill(_ index: ShardIndex) throws {
    for number in 1...60 as ClosedRange<UInt32> {
      var mails = [Samples.add(2, number, "mail\(number) common", analyzers)]
      if number <= 10 { mails.append(Samples.add(1, number, "mail\(number) common", analyzers)) }
      if number <= 3 { mails.append(Samples.add(3, number, "mail\(number) common", analyzers)) }
      index.commit(UInt64(number), mails)
      if number % 12 == 0 { try index.flush() }
      if number == 36 { while try index.compact(Self.compactionSource) {} }
    }
  }

  private static func count(_ user: UserID) -> UInt32 { [1: 10, 2: 60, 3: 3][user.rawValue] ?? 0 }

  private static var compactionSource: CompactionSource { CompactionSource { Samples.keys(1...count($0)) } }

  private func source(
    record: @escaping (UserID, DocID) throws -> ExtractedTextRecord? = { _, _ in nil }
  ) -> ShadowSource {
    ShadowSource(
      users: { Self.users }, documents: { Samples.keys(1...Self.count($0)) },
      record: { user, docID, _ in try record(user, docID) })
  }

  private func records(_ index: ShardIndex, _ user: UserID) throws -> UserRecords {
    if index.snapshot(user) == nil { index.load(user, attributes: [], userSequence: .zero) }
    return try #require(index.snapshot(user)).openRecords()
  }

  /// The documents that hold the word, those that may only hold it asked for their text.
  private func search(_ word: String, _ index: ShardIndex, _ user: UserID) throws -> [UInt32] {
    let records = try records(index, user)
    let all = DocIDBitmap(unordered: Array(1...Self.count(user)))
    let found = try records.documents(holding: Array(word.utf8), in: .subject).intersection(records.covered)
    let candidates = try records.pending(all).candidates(for: termHash(Array(word.utf8)))
    let verified = try candidates.docIDs.filter {
      try records.record($0).subject.split(separator: " ").contains(Substring(word))
    }
    return found.union(DocIDBitmap(verified)).docIDs.map(\.rawValue)
  }

  private func expectAnswers(_ index: ShardIndex, _ what: String) throws {
    for user in Self.users {
      #expect(try search("common", index, user) == Array(1...Self.count(user)), "\(what)")
      #expect(try search("mail3", index, user) == [3], "\(what)")
    }
    #expect(try index.verify() == [], "\(what)")
  }

  /// The build is gone when this returns, and compaction may go on.
  private func rebuild(
    _ index: ShardIndex, _ scope: ShadowBuild.Scope, isFromSource: Bool = false, _ source: ShadowSource,
    fileByteLimit: UInt64 = 400, beforeSwap: () throws -> Void = {}
  ) throws {
    let build = try ShadowBuild.begin(
      index, scope, isFromSource: isFromSource, source: source, fileByteLimit: fileByteLimit)
    try build.run()
    try beforeSwap()
    try build.swap()
  }

  /// Runs, segments, and what a rebuild left.
  private static func textFiles(_ disk: CrashableFileSystem) throws -> [String] {
    try disk.list("index").filter { $0 != "manifest" && !$0.hasSuffix(".att") }.sorted()
  }

  @Test func `right after the swap every mailbox is answered from one part, and nothing is due`() throws {
    let index = try Self.open(disk)
    try fill(index)
    try rebuild(index, .all, source(), fileByteLimit: 1 << 20) { try expectAnswers(index, "before the swap") }
    for user in Self.users {
      let records = try records(index, user)
      let isInverted = Self.count(user) >= 6
      #expect(records.parts.count == (isInverted ? 1 : 0))
      #expect(records.covered.count == (isInverted ? Int(Self.count(user)) : 0))
    }
    #expect(index.statistics().segmentDocuments == 70)
    let files = try Self.textFiles(disk)
    while try index.compact(Self.compactionSource) {}
    #expect(try Self.textFiles(disk) == files, "nothing was due but what attributes may ask for")
    try expectAnswers(index, "after the swap")
    try expectAnswers(try Self.open(disk.reopened(.dropped)), "opened again")
  }

  @Test func `the old parts of a user who is rebuilt alone do not count, and those of others do`() throws {
    let index = try Self.open(disk)
    try fill(index)
    while try index.compact(Self.compactionSource) {}
    try rebuild(
      index, .user(Self.large), isFromSource: true,
      source { _, docID in Samples.record("fresh\(docID.rawValue) common") })
    for index in [index, try Self.open(disk)] {
      let records = try records(index, Self.large)
      #expect(records.parts.count == 1 && records.covered.count == 60)
      #expect(try search("common", index, Self.large).count == 60)
      #expect(try search("fresh7", index, Self.large) == [7])
      #expect(try records.documents(holding: Array("mail7".utf8), in: .all).isEmpty)
      #expect(try search("mail7", index, UserID(rawValue: 1)) == [7])
      #expect(try self.records(index, UserID(rawValue: 1)).covered.count == 10)
      #expect(try index.verify() == [])
    }
  }

  @Test func `parts that do not count are dropped when they are most of their file`() throws {
    let index = try Self.open(disk)
    try fill(index)
    while try index.compact(Self.compactionSource) {}
    for _ in 0..<3 {
      try rebuild(index, .user(Self.large), source())
      while try index.compact(Self.compactionSource) {}
      let documents = index.statistics().segmentDocuments
      #expect(documents <= 2 * 70, "what does not count is never more than what does")
    }
    #expect(index.state.withLock { $0.version }.segments.allSatisfy { !$0.isMostlyVoid })
    try expectAnswers(index, "compacted")
    let files = try disk.list("index").filter { $0.hasSuffix(".run") || $0.hasSuffix(".seg") }
    #expect(files.count == index.statistics().runs + index.statistics().segments, "nothing is left over")
  }

  @Test func `a record that came anew after its user was rebuilt is not answered from the shadow's postings`() throws {
    let index = try Self.open(disk)
    try fill(index)
    try rebuild(index, .all, source()) {
      let fresh = EncodedRecord.make(Samples.record("renewed"), analyzers)
      index.commit(61, [.replaceRecord(Self.large, DocID(rawValue: 7), fresh)])
      try index.flush()
      index.commit(62, [.replaceRecord(Self.large, DocID(rawValue: 8), fresh)])
    }
    for index in [index, try Self.open(disk)] {
      #expect(try search("mail7", index, Self.large) == [])
      #expect(try search("renewed", index, Self.large).contains(7))
      #expect(try records(index, Self.large).covered.count == (index.unflushedByteCount > 0 ? 58 : 59))
    }
    try index.flush()
    while try index.compact(Self.compactionSource) {}
    #expect(try search("renewed", index, Self.large) == [7, 8])
    #expect(try search("mail8", index, Self.large) == [])
    #expect(try records(index, Self.large).covered.count >= 58)
  }

  @Test func `a rebuild that a full disk stops leaves nothing behind, and goes on in the middle of a mailbox`() throws {
    var partials = 0
    for extra in stride(from: 300, through: 6_000, by: 300) {
      let disk = CrashableFileSystem()
      let index = try Self.open(disk)
      try fill(index)
      try index.flush()
      let used = try disk.list("index").reduce(0) { try $0 + disk.readFile("index/" + $1).count }
      disk.plan = CrashPlan(byteQuota: UInt64(used + extra))
      let error = #expect(throws: IndexError.self) { try rebuild(index, .all, isFromSource: true, source()) }
      #expect(error?.code == .noSpace)
      disk.plan = CrashPlan()
      let state = try? ShadowState.decode(disk.readFile("index/shadow"))
      let shadows = state.map { $0.finishedRuns.count + $0.segments.count } ?? 0
      let listed = index.statistics().runs + index.statistics().segments
      let files = try disk.list("index").filter { $0.hasSuffix(".run") || $0.hasSuffix(".seg") }
      #expect(files.count == listed + shadows, "\(extra) bytes")
      if state?.partial != nil { partials += 1 }
      try expectAnswers(index, "\(extra) bytes, stopped")
      try goOn(index, done: state?.progress.records ?? 0, "\(extra) bytes")
    }
    #expect(partials > 2, "too few stops in the middle of a mailbox to show anything")
  }

  private func goOn(_ index: ShardIndex, done: Int, _ what: String) throws {
    var asked = 0
    let counting = source { _, docID in
      asked += 1
      return Samples.record("mail\(docID.rawValue) common")
    }
    try rebuild(index, .all, isFromSource: true, counting) { #expect(asked == 73 - done, "\(what)") }
    try expectAnswers(index, "\(what), gone on with")
    #expect(try records(index, Self.large).parts.count == 1, "\(what)")
  }

  @Test func `a state of the earlier version is removed when the index is opened, and its files with it`() throws {
    let index = try Self.open(disk)
    try fill(index)
    let build = try ShadowBuild.begin(index, .all, source: source(), fileByteLimit: 1)
    try build.run()
    let listed = index.statistics().runs + index.statistics().segments
    let file = try disk.open("index/shadow", .readWrite)
    try file.write(Array("MDXSHD1\n".utf8), at: 0)
    let reopened = try Self.open(disk)
    #expect(!disk.exists("index/shadow"))
    let files = try disk.list("index").filter { $0.hasSuffix(".run") || $0.hasSuffix(".seg") }
    #expect(files.count == listed)
    try expectAnswers(reopened, "opened again")
  }

  @Test(arguments: [CrashOutcome.kept, .dropped, .torn(seed: 4), .torn(seed: 9)], [false, true])
  func `answers are the same before, during and after, whatever step a crash comes at`(
    outcome: CrashOutcome, isOneUser: Bool
  ) throws {
    let scope: ShadowBuild.Scope = isOneUser ? .user(Self.large) : .all
    func rebuild(_ index: ShardIndex) throws { try self.rebuild(index, scope, source()) }
    let whole = CrashableFileSystem()
    let index = try Self.open(whole)
    try fill(index)
    try index.flush()
    let start = whole.steps.count
    try rebuild(index)
    #expect(whole.steps.count > start + 60)
    for step in stride(from: start, to: whole.steps.count, by: outcome == .dropped ? 5 : 17) {
      let disk = CrashableFileSystem(CrashPlan(crashAtStep: step))
      let index = try Self.open(disk)
      try fill(index)
      try index.flush()
      try? rebuild(index)
      let after = try Self.open(disk.reopened(outcome))
      try expectAnswers(after, "step \(step)")
      try rebuild(after)
      try expectAnswers(after, "step \(step), rebuilt")
      #expect(try records(after, Self.large).covered.count == 60, "step \(step)")
      #expect(try records(after, Self.large).parts.count == 1, "step \(step)")
      let files = try after.fileSystem.list("index").filter { $0 != "manifest" && !$0.hasSuffix(".att") }
      #expect(
        files.count == after.statistics().runs + after.statistics().segments,
        "step \(step): nothing is left over, but found \(files)")
    }
  }
}
