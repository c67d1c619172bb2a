import Bytes
import Testing

@testable import MailStore

struct RetryBackoffTests {
  @Test func `delays double from the first to the longest, less a random part of a half at most`() {
    let backoff = RetryBackoff(first: .seconds(1), longest: .seconds(300))
    var random = SplitMix64(seed: 7)
    for tries in 1...40 {
      let whole = min(Duration.seconds(300), .seconds(1 << min(tries - 1, 20)))
      for _ in 0..<50 {
        let delay = backoff.delay(after: tries, using: &random)
        #expect(delay <= whole && delay >= whole / 2, "after \(tries) tries: \(delay)")
      }
    }
  }

  @Test func `mails that failed together do not come again together`() {
    var random = SplitMix64(seed: 8)
    let delays = (0..<100).map { _ in RetryBackoff().delay(after: 9, using: &random) }
    #expect(Set(delays).count == 100)
    #expect(delays.contains { $0 < .seconds(150) } && delays.contains { $0 > .seconds(230) })
  }

  @Test func `one seed makes one row of delays`() {
    let rows = (0..<2).map { _ in
      var random = SplitMix64(seed: 9)
      return (1...10).map { RetryBackoff().delay(after: $0, using: &random) }
    }
    #expect(rows[0] == rows[1])
  }

  @Test func `numbers out of all bounds are no trap`() {
    var random = SplitMix64(seed: 10)
    let backoff = RetryBackoff(first: .seconds(90_000), longest: .seconds(80_000))
    for tries in [Int.min, -1, 0, 1, 31, Int.max] {
      #expect(backoff.delay(after: tries, using: &random) <= .seconds(80_000))
    }
  }
}
