import TestSupport
import Testing

@testable import Index

@Suite struct ASCIISubjectTests {
  private func key(_ subject: String) -> [UInt8] {
    var record = ExtractedTextRecord()
    record.subject = subject
    return record.subjectSortKey
  }

  /// With a letter beyond ASCII behind it a subject goes the general way.
  @Test func `the key of a subject in ASCII is the one of the general way`() {
    var random = SeededGenerator(seed: 11)
    let pieces = [
      "Re:", "re :", "FWD: ", "Fw:", "antw:", "antwx:", "rif:\t", " ", "\r\n", ":", "Plan", "ZÄ".prefix(1) + "a", "x:",
    ]
    for _ in 0..<5_000 {
      let subject = (0..<Int.random(in: 0...8, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
        .joined()
      let general = key(subject + "ł")
      #expect(ASCIISubject.sortKey(subject).map { $0 + Array("ł".utf8) } == general, "\(subject.debugDescription)")
    }
    #expect(key("Re: AW: Budget 2024") == Array("budget 2024".utf8))
    #expect(ASCIISubject.sortKey("café") == nil)
    #expect(ASCIISubject.sortKey(String(repeating: "a", count: 513)) == nil)
    #expect(key(String(repeating: "a", count: 513)) == key(String(repeating: "A", count: 500)))
  }
}
