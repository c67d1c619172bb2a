import Analysis
import Index
import Testing

struct BeginningSetTests {
  @Test func `a record's set knows how each of its terms begins, and that few others do`() throws {
    let analyzers = try AnalyzerSet.builtIn()
    var record = ExtractedTextRecord()
    record.subject = "The budget of the year, café 회의록"
    record.from = [.init(name: "Alice Example", address: "alice@mail.example.com")]
    record.body = (0..<200).map { "w\($0)x" }.joined(separator: " ")
    let encoded = EncodedRecord.make(record, analyzers)
    let set = try #require(encoded.beginnings)
    for term in ["budget", "cafe", "café", "회의", "alice@mail.example.com", "mail.example.com", "w199x"] {
      let bytes = Array(term.utf8)
      for length in 1...bytes.count { #expect(set.mayContain(Array(bytes.prefix(length))), "\(term) \(length)") }
    }
    #expect(set.mayContain([]) && set.mayContain(Array("zz".utf8)), "what is short may begin anything")
    let letters = Array("abcdefghijklmnopqrstuvwxyz".utf8)
    let others = letters.flatMap { first in letters.map { [first, $0, UInt8(ascii: "!")] } }
    #expect(others.count(where: set.mayContain) < others.count / 5)
    #expect(try EncodedRecord.make(frame: encoded.frame, analyzers) == encoded, "and so does one that is read again")
    #expect(EncodedRecord(frame: encoded.frame, termHashes: []).beginnings == nil)
  }
}
