import Analysis
import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct CompactionMeterTests {
  private let disk = CrashableFileSystem()
  private let analyzers: AnalyzerSet

  init() throws { analyzers = try AnalyzerSet.builtIn() }

  private func open() throws -> ShardIndex {
    var options = IndexOptions()
    options.compaction.fanIn = 4
    options.compaction.pendingMails = 6
    return try .openForTest(disk, options: options)
  }

  /// Mails of user 1 with these numbers, each flushed on its own.
  private func add(_ numbers: ClosedRange<UInt32>, _ index: ShardIndex) throws {
    for number in numbers {
      index.commit(UInt64(number), [Samples.add(1, number, "mail \(number)", analyzers)])
      try index.flush()
    }
  }

  private static var source: CompactionSource { CompactionSource { _ in Samples.keys(1...20) } }

  @Test func `what is read and written is counted, and told to the throttle`() throws {
    let index = try open()
    try add(1...20, index)
    var told = 0
    while try index.compact(Self.source, throttle: { told += $0 }) {}
    let statistics = index.statistics().compaction
    #expect(statistics.runMerges > 0 && statistics.inversions == 1 && statistics.segmentMerges == 0)
    #expect(statistics.steps == statistics.runMerges + 1)
    // All that was written is still there: the first merges took all files.
    let now = index.statistics()
    #expect(statistics.writtenByteCount == now.runByteCount + now.segmentByteCount + now.attributeByteCount)
    #expect(statistics.readByteCount > 0)
    #expect(UInt64(told + index.meter.takeUntold()) == statistics.readByteCount + statistics.writtenByteCount)
  }

  @Test func `the backlog is what was flushed until compaction has looked, and nothing when all is done`() throws {
    let index = try open()
    #expect(index.backlog == CompactionBacklog())
    try add(1...3, index)
    let flushed = index.statistics().runByteCount
    #expect(index.backlog.byteCount == flushed && index.backlog.runs == 3)
    #expect(try !index.compact(Self.source), "too few mails, too few runs")
    #expect(index.backlog.byteCount == 0 && index.backlog.users == 0)
    try add(4...12, index)
    #expect(index.backlog.byteCount == index.statistics().runByteCount - flushed)
    _ = try index.compact(Self.source)
    #expect(index.backlog.users == 1)
    #expect((1...index.statistics().runByteCount).contains(index.backlog.byteCount))
    while try index.compact(Self.source) {}
    #expect(index.backlog.users == 0 && index.backlog.byteCount == 0)
  }

  @Test func `while a rebuild is under way or a file is damaged the backlog is held`() throws {
    let index = try open()
    try add(1...8, index)
    #expect(!index.backlog.isHeld)
    do {
      let source = ShadowSource(
        users: { [UserID(rawValue: 1)] }, documents: { _ in Samples.keys(1...8) },
        record: { _, docID, _ in Samples.record("again \(docID.rawValue)") })
      let build = try ShadowBuild.begin(index, .all, source: source)
      #expect(index.backlog.isHeld)
      try build.abandon()
      withExtendedLifetime(build) {}
    }
    #expect(!index.backlog.isHeld)
    let run = index.state.withLock { $0.version }.runs[2]
    let fence = try #require(run.fences.blocks.first)
    let bytes = try disk.readFile(run.path)
    try disk.open(run.path, .readWrite).write([bytes[Int(fence.framesOffset)] ^ 1], at: fence.framesOffset)
    #expect(throws: IndexError.self) { while try index.compact(Self.source) {} }
    #expect(index.backlog.isHeld)
  }

  @Test func `a rebuild that was killed and is not gone on with is given up when runs pile up`() throws {
    let index = try open()
    try add(1...2, index)
    do {
      let source = ShadowSource(
        users: { [UserID(rawValue: 1)] }, documents: { _ in Samples.keys(1...2) }, record: { _, _, _ in nil })
      let build = try ShadowBuild.begin(index, .all, source: source)
      try build.run()
    }
    try add(3...12, index)
    while try index.compact(Self.source) {}
    #expect(disk.exists("index/shadow"))
    #expect(index.runCount == 12, "runs that it reads are not merged")
    try add(13...66, index)
    while try index.compact(Self.source) {}
    #expect(!disk.exists("index/shadow"))
    #expect(index.runCount < 4)
    let files = try disk.list("index").filter { $0.hasSuffix(".run") || $0.hasSuffix(".seg") }
    #expect(files.count == index.statistics().runs + index.statistics().segments)
  }
}
