import Analysis
import Testing

struct TermHashTests {
  /// Filters on disk hold these numbers: a change here is a change of format.
  @Test(arguments: [
    ("", 0 as UInt32),
    ("a", 2019888335),
    ("com", 2458386506),
    ("meeting", 3278088363),
    ("meetings", 2017876236),
    ("alice@example.com", 4026962432),
    ("회의", 1291480179),
  ])
  func `the hash of a term never changes`(term: String, hash: UInt32) {
    #expect(termHash(Array(term.utf8)) == hash, "\(term): \(termHash(Array(term.utf8)))")
  }

  @Test func `zeros at the end count`() {
    #expect(Set((0..<20).map { termHash([UInt8](repeating: 0, count: $0)) }).count == 20)
  }

  @Test func `neighbouring terms rarely share a hash`() {
    let hashes = (0..<100_000).map { termHash(Array("term\($0)".utf8)) }
    // 100,000 random values of 32 bits meet 1.2 times on average.
    #expect(Set(hashes).count > hashes.count - 12)
  }
}
