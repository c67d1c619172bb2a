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
      // A common word now and then many times, a rare one of its own.
      record.body =
        (0..<Int.random(in: 0..<30, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
        .joined(separator: " ") + " everywhere everywhere own\(docID)"
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

  private static func invert(_ mails: [Mail], _ writer: inout SegmentWriter) throws {
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
}
