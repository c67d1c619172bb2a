import Bytes
import Testing

@testable import Query

@Suite struct RelevanceFormulaTests {
  @Test func `a rarer word counts more, and one that every mail has still counts`() {
    let values = [1, 10, 100, 999, 1_000].map { RelevanceFormula.inverseDocumentFrequency(of: $0, among: 1_000) }
    #expect(values == values.sorted(by: >))
    #expect(values.last! > 0)
    // A count that is too high is taken for all.
    #expect(RelevanceFormula.inverseDocumentFrequency(of: 2_000, among: 1_000) == values.last)
  }

  @Test func `more occurrences count more, and ever less so; in a longer mail they count less`() {
    let shares = [1, 2, 3, 200, 255].map { RelevanceFormula.share(Float($0), wordCount: 256) }
    #expect(shares == shares.sorted())
    #expect(shares[1] - shares[0] > shares[2] - shares[1])
    #expect(shares.last! < 1)
    #expect(RelevanceFormula.share(1, wordCount: 5_000) < RelevanceFormula.share(1, wordCount: 50))
  }

  @Test func `new mail counts twice, half a year old mail half as much more, and mail of the future as new`() {
    let now = Timestamp(rawValue: 1_700_000_000_000)
    func recency(_ days: Int64) -> Float {
      RelevanceFormula.recency(of: Timestamp(rawValue: now.rawValue - days * 86_400_000), at: now)
    }
    #expect(recency(0) == 2)
    #expect(recency(-9) == 2)
    #expect(abs(recency(180) - 1.5) < 0.001)
    #expect(recency(36_500) > 1 && recency(36_500) < 1.01)
  }
}
