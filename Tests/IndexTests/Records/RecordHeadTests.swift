import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct RecordHeadTests {
  /// What the whole record has of people, in the order in which the head tells it.
  private func people(_ record: ExtractedTextRecord) -> [String] {
    zip(["from", "to", "cc", "bcc"], [record.from, record.to, record.cc, record.bcc]).flatMap { list, people in
      people.map { "\(list) \($0.name ?? "") <\($0.address)>" }
    }
  }

  private func people(_ head: RecordHead) -> [String] {
    var people: [String] = []
    head.forEachPerson { list, name, address in
      people.append("\(list) \(String(decoding: name, as: UTF8.self)) <\(String(decoding: address, as: UTF8.self))>")
    }
    return people
  }

  private func record(_ random: inout SeededGenerator) -> ExtractedTextRecord {
    func text() -> String { ["", "a", "회의 록", String(repeating: "é", count: 90)].randomElement(using: &random) ?? "" }
    func list() -> [ExtractedTextRecord.Address] {
      (0..<Int.random(in: 0...3, using: &random)).map { _ in
        .init(name: Bool.random(using: &random) ? text() : nil, address: text())
      }
    }
    var record = ExtractedTextRecord()
    record.subject = text()
    (record.from, record.to, record.cc, record.bcc, record.replyTo) = (list(), list(), list(), list(), list())
    record.body = text()
    return record
  }

  @Test(arguments: 0..<50 as Range<UInt64>) func `subject and people are those of the record`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let record = record(&random)
    let head = try EncodedRecord.openHead(EncodedRecord.frame(of: record))
    #expect(head.subject == record.subject, "seed \(seed)")
    #expect(people(head) == people(record), "seed \(seed)")
  }

  @Test func `a truncation before the end of the people is an error, one behind it is not looked at`() throws {
    var record = ExtractedTextRecordTests.example
    record.bcc = [.init(name: "Z", address: "z@x.example")]
    let bytes = record.encode()
    let end = try #require((0..<bytes.count).first { bytes[$0...].starts(with: Array("z@x.example".utf8)) }) + 11
    for count in 0..<end {
      #expect(throws: DecodingError.self, "\(count) bytes") { try RecordHead(Array(bytes[..<count])) }
    }
    for count in end...bytes.count { #expect(try people(RecordHead(Array(bytes[..<count]))) == people(record)) }
  }

  @Test func `an unknown version and a flag that is none are errors`() {
    var bytes = ExtractedTextRecordTests.example.encode()
    bytes[0] = 9
    #expect(throws: DecodingError.self) { try RecordHead(bytes) }
    // Behind version, subject and the number of senders.
    bytes = ExtractedTextRecordTests.example.encode()
    bytes[5] = 2
    #expect(throws: DecodingError.self) { try RecordHead(bytes) }
  }

  @Test(arguments: [
    "Alice@Example.COM", "", "Jos\u{C9}@X.example", "\u{212A}im@x.example", String(repeating: "aB", count: 200),
    String(repeating: "\u{C9}", count: 200), "\u{130}x@y.example",
  ])
  func `an address is folded from its bytes as it is from its text`(address: String) {
    #expect(
      ExtractedTextRecord.senderAddress(Array(address.utf8)[...])
        == Array(ExtractedTextRecord.senderAddress(address).utf8))
  }
}
