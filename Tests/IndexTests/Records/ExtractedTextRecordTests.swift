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
    record.attachmentTexts = ["menu"]
    record.listID = nil
    record.messageID = "1@x"
    record.kinds = [FileKinds(.pdf)]
    return record
  }()

  @Test func `the example of the format page has exactly these bytes`() {
    let expected =
      "02 02 48 69 01 01 02 41 6c 0b 61 40 78 2e 65 78 61 6d 70 6c 65 01 00 0b 62 40 78 2e 65 78 61 6d 70 6c 65 00 00 00 "
      + "06 4c 75 6e 63 68 3f 01 05 6d 2e 70 64 66 01 04 6d 65 6e 75 00 01 03 31 40 78 01"
    #expect(hex(Self.example.encode()) == expected)
  }

  @Test func `what was encoded is decoded`() throws {
    #expect(try ExtractedTextRecord.decode(Self.example.encode()) == Self.example)
    #expect(try ExtractedTextRecord.decode(ExtractedTextRecord().encode()) == ExtractedTextRecord())
  }

  @Test func `a record of version 1 has the kinds that its names tell`() throws {
    var bytes = Self.example.encode()
    bytes[0] = 1
    bytes.removeLast()
    #expect(try ExtractedTextRecord.decode(bytes) == Self.example)
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
    bytes[0] = 3
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
    let bounded = record.bounded()
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
