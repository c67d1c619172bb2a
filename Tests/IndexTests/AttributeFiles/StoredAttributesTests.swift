import Analysis
import Bytes
import TestSupport
import Testing

@testable import Index

/// The index's attributes are what the rows say, whatever was flushed, merged, evicted, lost or killed.
@Suite struct StoredAttributesTests {
  private static let users = (1...4 as ClosedRange<UInt32>).map(UserID.init(rawValue:))
  private let analyzers: AnalyzerSet

  init() throws { analyzers = try AnalyzerSet.builtIn() }

  private static func open(_ disk: any FileSystem) throws -> ShardIndex {
    var options = IndexOptions(attributeByteCount: 100_000, leavesOutDamagedRuns: true)
    options.compaction.fanIn = 3
    options.compaction.pendingMails = 1_000_000
    return try .openForTest(disk, options: options)
  }

  private static func source(_ model: AttributeModel) -> CompactionSource {
    CompactionSource { user in
      (model.users[user] ?? [:]).map { DocumentKey(receivedAt: $0.value.receivedAt, docID: DocID(rawValue: $0.key)) }
    }
  }

  private static func compact(_ index: ShardIndex, _ model: AttributeModel) throws {
    while try index.compact(source(model)) {}
  }

  /// One step of random work.
  private static func step(
    _ model: AttributeModel, _ index: ShardIndex, _ random: inout SeededGenerator
  ) throws {
    let user = users[Int.random(in: 0..<100, using: &random) < 70 ? 0 : Int.random(in: 0..<users.count, using: &random)]
    let isGone = model.removed.contains(user)
    switch Int.random(in: 0..<30, using: &random) {
    case 0..<7 where !isGone:
      model.apply(model.add(Int.random(in: 1...6, using: &random), to: user, &random), to: index)
    case 7..<13: model.apply(model.change(Int.random(in: 1...9, using: &random), of: user, &random), to: index)
    case 13..<15: model.apply(model.remove(Int.random(in: 1...3, using: &random), of: user, &random), to: index)
    case 15 where !isGone: model.apply(model.touch(user), to: index)
    case 16 where user == users[3] && !isGone && Int.random(in: 0..<4, using: &random) == 0:
      model.apply(model.remove(user), to: index)
    // More than is changed in place.
    case 17 where !isGone: model.apply(model.add(300, to: user, &random), to: index)
    case 18: model.apply(model.change(300, of: user, &random), to: index)
    case 19..<23: try index.flush()
    case 23: try compact(index, model)
    case 24..<27: index.unload(user)
    default: _ = try model.snapshot(of: user, in: index)
    }
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func `under random work and reopenings the attributes are what the rows say`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let model = AttributeModel(analyzers)
    var disk = CrashableFileSystem()
    var index = try Self.open(disk)
    for number in 0..<220 {
      try Self.step(model, index, &random)
      if Int.random(in: 0..<25, using: &random) == 0 {
        disk = disk.reopened(.torn(seed: seed * 1_000 + UInt64(number)))
        index = try Self.open(disk)
        model.replay(into: index)
      }
      if number % 10 == 0 {
        for user in Self.users { try model.expectEqual(user, in: index, "seed \(seed), step \(number)") }
      }
    }
    #expect(try index.verify() == [], "seed \(seed)")
    // Nobody was read from the rows who had a base.
    for user in Self.users where !model.removed.contains(user) {
      model.apply(model.add(1, to: user, &random), to: index)
    }
    try index.flush()
    let before = model.readCount
    let reopened = try Self.open(disk.reopened(.dropped))
    for user in Self.users where !model.removed.contains(user) {
      try model.expectEqual(user, in: reopened, "seed \(seed), reopened")
    }
    #expect(model.readCount == before, "seed \(seed): every user is in the files")
  }

