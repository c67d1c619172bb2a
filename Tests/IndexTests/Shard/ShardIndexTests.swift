import Analysis
import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct ShardIndexTests {
  let analyzers: AnalyzerSet
  let disk = CrashableFileSystem()

  init() throws { analyzers = try AnalyzerSet.builtIn() }

  @Test func `records are found in the arena, in a run and after opening again`() throws {
    let index = try ShardIndex.openForTest(disk)
    index.commit(1, [Samples.add(1, 1, "one", analyzers), Samples.add(2, 1, "other", analyzers)])
    #expect(try index.subjects(1) == [1: "one"])
    try index.flush()
    index.commit(2, [Samples.add(1, 2, "two", analyzers)])
    #expect(try index.subjects(1) == [1: "one", 2: "two"])
    #expect(index.appliedSequence == SequenceNumber(rawValue: 1))
    #expect(index.unflushedByteCount > 0)
    try index.flush()
    #expect(index.unflushedByteCount == 0)
    let reopened = try ShardIndex.openForTest(disk)
    #expect(reopened.appliedSequence == SequenceNumber(rawValue: 2))
    #expect(try reopened.subjects(1) == [1: "one", 2: "two"])
    #expect(try reopened.subjects(2) == [1: "other"])
  }

  @Test func `a snapshot stays as it was, whatever happens after it`() throws {
    let index = try ShardIndex.openForTest(disk)
    let user = UserID(rawValue: 1)
    index.load(user, attributes: [], userSequence: .zero)
    index.commit(1, [Samples.add(1, 1, "one", analyzers), Samples.add(1, 2, "two", analyzers)])
    let snapshot = try #require(index.snapshot(user))
    index.commit(2, [Samples.add(1, 3, "three", analyzers), .remove(user, DocID(rawValue: 1))])
    try index.flush()
    index.commit(3, [.removeUser(user)])
    try index.flush()
    #expect(snapshot.userSequence == SequenceNumber(rawValue: 1))
    #expect(snapshot.attributes.live.docIDs.map(\.rawValue) == [1, 2])
    #expect(try snapshot.record(DocID(rawValue: 1)).subject == "one")
    #expect(try snapshot.openRecords().documents().docIDs.map(\.rawValue) == [1, 2])
    #expect(index.snapshot(user) == nil)
  }

  @Test func `the record put last counts, in the arena and over runs`() throws {
    let index = try ShardIndex.openForTest(disk)
    index.commit(1, (1...40).map { Samples.add(1, $0, "old \($0)", analyzers) })
    try index.flush()
    let fresh = EncodedRecord.make(Samples.record("new"), analyzers)
    index.commit(2, [.replaceRecord(UserID(rawValue: 1), DocID(rawValue: 7), fresh)])
    #expect(try index.subjects(1)[7] == "new")
    try index.flush()
    let subjects = try index.subjects(1)
    #expect(subjects.count == 40)
    #expect(subjects[7] == "new" && subjects[6] == "old 6" && subjects[8] == "old 8")
    let records = try #require(try index.snapshot(UserID(rawValue: 1))?.openRecords())
    let pending = try records.pending(records.documents())
    #expect(pending.candidates(for: termHash(Array("new".utf8))).docIDs.map(\.rawValue) == [7])
    #expect(!pending.candidates(for: termHash(Array("old".utf8))).contains(DocID(rawValue: 7)))
  }

  @Test func `a user that is not loaded costs the arena only, and is loaded with what was applied`() throws {
    let index = try ShardIndex.openForTest(disk)
    index.commit(1, [Samples.add(1, 1, "one", analyzers)])
    #expect(index.snapshot(UserID(rawValue: 1)) == nil)
    #expect(index.statistics().loadedByteCount == 0)
    index.load(
      UserID(rawValue: 1), attributes: [(DocID(rawValue: 1), Samples.attributes())],
      userSequence: SequenceNumber(rawValue: 1))
    #expect(index.snapshot(UserID(rawValue: 1))?.attributes.count == 1)
  }

  @Test func `over the memory budget the user searched longest ago is unloaded`() throws {
    let options = IndexOptions(attributeByteCount: 150_000)
    let index = try ShardIndex.openForTest(disk, options: options)
    func load(_ user: UInt32) {
      let documents = (1...1_000).map { (DocID(rawValue: $0), Samples.attributes(Int64($0))) }
      index.load(UserID(rawValue: user), attributes: documents, userSequence: .zero)
    }
    for user in 1...3 as ClosedRange<UInt32> { load(user) }
    _ = index.snapshot(UserID(rawValue: 1))
    for user in 4...5 as ClosedRange<UInt32> { load(user) }
    #expect(index.isLoaded(UserID(rawValue: 1)) && index.isLoaded(UserID(rawValue: 5)))
    #expect(!index.isLoaded(UserID(rawValue: 2)))
    #expect(index.statistics().loadedByteCount <= 150_000)
  }

  @Test func `many changes of one user become visible at once`() throws {
    let index = try ShardIndex.openForTest(disk)
    let user = UserID(rawValue: 1)
    index.load(user, attributes: [], userSequence: .zero)
    index.commit(1, (1...1_000).map { Samples.add(1, $0, "mail", analyzers) })
    var read = Samples.attributes()
    read.flags = .isRead
    index.commit(2, (1...1_000).map { .setAttributes(user, DocID(rawValue: $0), read) })
    let snapshot = try #require(index.snapshot(user))
    #expect(snapshot.attributes.unread.isEmpty && snapshot.attributes.count == 1_000)
    #expect(snapshot.userSequence == SequenceNumber(rawValue: 2))
  }

  @Test func `a full disk loses nothing, and the next flush goes through`() throws {
    let index = try ShardIndex.openForTest(disk)
    index.commit(1, [Samples.add(1, 1, "one", analyzers)])
    disk.plan.byteQuota = 10
    for _ in 0..<3 {
      let error = #expect(throws: IndexError.self) { try index.flush() }
      #expect(error?.code == .noSpace)
    }
    #expect(try index.subjects(1) == [1: "one"])
    index.commit(2, [Samples.add(1, 2, "two", analyzers)])
    disk.plan.byteQuota = nil
    try index.flush()
    #expect(try ShardIndex.openForTest(disk.reopened(.dropped)).subjects(1) == [1: "one", 2: "two"])
  }

  @Test func `a full disk at the manifest leaves no run behind`() throws {
    let index = try ShardIndex.openForTest(disk)
    index.commit(1, [Samples.add(1, 1, "one", analyzers)])
    try index.flush()
    index.commit(2, [Samples.add(1, 2, "two", analyzers)])
    disk.plan.failure = { $0.path.hasSuffix("manifest.new") ? .noSpace : nil }
    for _ in 0..<3 {
      let error = #expect(throws: IndexError.self) { try index.flush() }
      #expect(error?.code == .noSpace)
    }
    disk.plan.failure = nil
    #expect(try disk.list("index").count { $0.hasSuffix(".run") } == 1)
    try index.flush()
    #expect(try index.subjects(1) == [1: "one", 2: "two"])
  }

  @Test func `what is deleted while it is being flushed is gone from memory at once`() throws {
    let index = try ShardIndex.openForTest(disk)
    index.commit(1, [Samples.add(1, 1, "one", analyzers), Samples.add(1, 2, "two", analyzers)])
    let seen = Locked<[UInt32: String]?>(nil)
    disk.plan.failure = { step in
      if step.path.hasSuffix(".run"), seen.withLock({ $0 == nil }) {
        seen.withLock { $0 = [:] }
        index.commit(2, [.remove(UserID(rawValue: 1), DocID(rawValue: 1))])
        let subjects = (try? index.subjects(1)) ?? [:]
        seen.withLock { $0 = subjects }
      }
      return nil
    }
    try index.flush()
    #expect(seen.withLock { $0 } == [2: "two"])
  }

  @Test func `after a failed sync the index writes no more`() throws {
    let index = try ShardIndex.openForTest(disk)
    index.commit(1, [Samples.add(1, 1, "one", analyzers)])
    disk.plan.failure = { $0.kind == .sync ? .failed : nil }
    #expect(throws: IndexError.self) { try index.flush() }
    disk.plan.failure = nil
    let error = #expect(throws: IndexError.self) { try index.flush() }
    #expect(error?.code == .stopped)
    #expect(try index.subjects(1) == [1: "one"])
    #expect(try ShardIndex.openForTest(disk.reopened(.dropped)).appliedSequence == .zero)
  }

  @Test func `files of a crash are removed, files that were never reserved are not`() throws {
    let index = try ShardIndex.openForTest(disk)
    index.commit(1, [Samples.add(1, 1, "one", analyzers)])
    try index.flush()
    try disk.createFile("index/0000000003.run", with: [1, 2, 3])
    try disk.createFile("index/0000009999.run", with: [1, 2, 3])
    try disk.createFile("index/notes.txt", with: [1])
    _ = try ShardIndex.openForTest(disk)
    #expect(try disk.list("index") == ["0000000001.run", "0000000002.att", "0000009999.run", "manifest", "notes.txt"])
  }

  @Test func `a damaged run is named at open, or left out and told of`() throws {
    let index = try ShardIndex.openForTest(disk)
    index.commit(1, [Samples.add(1, 1, "one", analyzers)])
    try index.flush()
    let file = try disk.open("index/0000000001.run", .readWrite)
    try file.write([0xFF], at: try file.byteCount() - 20)
    let error = #expect(throws: IndexError.self) { try ShardIndex.openForTest(disk) }
    #expect(error?.code == .corrupt && error?.message.contains("index/0000000001.run") == true)
    let options = IndexOptions(leavesOutDamagedRuns: true)
    let partial = try ShardIndex.openForTest(disk, options: options)
    #expect(partial.damagedFiles.map(\.file) == ["index/0000000001.run"])
    #expect(try partial.verify().count == 1)
    #expect(try partial.subjects(1) == [:])
  }

  @Test func `damage within a run is found by verify and by the read, and only there`() throws {
    let index = try ShardIndex.openForTest(disk)
    index.commit(1, [Samples.add(1, 1, "one", analyzers), Samples.add(2, 1, "other", analyzers)])
    try index.flush()
    #expect(try index.verify().isEmpty)
    let file = try disk.open("index/0000000001.run", .readWrite)
    let fence = try #require(index.state.withLock { $0.version }.runs[0].fences.blocks(of: UserID(rawValue: 1)).first)
    try file.write([0xFF], at: fence.framesOffset + 3)
    #expect(try index.verify().contains { $0.user == UserID(rawValue: 1) && $0.docID == DocID(rawValue: 1) })
    #expect(throws: IndexError.self) { try index.subjects(1) }
    #expect(try index.subjects(2) == [1: "other"])
  }

  @Test(arguments: [CrashOutcome.kept, .dropped] + (1...8).map { CrashOutcome.torn(seed: $0) })
  func `a crash at any step loses nothing that the applied sequence covers`(outcome: CrashOutcome) throws {
    let script: [[IndexMutation]] = (1...6).map { sequence in
      [Samples.add(1, sequence, "mail \(sequence)", analyzers), Samples.add(sequence + 1, 1, "mail", analyzers)]
    }
    func run(_ disk: CrashableFileSystem) throws {
      let index = try ShardIndex.openForTest(disk)
      for (offset, mutations) in script.enumerated() {
        index.commit(UInt64(offset + 1), mutations)
        if offset % 2 == 1 { try index.flush() }
      }
    }
    let whole = CrashableFileSystem()
    try run(whole)
    for step in 0..<whole.steps.count {
      let disk = CrashableFileSystem(CrashPlan(crashAtStep: step))
      try? run(disk)
      let index = try ShardIndex.openForTest(disk.reopened(outcome))
      let applied = Int(index.appliedSequence.rawValue)
      #expect(try index.subjects(1).count == applied, "step \(step)")
      for (offset, mutations) in script[applied...].enumerated() {
        index.commit(UInt64(applied + offset + 1), mutations)
      }
      try index.flush()
      #expect(try index.subjects(1).count == 6, "step \(step)")
      #expect(try index.verify().isEmpty, "step \(step)")
    }
  }
}
