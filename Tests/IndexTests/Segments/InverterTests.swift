import Analysis
import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct InverterTests {
  @Test func `a part holds every term of every field of every document, and no other`() throws {
    let analyzers = try AnalyzerSet.builtIn()
    let records = ["budget 2024 회의록", "Re: budget", "the_lord_of_rings", ""].enumerated().map { index, subject in
      var record = Samples.record(subject, body: "Grüße aus \(subject) \(index)")
      record.attachmentNames = ["plan_\(index).pdf"]
      record.listID = "list.example.org"
      return record
    }
    var inverter = Inverter(analyzers)
    for record in records { inverter.add(record) }
    let disk = CrashableFileSystem()
    try disk.createDirectory("d")
    var writer = try SegmentWriter(fileSystem: disk, directory: "d", number: 7, analyzerHash: 1)
    writer.beginPart(of: UserID(rawValue: 3), docIDs: [40, 30, 20, 10])
    try inverter.write(to: &writer)
    try writer.endPart()
    _ = try writer.finish()
    let found = try SegmentTests.contents(try SegmentTests.open(disk))

    var expected: [String: UInt16] = [:]
    for (index, record) in records.enumerated() {
      for field in RecordField.allCases {
        record.forEachValue(of: field) { value in
          for token in analyzers[field.analyzer].tokens(value) {
            let key = "3 \(String(decoding: token.term, as: UTF8.self)) \(40 - index * 10)"
            expected[key, default: 0] |= RecordFields(field).rawValue
          }
        }
      }
      expected["3 \0\(record.messageID!) \(40 - index * 10)"] = Inverter.messageIDMask
    }
    #expect(Set(found) == Set(expected.map { "\($0) \($1)" }))
    #expect(found.count == expected.count)
  }
}