  @Test(arguments: 1...2 as ClosedRange<UInt64>)
  func `a crash at any step leaves attributes that a replay completes`(seed: UInt64) throws {
    func work(_ disk: CrashableFileSystem, _ model: AttributeModel, isComplete: Bool = false) throws {
      var random = SeededGenerator(seed: seed)
      let index = try Self.open(disk)
      for _ in 0..<60 { try Self.step(model, index, &random) }
    }
    let whole = CrashableFileSystem()
    try work(whole, AttributeModel(analyzers))
    #expect(whole.steps.count { $0.path.hasSuffix(".att") } > 10)
    for stop in whole.steps.indices {
      let model = AttributeModel(analyzers)
      let disk = CrashableFileSystem(CrashPlan(crashAtStep: stop))
      try? work(disk, model)
      let after = try Self.open(disk.reopened(.torn(seed: seed * 10_000 + UInt64(stop))))
      model.replay(into: after)
      let place = "seed \(seed), step \(stop): \(whole.steps[stop].kind) \(whole.steps[stop].path)"
      for user in Self.users { try model.expectEqual(user, in: after, place) }
      try after.flush()
      try Self.compact(after, model)
      for user in Self.users {
        after.unload(user)
        try model.expectEqual(user, in: after, place + ", flushed and merged")
      }
      #expect(try after.verify() == [], "\(place)")
      let files = try after.fileSystem.list("index").count { $0.hasSuffix(".att") }
      #expect(files == after.statistics().attributeFiles, "\(place): nothing is left over")
    }
  }

  // MARK: Bases and deltas

  @Test func `a new mailbox is in the files from its first flush on, and is never read from the rows`() throws {
    var random = SeededGenerator(seed: 1)
    let (disk, model) = (CrashableFileSystem(), AttributeModel(analyzers))
    let index = try Self.open(disk)
    model.apply(model.touch(Self.users[0]), to: index)
    model.apply(model.add(5, to: Self.users[0], &random), to: index)
    try model.expectEqual(Self.users[0], in: index, "before the flush")
    try index.flush()
    index.unload(Self.users[0])
    try model.expectEqual(Self.users[0], in: index, "after the flush")
    let reopened = try Self.open(disk.reopened(.dropped))
    try model.expectEqual(Self.users[0], in: reopened, "reopened")
    #expect(model.readCount == 0)
  }

  @Test func `who is in no file is read from the rows once, and written by the next flush`() throws {
    var random = SeededGenerator(seed: 2)
    let (disk, model) = (CrashableFileSystem(), AttributeModel(analyzers))
    let index = try Self.open(disk)
    // As an index of an earlier version: its manifest has gone past these, and there are no attributes.
    _ = model.add(50, to: Self.users[0], &random)
    model.apply(model.add(1, to: Self.users[1], &random), to: index)
    try index.flush()
    model.apply(model.change(5, of: Self.users[0], &random), to: index)
    try index.flush()
    #expect(try index.storedAttributes(of: Self.users[0]) == nil, "a delta of what is in no file tells nothing")
    try model.expectEqual(Self.users[0], in: index, "from the rows")
    #expect(model.readCount == 1 && index.unwrittenBaseByteCount > 0)
    try index.flush()
    #expect(index.unwrittenBaseByteCount == 0)
    index.unload(Self.users[0])
    try model.expectEqual(Self.users[0], in: index, "from the file")
    #expect(model.readCount == 1)
  }

  @Test func `merging makes one base of a base and what came after it`() throws {
    var random = SeededGenerator(seed: 3)
    let (disk, model) = (CrashableFileSystem(), AttributeModel(analyzers))
    let index = try Self.open(disk)
    model.apply(model.add(500, to: Self.users[0], &random), to: index)
    try index.flush()
    for _ in 0..<3 {
      model.apply(model.change(20, of: Self.users[0], &random), to: index)
      model.apply(model.remove(20, of: Self.users[0], &random), to: index)
      try index.flush()
    }
    try Self.compact(index, model)
    let files = index.state.withLock { $0.attributeFiles }
    #expect(files.count == 1 && files[0].rowCount == 440)
    #expect(files[0].fences[0].isBase)
    index.unload(Self.users[0])
    try model.expectEqual(Self.users[0], in: index, "merged")
    #expect(model.readCount == 0)
  }

