import Analysis
import Bytes
import TestSupport
import Testing

@testable import Index

/// A part that was merged is, byte by byte, the one that is made of the documents at once.
@Suite struct PartMergerTests {
  private static let user = UserID(rawValue: 3)

  private struct Mail {
    var key: DocumentKey
    var record: ExtractedTextRecord
  }

  /// In order of arrival.
  private static func mails(_ count: Int, isByDate: Bool, _ random: inout SeededGenerator) -> [Mail] {
    let words = (0..<40).map { "word\($0)" } + ["a", "é", "한국어", "longer-than-eight", "longer-than-eighty"]
    return (1...UInt32(count)).map { docID in
      var record = ExtractedTextRecord()
      record.subject = words.randomElement(using: &random) ?? ""
      record.from = [.init(name: nil, address: "p\(UInt32.random(in: 0..<5, using: &random))@x.example")]
      // One of three has more of a word than positions are kept of; each has a word of its own.
      let repeated = docID % 3 == 0 && count < 100 ? PostingPositions.limit + 5 : 2
      record.body =
        (0..<Int.random(in: 0..<30, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
        .joined(separator: " ") + String(repeating: " everywhere", count: repeated) + " own\(docID)"
      record.messageID = "\(docID)@x.example"
      let date = isByDate ? Int64(docID) : .random(in: 0..<Int64(count / 2 + 1), using: &random)
      return Mail(
        key: DocumentKey(receivedAt: Timestamp(rawValue: date), docID: DocID(rawValue: docID)), record: record)
    }
  }

  private static func segment(
    _ disk: CrashableFileSystem, _ number: UInt64, _ write: (inout SegmentWriter) throws -> Void
  ) throws -> SegmentReader {
    var writer = try SegmentWriter(fileSystem: disk, directory: "d", number: number, analyzerHash: 1)
    try write(&writer)
    _ = try writer.finish()
    let segment = try SegmentReader(
      fileSystem: disk, directory: "d", number: number, caches: IndexCaches(byteCount: 1 << 22))
    #expect(segment.verify().isEmpty)
    return segment
  }

  private static func invert(_ mails: [Mail], of user: UserID = user, _ writer: inout SegmentWriter) throws {
    let newestFirst = mails.sorted { $0.key > $1.key }
    var inverter = Inverter(try .builtIn())
    for mail in newestFirst { inverter.add(mail.record) }
    writer.beginPart(of: user, docIDs: newestFirst.map(\.key.docID.rawValue))
    try inverter.write(to: &writer)
    try writer.endPart(inverter.columns, truncated: inverter.truncated)
  }

  private static func streamBytes(_ segment: SegmentReader) throws -> [UInt8] {
    let fence = try #require(segment.fences.part(of: user))
    return Array(try segment.read(at: 0, byteCount: Int(fence.byteCount)))
  }

  @Test(arguments: [(2, 3), (40, 2), (700, 2), (700, 9), (1_500, 5)], [true, false])
  func `a merged part is the part of all its documents`(size: (count: Int, parts: Int), isByDate: Bool) throws {
    var random = SeededGenerator(seed: UInt64(size.count * 10 + size.parts))
    for share in [0, 1, 30, 99] {
      let disk = CrashableFileSystem()
      try disk.createDirectory("d")
      let mails = Self.mails(size.count, isByDate: isByDate, &random)
      let cuts = (1..<size.parts).map { _ in Int.random(in: 0...size.count, using: &random) }.sorted()
      let parts = try zip([0] + cuts, cuts + [size.count]).enumerated().compactMap { number, range -> SegmentPart? in
        if range.0 == range.1 { return nil }
        let segment = try Self.segment(disk, UInt64(number + 1)) {
          try Self.invert(Array(mails[range.0..<range.1]), &$0)
        }
        return try SegmentPart(segment, try #require(segment.fences.parts.first))
      }
      let kept = mails.filter { _ in Int.random(in: 0..<100, using: &random) >= share }
      let merger = PartMerger(parts, keeping: kept.map(\.key))
      #expect(merger.isEmpty == kept.isEmpty)
      if kept.isEmpty { continue }
      let merged = try Self.segment(disk, 98) { try merger.write(of: Self.user, to: &$0) { _ in } }
      let direct = try Self.segment(disk, 99) { try Self.invert(kept, &$0) }
      #expect(try Self.streamBytes(merged) == Self.streamBytes(direct), "\(share) of a hundred went")
    }
  }

  @Test func `a document in two of the parts is an error`() throws {
    var random = SeededGenerator(seed: 5)
    let disk = CrashableFileSystem()
    try disk.createDirectory("d")
    let mails = Self.mails(3, isByDate: true, &random)
    let parts = try [1, 2].map { number in
      let segment = try Self.segment(disk, UInt64(number)) { try Self.invert(mails, &$0) }
      return try SegmentPart(segment, try #require(segment.fences.parts.first))
    }
    let merger = PartMerger(parts, keeping: mails.map(\.key))
    let thrown = #expect(throws: IndexError.self) {
      _ = try Self.segment(disk, 98) { try merger.write(of: Self.user, to: &$0) { _ in } }
    }
    #expect(thrown?.code == .corrupt)
  }

  @Test func `damage in another user's part is no concern of a merge`() throws {
    var random = SeededGenerator(seed: 8)
    let disk = CrashableFileSystem()
    try disk.createDirectory("d")
    let mails = Self.mails(400, isByDate: true, &random)
    let users = (1...3 as ClosedRange<UInt32>).map(UserID.init(rawValue:))
    let segment = try Self.segment(disk, 1) { writer in
      for user in users { try Self.invert(mails, of: user, &writer) }
    }
    // A page that lies in the second user's part and touches no other.
    let second = try #require(segment.fences.part(of: users[1]))
    let page = second.offset / UInt64(PagedWriter.pageByteCount) + 2
    let stored = UInt64(PagedWriter.pageByteCount + PagedWriter.checksumByteCount)
    let file = try disk.open(segment.path, .readWrite)
    try file.write([0xAA, 0x55, 0xAA], at: UInt64(IndexFileFormat.headerByteCount) + page * stored + 7)
    let damaged = try SegmentReader(
      fileSystem: disk, directory: "d", number: 1, caches: IndexCaches(byteCount: 1 << 22))
    #expect(Set(damaged.verify().compactMap(\.user)) == [users[1]])
    for user in [users[0], users[2]] {
      let part = try SegmentPart(damaged, try #require(damaged.fences.part(of: user)))
      let merger = PartMerger([part], keeping: mails.map(\.key))
      _ = try Self.segment(disk, 90 + UInt64(user.rawValue)) { try merger.write(of: user, to: &$0) { _ in } }
    }
    let part = try SegmentPart(damaged, second)
    #expect(throws: IndexError.self) {
      _ = try Self.segment(disk, 98) {
        try PartMerger([part], keeping: mails.map(\.key)).write(of: users[1], to: &$0) { _ in }
      }
    }
  }
}
