import Analysis
import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct IndexOpeningTests {
  let analyzers: AnalyzerSet
  let disk = CrashableFileSystem()

  init() throws { analyzers = try AnalyzerSet.builtIn() }

  /// Two runs of two mails each, everything flushed.
  private func fill() throws {
    let index = try ShardIndex.openForTest(disk)
    for docID in 1...4 as ClosedRange<UInt32> {
      index.commit(UInt64(docID), [Samples.add(1, docID, "mail \(docID)", analyzers)])
      if docID.isMultiple(of: 2) { try index.flush() }
    }
  }

  private let lenient = IndexOptions(leavesOutDamagedRuns: true, replayableAfter: SequenceNumber(rawValue: 3))

  enum Loss: CaseIterable { case gone, damaged, empty }

  private func lose(_ loss: Loss) throws {
    switch loss {
    case .gone: try disk.remove("index/manifest")
    case .damaged: try disk.open("index/manifest", .readWrite).write([0xFF], at: 12)
    case .empty: try disk.replaceFile("index/manifest", with: [])
    }
  }

  @Test(arguments: Loss.allCases)
  func `without its manifest the index opens with the runs that are there and asks for a replay`(loss: Loss) throws {
    try fill()
    try lose(loss)
    let error = #expect(throws: IndexError.self) { try ShardIndex.openForTest(disk) }
    #expect(error?.code == .corrupt && error?.message.contains("index/manifest") == true)
    let index = try ShardIndex.openForTest(disk, options: lenient)
    #expect(index.damagedFiles.map(\.file) == ["index/manifest"])
    #expect(try index.subjects(1) == [1: "mail 1", 2: "mail 2", 3: "mail 3", 4: "mail 4"])
    #expect(index.appliedSequence == SequenceNumber(rawValue: 3))
    // The next run takes a number that no file has.
    index.commit(4, [Samples.add(1, 4, "mail 4", analyzers)])
    index.commit(5, [Samples.add(1, 5, "mail 5", analyzers)])
    try index.flush()
    let reopened = try ShardIndex.openForTest(disk.reopened(.dropped))
    #expect(try reopened.subjects(1).count == 5)
    #expect(reopened.appliedSequence == SequenceNumber(rawValue: 5))
  }

  @Test func `a lost manifest and a damaged run cost what was in the run`() throws {
    try fill()
    try disk.remove("index/manifest")
    try disk.open("index/0000000001.run", .readWrite).write([0xFF], at: 0)
    let index = try ShardIndex.openForTest(disk, options: lenient)
    #expect(try index.subjects(1).keys.sorted() == [3, 4])
  }

  @Test func `an empty directory is a new index only at the beginning of the change stream`() throws {
    #expect(try ShardIndex.openForTest(disk, options: IndexOptions(leavesOutDamagedRuns: true)).damagedFiles.isEmpty)
    let emptied = CrashableFileSystem()
    let index = try ShardIndex.openForTest(emptied, options: lenient)
    #expect(index.damagedFiles.map(\.file) == ["index/manifest"])
    #expect(index.appliedSequence == SequenceNumber(rawValue: 3))
  }

  @Test func `a run that cannot be read just now is not taken for damaged`() throws {
    try fill()
    let withoutRuns = WrappedFileSystem(disk)
    withoutRuns.refusal = { path, _ in path.hasSuffix(".run") ? .failed : nil }
    #expect(throws: FileError.self) { try ShardIndex.openForTest(withoutRuns, options: lenient) }
    #expect(try ShardIndex.openForTest(disk, options: lenient).subjects(1).count == 4)
  }

  @Test func `a run that is gone is damage`() throws {
    try fill()
    try disk.remove("index/0000000003.run")
    let index = try ShardIndex.openForTest(disk, options: lenient)
    #expect(index.damagedFiles.map(\.file) == ["index/0000000003.run"])
  }
}
