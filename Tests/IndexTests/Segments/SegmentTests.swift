import Analysis
import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct SegmentTests {
  /// Two users: three mails of one, the second older than the first; one mail of the other. As on the format page.
  static func write(_ disk: CrashableFileSystem) throws {
    try disk.createDirectory("d")
    var writer = try SegmentWriter(fileSystem: disk, directory: "d", number: 7, analyzerHash: 0x1122_3344_5566_7788)
    writer.beginPart(of: UserID(rawValue: 3), docIDs: [9, 7, 8])
    var postings = TermPostings()
    postings.append(0, field: 0, position: 0)
    for (field, position) in [(0, 1), (5, 4), (5, 9)] as [(UInt8, UInt32)] {
      postings.append(2, field: field, position: position)
    }
    try writer.append(Array("budget".utf8), postings)
    postings.removeAll()
    postings.append(1, field: 5, position: 3)
    postings.append(1, field: 5, position: 7)
    try writer.append(Array("budgets".utf8), postings)
    var columns = ColumnBuilder()
    for (name, address, subject, names, count) in [
      ("Al", "al@x.example", "Budget", ["m.pdf"], 30), (nil, "bo@x.example", "Re: Plan for May", [], 9),
      ("Al", "al@x.example", "Re: budget", [], 10),
    ] as [(String?, String, String, [String], Int)] {
      var record = ExtractedTextRecord()
      record.subject = subject
      record.from = [.init(name: name, address: address)]
      record.kinds = FileKinds(ofNames: names)
      columns.append(record, wordCount: count)
    }
    try writer.endPart(columns)
    writer.beginPart(of: UserID(rawValue: 4), docIDs: [1])
    postings.removeAll()
    postings.append(0, field: 0, position: 0)
    try writer.append(Array("hi".utf8), postings)
    try writer.endPart(ColumnBuilder(count: 1))
    _ = try writer.finish()
  }

  static func open(_ disk: CrashableFileSystem) throws -> SegmentReader {
    try SegmentReader(fileSystem: disk, directory: "d", number: 7, caches: IndexCaches(byteCount: 1 << 22))
  }

  /// All postings of all parts, as text.
  static func contents(_ segment: SegmentReader) throws -> [String] {
    try segment.fences.parts.flatMap { fence -> [String] in
      let part = try SegmentPart(segment, fence)
      var lines: [String] = []
      var terms = try PartTerms(part)
      while let entry = terms.entry {
        var cursor = try part.postings(of: entry)
        while cursor.ordinal != PostingCursor.end {
          let term = String(decoding: terms.term, as: UTF8.self)
          let places = try RecordField.allCases.map { field in
            var positions = PositionList()
            try cursor.appendPositions(in: field, to: &positions)
            return positions.positions.map { "\(field)@\($0)" }
          }
          let docID = part.docIDs[Int(cursor.ordinal)]
          lines.append("\(fence.user) \(term) \(docID): \(places.joined().joined(separator: " "))")
          try cursor.next()
        }
        try terms.next()
      }
      return lines
    }
  }

  @Test func `the example of the format page has exactly these bytes`() throws {
    let disk = CrashableFileSystem()
    try Self.write(disk)
    let bytes = hex(try disk.readFile("d/0000000007.seg"))
    #expect(bytes == Self.golden)
  }

  @Test func `what was written is read`() throws {
    let disk = CrashableFileSystem()
    try Self.write(disk)
    let segment = try Self.open(disk)
    #expect(
      try Self.contents(segment) == [
        "3 budget 9: subject@0", "3 budget 8: subject@1 body@4 body@9", "3 budgets 7: body@3 body@7",
        "4 hi 1: subject@0",
      ])
    #expect(segment.documentCount == 4)
    #expect(segment.fences.part(of: UserID(rawValue: 5)) == nil)
    #expect(segment.verify().isEmpty)
  }

  @Test func `every flipped bit is found by verify, and no read gives what was not written or traps`() throws {
    let disk = CrashableFileSystem()
    try Self.write(disk)
    let good = try disk.readFile("d/0000000007.seg")
    let contents = try Self.contents(Self.open(disk))
    for (offset, flipped) in flips(of: good) {
      let damaged = CrashableFileSystem()
      try damaged.createDirectory("d")
      try damaged.createFile("d/0000000007.seg", with: flipped)
      do {
        let segment = try Self.open(damaged)
        #expect(!segment.verify().isEmpty, "flipped byte \(offset)")
        #expect(try Self.contents(segment) == contents, "flipped byte \(offset)")
      } catch let error as IndexError {
        #expect(
          error.code == .corrupt && error.message.contains("d/0000000007.seg"), "flipped byte \(offset): \(error)")
      }
    }
  }

  @Test func `a file cut short is an error that names it`() throws {
    let disk = CrashableFileSystem()
    try Self.write(disk)
    let good = try disk.readFile("d/0000000007.seg")
    for count in 0..<good.count {
      let damaged = CrashableFileSystem()
      try damaged.createDirectory("d")
      try damaged.createFile("d/0000000007.seg", with: Array(good[..<count]))
      #expect(throws: IndexError.self, "\(count) bytes") { try Self.open(damaged) }
    }
  }

  @Test func `what is read over the ends of pages is whole`() throws {
    let disk = CrashableFileSystem()
    try disk.createDirectory("d")
    var writer = try SegmentWriter(fileSystem: disk, directory: "d", number: 7, analyzerHash: 1)
    writer.beginPart(of: UserID(rawValue: 1), docIDs: Array((0..<40_000 as Range<UInt32>).reversed()))
    let terms = (0..<300).map { "term\(1_000 + $0)" }
    for (index, term) in terms.enumerated() {
      let ordinals = Array(stride(from: UInt32(index), to: 40_000, by: index + 2))
      try writer.append(Array(term.utf8), TermPostings(ordinals, ordinals.map { UInt16($0 % 3 + 1) }))
    }
    try writer.endPart(ColumnBuilder(count: 40_000))
    _ = try writer.finish()
    let segment = try Self.open(disk)
    #expect(segment.byteCount > 20 * UInt64(PagedWriter.pageByteCount))
    let part = try SegmentPart(segment, try #require(segment.fences.parts.first))
    for (index, term) in terms.enumerated() {
      var found: [UInt32] = []
      var cursor = try part.postings(of: try #require(try part.entry(of: Array(term.utf8))))
      while cursor.ordinal != PostingCursor.end {
        found.append(cursor.ordinal)
        try cursor.next()
      }
      #expect(found == Array(stride(from: UInt32(index), to: 40_000, by: index + 2)))
    }
    #expect(segment.verify().isEmpty)
  }

  static let golden =
    "4d 44 58 53 45 47 34 0a 07 00 00 00 00 00 00 00 88 77 66 55 44 33 22 11 f8 e3 f3 4d 41 02 02 01 "
    + "21 02 01 04 03 08 09 00 00 06 62 75 64 67 65 74 02 0b 06 01 73 01 01 20 07 06 03 1e 00 02 61 6c "
    + "02 0a 40 78 2e 65 78 61 6d 70 6c 65 00 0c 62 6f 40 78 2e 65 78 61 6d 70 6c 65 02 02 08 02 09 01 "
    + "02 02 86 80 d0 ab f6 8c d9 ba 62 82 de c9 d7 eb a0 bf fb 0d 01 02 02 00 01 01 01 17 09 0a 03 00 "
    + "00 00 03 12 01 03 01 02 01 00 27 15 05 03 01 13 06 62 75 64 67 65 74 c4 a0 48 36 00 00 02 68 69 "
    + "01 00 01 00 01 02 00 00 01 00 00 00 01 00 00 01 00 00 00 04 00 00 00 01 02 01 00 08 03 03 01 01 "
    + "09 02 68 69 f0 f2 53 09 bc ea bd 18 02 03 07 02 03 0b 13 44 1d 01 01 00 01 00 09 0f 15 db 9a fd "
    + "3f cc 00 00 00 00 00 00 00 04 00 00 00 00 00 00 00 aa 1c df 2d d8 56 2f 84 71 88 68 b6 53 45 47 "
    + "45 4e 44 34 0a"
}
