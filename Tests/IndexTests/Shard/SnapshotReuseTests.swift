import Analysis
import Bytes
import TestSupport
import Testing

@testable import Index

/// Which snapshots outlive a change of the set of files.
@Suite struct SnapshotReuseTests {
  private static let (alice, bob) = (UserID(rawValue: 1), UserID(rawValue: 2))
  private let disk = CrashableFileSystem()
  private let analyzers: AnalyzerSet

  init() throws { analyzers = try AnalyzerSet.builtIn() }

  private func open() throws -> ShardIndex {
    var options = IndexOptions()
    options.compaction.fanIn = 2
    options.compaction.pendingMails = 4
    return try .openForTest(disk, options: options)
  }

  private static func source(_ count: UInt32) -> CompactionSource {
    CompactionSource { _ in Samples.keys(1...count) }
  }

  private func snapshot(_ index: ShardIndex, _ user: UserID) throws -> UserSnapshot {
    if index.snapshot(user) == nil { index.load(user, attributes: [], userSequence: .zero) }
    return try #require(index.snapshot(user))
  }

  @Test func `a flush drops the snapshots of those whose mail it wrote, and no other`() throws {
    let index = try open()
    index.commit(1, [Samples.add(1, 1, "one", analyzers), Samples.add(2, 1, "one", analyzers)])
    try index.flush()
    index.commit(2, [Samples.add(2, 2, "two", analyzers)])
    let (alice, bob) = (try snapshot(index, Self.alice), try snapshot(index, Self.bob))
    #expect(try bob.text().records.documents().count == 2)
    try index.flush()
    #expect(try snapshot(index, Self.alice) === alice)
    #expect(try snapshot(index, Self.bob) !== bob)
    #expect(try snapshot(index, Self.bob).record(DocID(rawValue: 2)).subject == "two")
    #expect(try bob.record(DocID(rawValue: 2)).subject == "two", "held ones read on")
  }

  @Test func `files that were merged away are closed, though a snapshot of before is kept`() throws {
    let index = try open()
    for number in 1...4 as ClosedRange<UInt32> {
      index.commit(UInt64(number), [Samples.add(1, number, "mail \(number)", analyzers)])
      try index.flush()
    }
    _ = try snapshot(index, Self.alice).text()
    let bob = try snapshot(index, Self.bob)
    #expect(try bob.text().records.documents().isEmpty)
    let readers = index.state.withLock { $0.version }.runs.map { WeakReader($0) }
    #expect(readers.allSatisfy { $0.reader != nil })
    while try index.compact(Self.source(4)) {}
    #expect(readers.allSatisfy { $0.reader == nil })
    #expect(try snapshot(index, Self.bob) === bob)
    #expect(try snapshot(index, Self.alice).openRecords().covered.count == 4)
  }

  @Test func `a user whose record was replaced gets a new snapshot with the flush that says so`() throws {
    let index = try open()
    index.commit(1, (1...4).map { Samples.add(1, $0, "mail \($0)", analyzers) })
    try index.flush()
    while try index.compact(Self.source(4)) {}
    index.commit(
      2, [.replaceRecord(Self.alice, DocID(rawValue: 2), EncodedRecord.make(Samples.record("new"), analyzers))])
    #expect(try snapshot(index, Self.alice).openRecords().covered.count == 3)
    try index.flush()
    #expect(try snapshot(index, Self.alice).openRecords().covered.count == 3)
  }

  private struct WeakReader {
    weak var reader: RunReader?

    init(_ reader: RunReader) { self.reader = reader }
  }
}