  @Test func `a removed user's attributes are never read again, and gone from the files after a merge`() throws {
    var random = SeededGenerator(seed: 4)
    let (disk, model) = (CrashableFileSystem(), AttributeModel(analyzers))
    let index = try Self.open(disk)
    let user = Self.users[0]
    for each in Self.users.prefix(2) { model.apply(model.add(20, to: each, &random), to: index) }
    try index.flush()
    model.apply(model.remove(user), to: index)
    #expect(try model.snapshot(of: user, in: index).attributes.count == 0)
    try index.flush()
    let reopened = try Self.open(disk.reopened(.dropped))
    #expect(try reopened.storedAttributes(of: user) == nil)
    #expect(try model.snapshot(of: user, in: reopened).attributes.count == 0)
    for _ in 0..<3 {
      model.apply(model.change(2, of: Self.users[1], &random), to: reopened)
      try reopened.flush()
    }
    try Self.compact(reopened, model)
    #expect(reopened.state.withLock { $0.attributeFiles }.allSatisfy { $0.fences.part(of: user) == nil })
    try model.expectEqual(Self.users[1], in: reopened, "the other")
  }

  @Test func `a flag flip costs less than two hundred bytes written, merging included`() throws {
    var random = SeededGenerator(seed: 5)
    let (disk, model) = (CrashableFileSystem(), AttributeModel(analyzers))
    let index = try Self.open(disk)
    let users = (1...50 as ClosedRange<UInt32>).map(UserID.init(rawValue:))
    for user in users { model.apply(model.add(100, to: user, &random), to: index) }
    try index.flush()
    let written = Locked(0)
    let counting = WrappedFileSystem(disk)
    counting.didWrite = { _, count in written.withLock { $0 += count } }
    let measured = try Self.open(counting)
    let flips = 4_000
    for flip in 0..<flips {
      model.apply(model.change(1, of: users[flip % users.count], &random), to: measured)
      if flip % 500 == 499 {
        try measured.flush()
        try Self.compact(measured, model)
      }
    }
    let perFlip = written.withLock { $0 } / flips
    #expect(perFlip <= 200, "\(perFlip) bytes")
    #expect(measured.unflushedByteCount == 0)
    model.apply(model.change(1, of: users[0], &random), to: measured)
    #expect((64...200).contains(measured.unflushedByteCount), "a flip counts toward the next flush")
    for user in users { try model.expectEqual(user, in: measured, "flipped") }
  }

  @Test func `a cold user's first page takes one read of attributes, beside three that depend on each other`() throws {
    var random = SeededGenerator(seed: 9)
    let (disk, model) = (CrashableFileSystem(), AttributeModel(analyzers))
    var options = IndexOptions()
    options.compaction.pendingMails = 32
    let index = try ShardIndex.openForTest(disk, options: options)
    for user in Self.users { model.apply(model.add(500, to: user, &random), to: index) }
    try index.flush()
    try Self.compact(index, model)
    let counting = WrappedFileSystem(disk)
    let opened = try ShardIndex.openForTest(counting)
    let before = counting.readCount
    let snapshot = try model.snapshot(of: Self.users[1], in: opened)
    #expect(counting.reads[before...].map { $0.suffix(4) } == [".att"])
    let text = try snapshot.text()
    #expect(text.covered.count == 500)
    let part = try #require(text.records.parts.first)
    let entry = try #require(try part.entry(of: Array("mail".utf8)))
    #expect(try part.postings(of: entry).ordinal == 0)
    let rest = counting.reads[(before + 1)...]
    #expect(rest.allSatisfy { $0.hasSuffix(".seg") } && (1...3).contains(rest.count), "\(rest)")
    #expect(model.readCount == 0)
  }

  // MARK: At once

