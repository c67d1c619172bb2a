import Bytes
import TestSupport
import Testing

@testable import Index

@Suite struct TermFilterTests {
  @Test(arguments: [1, 2, 7, 32])
  func `every term of every document passes, and hardly any other`(documentCount: Int) throws {
    var random = SeededGenerator(seed: UInt64(documentCount))
    let lists = (0..<documentCount).map { _ in
      Set((0..<150).map { _ in UInt32.random(in: 0...UInt32.max, using: &random) }).sorted()
    }
    let filter = TermFilter(lists)
    for (index, list) in lists.enumerated() {
      for hash in list { #expect(filter.documents(for: hash) & 1 << UInt32(index) != 0) }
    }
    let passed = (0..<20_000).count { _ in filter.documents(for: UInt32.random(in: 0...UInt32.max, using: &random)) != 0
    }
    #expect(passed < 40, "expected about 10 of 20,000 foreign terms to pass, \(passed) did")
    var writer = ByteWriter()
    filter.encode(into: &writer, documentCount: documentCount)
    var reader = ByteReader(writer.bytes)
    #expect(try TermFilter(from: &reader, documentCount: documentCount) == filter)
  }

  @Test func `a filter of no terms lets nothing pass`() {
    #expect(TermFilter([[], []]).documents(for: 17) == 0)
  }
}
