import Analysis
import Bytes
import TestSupport
import Testing

@testable import Index

/// What the index writes for a mail until it rests: flush, merges of runs, segments, merges of segments, attributes, manifest. The
/// limits are a tenth above what was measured when they were written down; what makes a mail dearer has to raise one on purpose.
@Suite struct WrittenBytesTests {
  private static let words: [String] = {
    var random = SeededGenerator(seed: 77)
    return (0..<4_000).map { _ in
      String(
        (0..<Int.random(in: 3...9, using: &random)).map { _ in
          Character(Unicode.Scalar(UInt8.random(in: 97...122, using: &random)))
        })
    }
  }()

  /// Some 1,200 bytes of words, some of them much more often than others.
  private static func record(_ random: inout SeededGenerator, _ number: Int) -> ExtractedTextRecord {
    var record = ExtractedTextRecord()
    func word() -> String {
      words[Int(Double(words.count) * .random(in: 0..<1.0, using: &random) * .random(in: 0..<1.0, using: &random))]
    }
    record.subject = (0..<6).map { _ in word() }.joined(separator: " ")
    record.from = [.init(name: nil, address: "\(words[number % 50])@example.com")]
    record.to = [.init(name: nil, address: "bob@example.com")]
    record.body = (0..<180).map { _ in word() }.joined(separator: " ")
    record.messageID = "\(number)@example.com"
    return record
  }

  /// - Parameter flushInterval: mails in a flush.
  /// - Returns: bytes written for a mail.
  private static func written(_ mails: Int, users: Int, flushInterval: Int) throws -> Int {
    let analyzers = try AnalyzerSet.builtIn()
    let written = Locked(0)
    let disk = WrappedFileSystem(CrashableFileSystem())
    disk.didWrite = { _, count in written.withLock { $0 += count } }
    let index = try ShardIndex.openForTest(disk)
    var random = SeededGenerator(seed: 1)
    var keys: [UserID: [DocumentKey]] = [:]
    for number in 0..<mails {
      let user = UserID(rawValue: UInt32(Int.random(in: 0..<users, using: &random)))
      let docID = DocID(rawValue: UInt32(keys[user, default: []].count + 1))
      let attributes = Samples.attributes(Int64(number))
      keys[user, default: []].append(DocumentKey(receivedAt: attributes.receivedAt, docID: docID))
      index.commit(
        UInt64(number + 1), [.add(user, docID, attributes, EncodedRecord.make(record(&random, number), analyzers))])
      if number % flushInterval == flushInterval - 1 {
        try index.flush()
        let known = keys
        while try index.compact(CompactionSource { known[$0] ?? [] }) {}
      }
    }
    return written.withLock { $0 } / mails
  }

  @Test func `a mail of one large mailbox`() throws {
    let bytes = try Self.written(4_000, users: 1, flushInterval: 250)
    #expect((1_000...Self.limit.large).contains(bytes), "\(bytes) bytes a mail")
  }

  @Test func `a mail of one of many small mailboxes`() throws {
    let bytes = try Self.written(4_000, users: 100, flushInterval: 250)
    #expect((1_000...Self.limit.small).contains(bytes), "\(bytes) bytes a mail")
  }

  @Test func `what a mail and a flag cost is a small part of a mailbox's attributes, read from its files`() throws {
    let analyzers = try AnalyzerSet.builtIn()
    let user = UserID(rawValue: 1)
    var random = SeededGenerator(seed: 2)
    let disk = CrashableFileSystem()
    let made = try ShardIndex.openForTest(disk)
    let record = EncodedRecord.make(Samples.record("mail"), analyzers)
    func attributes() -> DocumentAttributes {
      var attributes = Samples.attributes(Int64.random(in: 0..<1 << 40, using: &random))
      attributes.size = UInt64.random(in: 0..<1 << 20, using: &random)
      return attributes
    }
    let all = (1...5_000 as ClosedRange<UInt32>).map { (DocID(rawValue: $0), attributes()) }
    made.commit(1, all.map { .add(user, $0, $1, record) })
    try made.flush()
    let keys = all.map { DocumentKey(receivedAt: $1.receivedAt, docID: $0) }
    while try made.compact(CompactionSource { _ in keys }) {}
    #expect(made.statistics().attributeByteCount > 40_000, "all of the mailbox's attributes are many times the limit")

    let written = Locked(0)
    let counting = WrappedFileSystem(disk)
    counting.didWrite = { _, count in written.withLock { $0 += count } }
    let index = try ShardIndex.openForTest(counting)
    let snapshot = try index.snapshot(of: user) { _ in throw IndexError(code: .failed, message: "rows were asked") }
    #expect(snapshot.attributes.count == 5_000)
    index.commit(2, [.add(user, DocID(rawValue: 5_001), attributes(), record)])
    try index.flush()
    var flagged = all[16].1
    flagged.flags = [.isStarred]
    index.commit(3, [.setAttributes(user, all[16].0, flagged)])
    try index.flush()
    while try index.compact(CompactionSource { _ in keys }) {}
    let byteCount = written.withLock { $0 }
    #expect((500...3_000).contains(byteCount), "\(byteCount) bytes for both")
  }

  private static let limit = (large: 3_900, small: 3_800)
}
