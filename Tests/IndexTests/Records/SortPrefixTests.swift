import TestSupport
import Testing

@testable import Index

@Suite struct SortPrefixTests {
  @Test func `prefixes compare as their keys do, and where they are equal the keys are equal or longer than both`() {
    var random = SeededGenerator(seed: 1)
    let keys = (0..<400).map { _ in
      (0..<Int.random(in: 0...10, using: &random)).map { _ in UInt8.random(in: 0...1, using: &random) }
    }
    for left in keys {
      for right in keys {
        let (own, other) = (SortPrefix(left), SortPrefix(right))
        if own < other { #expect(left.lexicographicallyPrecedes(right)) }
        if own == other { #expect(left == right || (!own.isWhole && !other.isWhole)) }
      }
    }
    #expect(SortPrefix([]).isWhole && SortPrefix([1, 2, 3, 4, 5, 6, 7]).isWhole)
    #expect(!SortPrefix([1, 2, 3, 4, 5, 6, 7, 8]).isWhole)
  }

  @Test func `a key is folded, cut, and without marks of replies`() {
    var record = ExtractedTextRecord()
    record.subject = " Re: AW: 답장: BUDGET " + String(repeating: "x", count: 300)
    #expect(String(decoding: record.subjectSortKey, as: UTF8.self).hasPrefix("budget xx"))
    #expect(record.subjectSortKey.count == ExtractedTextRecord.sortKeyLimit)
    record.from = [.init(name: "", address: "Al@X.Example"), .init(name: "Bo", address: "bo@x.example")]
    #expect(record.senderSortKey == Array("al@x.example".utf8) && record.senderAddress == "al@x.example")
    record.from[0].name = "ÄL"
    #expect(record.senderSortKey == Array("äl".utf8))
    record.from[0].address = String(repeating: "é", count: 200)
    #expect(record.senderAddress == String(repeating: "é", count: 127), "cut between scalars")
    record.from = []
    #expect(record.senderSortKey.isEmpty && record.senderAddress.isEmpty)
  }
}