  @Test func `users are loaded, changed, flushed, merged and evicted at once`() async throws {
    let model = Locked(AttributeModel(analyzers))
    let index = try Self.open(CrashableFileSystem())
    let isDone = Locked(false)
    let threads = BlockingThreads(name: "attributes", threads: 6)
    defer { threads.close() }
    func untilDone(_ body: @escaping @Sendable (Int) throws -> Void) async throws {
      try await threads.run {
        var round = 0
        while !isDone.withLock({ $0 }) {
          try body(round)
          round += 1
        }
      }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await untilDone { _ in try index.flush() } }
      group.addTask {
        try await untilDone { _ in
          let source = CompactionSource { user in
            model.withLock { model in model.rows(of: user).attributes.live.docIDs }
              .map { DocumentKey(receivedAt: Timestamp(rawValue: 0), docID: $0) }
          }
          _ = try index.compact(source)
        }
      }
      for reader in 0..<2 {
        group.addTask {
          try await untilDone { round in
            let user = Self.users[(round + reader) % Self.users.count]
            let snapshot = try index.snapshot(of: user) { _ in model.withLock { $0.rows(of: user) } }
            #expect(snapshot.attributes.count == snapshot.attributes.live.count)
            if round % 3 == 0 { index.unload(user) }
          }
        }
      }
      try await threads.run {
        defer { isDone.withLock { $0 = true } }
        var random = SeededGenerator(seed: 10)
        for round in 0..<400 {
          let user = Self.users[round % Self.users.count]
          let record = model.withLock { model in
            switch round % 7 {
            case 0..<3: model.add(round % 50 == 0 ? 300 : 3, to: user, &random)
            case 3..<6: model.change(round % 40 == 5 ? 300 : 4, of: user, &random)
            default: model.remove(2, of: user, &random)
            }
          }
          if let record {
            index.apply(
              record.mutations, shardSequence: SequenceNumber(rawValue: record.sequence),
              userSequences: record.userSequences)
          }
        }
      }
      try await group.waitForAll()
    }
    try model.withLock { model in
      for user in Self.users { try model.expectEqual(user, in: index, "in the end") }
      try index.flush()
      for user in Self.users {
        index.unload(user)
        try model.expectEqual(user, in: index, "flushed")
      }
    }
  }

  // MARK: Damage

  @Test(arguments: [true, false])
  func `damage in any attribute file is logged, named, and costs nothing but reading the rows`(
    isFoundAtOpening: Bool
  ) throws {
    var random = SeededGenerator(seed: 6)
    let (disk, model) = (CrashableFileSystem(), AttributeModel(analyzers))
    let filled = try Self.open(disk)
    for each in Self.users { model.apply(model.add(30, to: each, &random), to: filled) }
    try filled.flush()
    model.apply(model.change(10, of: Self.users[0], &random), to: filled)
    try filled.flush()
    let file = filled.state.withLock { $0.attributeFiles }[isFoundAtOpening ? 0 : 1]
    let bytes = try disk.readFile(file.path)
    let place = isFoundAtOpening ? bytes.count - 1 : 40
    try disk.open(file.path, .readWrite).write([bytes[place] ^ 1], at: UInt64(place))
    let index = try Self.open(disk)
    if !isFoundAtOpening {
      #expect(try index.verify().contains { $0.file == file.path })
      #expect(throws: IndexError.self) { try index.storedAttributes(of: Self.users[0]) }
    }
    for each in Self.users { try model.expectEqual(each, in: index, "damaged") }
    #expect(index.damagedFiles.contains { $0.description.contains(file.path) })
    #expect(model.readCount > 0)
    #expect(try disk.list("index").allSatisfy { !$0.hasSuffix(".att") })
    try index.flush()
    let before = model.readCount
    let reopened = try Self.open(disk.reopened(.dropped))
    #expect(reopened.damagedFiles.isEmpty)
    for each in Self.users { try model.expectEqual(each, in: reopened, "healed") }
    #expect(model.readCount == before)
  }

  /// As many files of one user as are merged.
  private func openWithFiles(_ disk: CrashableFileSystem, _ model: AttributeModel, seed: UInt64) throws -> ShardIndex {
    var random = SeededGenerator(seed: seed)
    let index = try Self.open(disk)
    for _ in 0..<3 {
      model.apply(model.add(30, to: Self.users[0], &random), to: index)
      try index.flush()
    }
    return index
  }

  @Test func `damage found by a merge gives the files up`() throws {
    let (disk, model) = (CrashableFileSystem(), AttributeModel(analyzers))
    let index = try openWithFiles(disk, model, seed: 7)
    let file = index.state.withLock { $0.attributeFiles }[1]
    let bytes = try disk.readFile(file.path)
    try disk.open(file.path, .readWrite).write([bytes[40] ^ 1], at: 40)
    try Self.compact(index, model)
    #expect(index.statistics().attributeFiles == 0)
    index.unload(Self.users[0])
    try model.expectEqual(Self.users[0], in: index, "given up")
    #expect(model.readCount == 1)
  }

  @Test func `files given up while the disk is full are not read again beside changes that they do not know`() throws {
    var random = SeededGenerator(seed: 9)
    let (disk, model) = (CrashableFileSystem(), AttributeModel(analyzers))
    let index = try Self.open(disk)
    for each in Self.users { model.apply(model.add(30, to: each, &random), to: index) }
    try index.flush()
    let file = index.state.withLock { $0.attributeFiles }[0]
    let bytes = try disk.readFile(file.path)
    try disk.open(file.path, .readWrite).write([bytes[40] ^ 1], at: 40)
    disk.plan = CrashPlan(failure: { $0.path.contains("manifest") ? .noSpace : nil })
    index.unload(Self.users[0])
    try model.expectEqual(Self.users[0], in: index, "given up")
    disk.plan = CrashPlan()
    try disk.open(file.path, .readWrite).write([bytes[40]], at: 40)
    // Cold, and in no file that the index still reads.
    index.unload(Self.users[1])
    model.apply(model.change(10, of: Self.users[1], &random), to: index)
    model.apply(model.remove(10, of: Self.users[1], &random), to: index)
    try index.flush()
    #expect(!disk.exists(file.path), "nothing lists it")
    let reopened = try Self.open(disk.reopened(.dropped))
    for each in Self.users { try model.expectEqual(each, in: reopened, "reopened") }
  }

  @Test func `a sector that cannot be read costs nothing but reading the rows, and stops no merge`() throws {
    let (disk, model) = (CrashableFileSystem(), AttributeModel(analyzers))
    let index = try openWithFiles(disk, model, seed: 10)
    let runs = index.statistics().runs
    disk.plan = CrashPlan(readFailure: { $0.hasSuffix(".att") ? .failed : nil })
    try Self.compact(index, model)
    #expect(index.statistics().attributeFiles == 0)
    #expect(index.statistics().runs < runs)
    index.unload(Self.users[0])
    try model.expectEqual(Self.users[0], in: index, "given up")
  }

  @Test func `a full disk loses nothing, and leaves nothing behind`() throws {
    var random = SeededGenerator(seed: 8)
    let (disk, model) = (CrashableFileSystem(), AttributeModel(analyzers))
    let index = try Self.open(disk)
    model.apply(model.add(400, to: Self.users[0], &random), to: index)
    try index.flush()
    model.apply(model.change(200, of: Self.users[0], &random), to: index)
    let files = try disk.list("index").sorted()
    let used = try files.reduce(UInt64(0)) { try $0 + UInt64(disk.readFile("index/" + $1).count) }
    for room in [10, 500] as [UInt64] {
      disk.plan = CrashPlan(byteQuota: used + room)
      let error = #expect(throws: IndexError.self, "\(room) bytes") { try index.flush() }
      #expect(error?.code == .noSpace)
      #expect(try disk.list("index").sorted() == files, "\(room) bytes")
      index.unload(Self.users[0])
      try model.expectEqual(Self.users[0], in: index, "while the disk is full")
    }
    disk.plan = CrashPlan()
    try index.flush()
    let reopened = try Self.open(disk.reopened(.dropped))
    try model.expectEqual(Self.users[0], in: reopened, "when space is back")
    #expect(model.readCount == 0)
  }
}
