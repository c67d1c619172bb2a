import Analysis
import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct ExtractedTextRecordTests {
  static let example: ExtractedTextRecord = {
    var record = ExtractedTextRecord()
    record.subject = "Hi"
    record.from = [.init(name: "Al", address: "a@x.example")]
    record.to = [.init(name: nil, address: "b@x.example")]
    record.body = "Lunch?"
    record.attachmentNames = ["m.pdf"]
    record.attachmentTexts = [.init(filename: "m.pdf", text: "menu")]
    record.listID = nil
    record.messageID = "1@x"
    record.kinds = [FileKinds(.pdf)]
    return record
  }()

  @Test func `the example of the format page has exactly these bytes`() {
    let expected =
      "03 02 48 69 01 01 02 41 6c 0b 61 40 78 2e 65 78 61 6d 70 6c 65 01 00 0b 62 40 78 2e 65 78 61 6d 70 6c 65 00 00 00 "
      + "06 4c 75 6e 63 68 3f 01 05 6d 2e 70 64 66 01 01 05 6d 2e 70 64 66 04 6d 65 6e 75 00 01 03 31 40 78 01"
    #expect(hex(Self.example.encode()) == expected)
  }

  @Test func `what was encoded is decoded`() throws {
    #expect(try ExtractedTextRecord.decode(Self.example.encode()) == Self.example)
    #expect(try ExtractedTextRecord.decode(ExtractedTextRecord().encode()) == ExtractedTextRecord())
  }

  @Test func `a record of version 1 has the kinds that its names tell`() throws {
    let bytes = [1] + Self.secondVersion.dropFirst().dropLast()
    #expect(try ExtractedTextRecord.decode(bytes) == Self.exampleWithoutNames)
  }

  /// The example as version 2 had it.
  private static let secondVersion: [UInt8] = {
    var bytes = example.encode()
    bytes[0] = 2
    // The flag and the name of the text's file.
    let name = Array("\u{1}\u{5}m.pdf".utf8)
    let text = Array("\u{4}menu".utf8)
    let start = (0..<bytes.count).first { bytes[$0...].starts(with: name + text) }!
    bytes.removeSubrange(start..<start + name.count)
    return bytes
  }()

  /// As versions 1 and 2 knew it.
  static var exampleWithoutNames: ExtractedTextRecord {
    var record = example
    record.attachmentTexts[0].filename = nil
    return record
  }

  @Test func `a record of version 2 has texts without the names of their files`() throws {
    #expect(try ExtractedTextRecord.decode(Self.secondVersion) == Self.exampleWithoutNames)
  }

  @Test func `a record without attachments' texts is written as version 2, to the byte`() {
    var record = Self.example
    record.attachmentTexts = []
    let expected =
      "02 02 48 69 01 01 02 41 6c 0b 61 40 78 2e 65 78 61 6d 70 6c 65 01 00 0b 62 40 78 2e 65 78 61 6d 70 6c 65 00 00 00 "
      + "06 4c 75 6e 63 68 3f 01 05 6d 2e 70 64 66 00 00 01 03 31 40 78 01"
    #expect(hex(record.encode()) == expected)
  }

  @Test func `every truncation is an error`() {
    let bytes = Self.example.encode()
    for count in 0..<bytes.count {
      #expect(throws: DecodingError.self, "\(count) bytes") { try ExtractedTextRecord.decode(Array(bytes[..<count])) }
    }
  }

  @Test func `an unknown version and bytes past the end are errors`() {
    var bytes = Self.example.encode()
    #expect(throws: DecodingError.self) { try ExtractedTextRecord.decode(bytes + [0]) }
    bytes[0] = 4
    #expect(throws: DecodingError.self) { try ExtractedTextRecord.decode(bytes) }
  }

  @Test func `random bytes never trap`() {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<20_000 {
      var bytes = Self.example.encode()
      for _ in 0..<3 {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      _ = try? ExtractedTextRecord.decode(bytes)
    }
  }

  @Test func `texts over their limit are cut between scalars`() {
    var record = ExtractedTextRecord()
    record.subject = String(repeating: "é", count: ExtractedTextRecord.headerTextLimit)
    record.to = (0..<5_000).map { .init(name: nil, address: "\($0)@example.com") }
    record.attachmentTexts = (0..<5_000).map { _ in
      .init(filename: String(repeating: "ö", count: 600), text: String(repeating: "é", count: 3_000))
    }
    let bounded = record.bounded()
    let attachments = bounded.attachmentTexts
    #expect(attachments.count == ExtractedTextRecord.listLimit)
    #expect(attachments.reduce(0) { $0 + $1.text.utf8.count } == ExtractedTextRecord.textLimit)
    #expect(attachments.reduce(0) { $0 + ($1.filename ?? "").utf8.count } <= ExtractedTextRecord.textLimit / 16)
    #expect(bounded.subject == String(repeating: "é", count: ExtractedTextRecord.headerTextLimit / 2))
    #expect(bounded.to.count == ExtractedTextRecord.listLimit)
    #expect(bounded.bounded() == bounded)
  }

  @Test func `a record holds the hash of each term of each field`() throws {
    let analyzers = try AnalyzerSet.builtIn()
    let encoded = EncodedRecord.make(Self.example, analyzers)
    for term in ["hi", "al", "a", "a@x.example", "x.example", "b@x.example", "lunch", "m.pdf", "pdf", "menu"] {
      #expect(encoded.mayContain(termHash(Array(term.utf8))), "\(term)")
    }
    #expect(encoded.mayContain(EncodedRecord.messageIDHash("1@x")))
    #expect(!encoded.mayContain(termHash(Array("dinner".utf8))))
    #expect(encoded.termHashes == Array(Set(encoded.termHashes)).sorted())
    #expect(try EncodedRecord.open(encoded.frame) == Self.example)
    #expect(try EncodedRecord.make(frame: encoded.frame, analyzers) == encoded)
  }
}
