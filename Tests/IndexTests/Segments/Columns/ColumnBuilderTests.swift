import Analysis
import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct ColumnBuilderTests {
  private static func records(_ count: Int, seed: UInt64) -> [ExtractedTextRecord] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { number in
      var record = ExtractedTextRecord()
      record.subject = ["", "Re: ", "FWD: re: "][number % 3] + ["", "Plan", "plan for May", "Planned"][number % 4]
      if number % 7 != 0 {
        let person = Int.random(in: 0..<9, using: &random)
        record.from = [.init(name: person % 2 == 0 ? "Person \(person % 4)" : nil, address: "P\(person)@x.example")]
      }
      if number % 5 == 0 { record.kinds = FileKinds(rawValue: UInt16.random(in: 0..<8, using: &random)) }
      record.body = String(repeating: "word ", count: number)
      return record
    }
  }

  /// A part of these records, by ordinal.
  private static func part(_ records: [ExtractedTextRecord], docIDs: [UInt32]) throws -> SegmentPart {
    let disk = CrashableFileSystem()
    try disk.createDirectory("d")
    var writer = try SegmentWriter(fileSystem: disk, directory: "d", number: 7, analyzerHash: 1)
    writer.beginPart(of: UserID(rawValue: 3), docIDs: docIDs)
    var inverter = Inverter(try .builtIn())
    for record in records { inverter.add(record) }
    try inverter.write(to: &writer)
    try writer.endPart(inverter.columns)
    _ = try writer.finish()
    let segment = try SegmentTests.open(disk)
    #expect(segment.verify().isEmpty)
    return try SegmentPart(segment, try #require(segment.fences.parts.first))
  }

  private static func check(_ part: SegmentPart, _ records: [ExtractedTextRecord]) throws {
    let (senders, subjects, kinds) = (try part.senders(), try part.subjects(), try part.kinds())
    for (ordinal, record) in records.enumerated() {
      let sender = senders.sender(at: ordinal)
      #expect(senders.key(of: sender) == record.senderSortKey)
      #expect(senders.string(number: senders.addressNumber(of: sender)) == Array(record.senderAddress.utf8))
      #expect(senders.prefix(of: sender) == SortPrefix(record.senderSortKey))
      #expect(subjects.prefix(at: ordinal) == SortPrefix(record.subjectSortKey))
      #expect(kinds.masks[kinds.number(at: ordinal)] == record.kinds)
    }
    let numbers = (0..<senders.count).map { senders.keyNumber(of: $0) }
    #expect(numbers == numbers.sorted(), "senders ascend by key")
  }

  @Test(arguments: [1, 2, 40, 700])
  func `the columns of a part say what its records do`(count: Int) throws {
    let records = Self.records(count, seed: UInt64(count))
    try Self.check(Self.part(records, docIDs: (0..<UInt32(count)).reversed()), records)
  }

  @Test func `merged columns are those of the documents that stay`() throws {
    let records = Self.records(100, seed: 3)
    // Odd ones in one part and even ones in the other, newest first.
    let parts = try [1, 0].map { rest in
      let docIDs = [Int]((0..<100).filter { $0 % 2 == rest }.reversed())
      return try Self.part(docIDs.map { records[$0] }, docIDs: docIDs.map { UInt32($0) })
    }
    let kept = (0..<100).filter { $0 % 9 != 0 }
    let keys = kept.map { DocumentKey(receivedAt: Timestamp(rawValue: Int64($0)), docID: DocID(rawValue: UInt32($0))) }
    let disk = CrashableFileSystem()
    try disk.createDirectory("d")
    var writer = try SegmentWriter(fileSystem: disk, directory: "d", number: 7, analyzerHash: 1)
    try PartMerger(parts, keeping: keys).write(of: UserID(rawValue: 3), to: &writer) { _ in }
    _ = try writer.finish()
    let segment = try SegmentTests.open(disk)
    let merged = try SegmentPart(segment, try #require(segment.fences.parts.first))
    try Self.check(merged, kept.reversed().map { records[$0] })
    let lengths = try merged.lengths()
    for (ordinal, number) in kept.reversed().enumerated() {
      let words = lengths.wordCount(at: ordinal)
      #expect(words <= number + 12 && words * 8 >= number * 7, "\(number) words and those of the header")
    }
  }

  @Test(arguments: [0, 1, 15, 16, 17, 31, 32, 100, 1_000, 1 << 20, 1 << 30, Int.max])
  func `a number of words is kept to within an eighth`(count: Int) {
    let kept = WordCount(count).value
    #expect(kept <= count && (count < 16 ? kept == count : count > 1 << 34 || kept > count - count / 8 - 1))
    #expect(WordCount(kept).value == kept)
  }

  @Test func `lengths of words keep their order`() {
    let lengths = (0..<5_000).map { WordCount($0).rawValue }
    #expect(lengths == lengths.sorted())
  }
}
