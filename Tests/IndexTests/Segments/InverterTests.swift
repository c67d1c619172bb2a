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
    try writer.endPart(inverter.columns, truncated: inverter.truncated)
    _ = try writer.finish()
    let found = try SegmentTests.contents(try SegmentTests.open(disk))

    var expected: [String] = []
    for (index, record) in records.enumerated() {
      var places: [String: [RecordField: Set<Int>]] = [:]
      for field in RecordField.allCases {
        var start = 0
        record.forEachValue(of: field) { value in
          let tokens = analyzers[field.analyzer].tokens(value)
          for token in tokens {
            places[String(decoding: token.term, as: UTF8.self), default: [:]][field, default: []]
              .insert(start + token.position)
          }
          if let last = tokens.map(\.position).max() { start += last + 1 + SegmentPart.valueGap }
        }
      }
      for (term, fields) in places {
        let own = RecordField.allCases.flatMap { field in
          fields[field, default: []].sorted().map { "\(field)@\($0)" }
        }
        expected.append("3 \(term) \(40 - index * 10): \(own.joined(separator: " "))")
      }
      expected.append("3 \0\(record.messageID!) \(40 - index * 10): ")
    }
    #expect(found.sorted() == expected.sorted())
  }
}
