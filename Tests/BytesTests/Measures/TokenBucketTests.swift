import Bytes
import Testing

@Suite struct TokenBucketTests {
  @Test func `a burst is free, and what is over it is waited for at the rate`() {
    var bucket = TokenBucket(rate: 100, burst: 50, now: .seconds(7))
    #expect(bucket.take(50, now: .seconds(7)) == .zero)
    #expect(bucket.take(25, now: .seconds(7)) == .milliseconds(250))
    #expect(bucket.take(0, now: .milliseconds(7_250)) == .zero)
  }

  @Test func `what was not taken gathers up to the burst and no further`() {
    var bucket = TokenBucket(rate: 100, burst: 50, now: .zero)
    #expect(bucket.take(50, now: .seconds(1_000)) == .zero)
    #expect(bucket.take(100, now: .seconds(1_000)) == .seconds(1))
  }

  @Test(arguments: [1, 3, 1_000, 70_000])
  func `whatever the size of the pieces, waiting as told keeps to the rate`(piece: Int) {
    var now = Duration.zero
    var bucket = TokenBucket(rate: 10_000, burst: 500, now: now)
    var taken = 0
    while taken < 200_000 {
      taken += piece
      now += bucket.take(piece, now: now)
    }
    let expected = Double(taken - 500) / 10_000
    #expect(abs(now / .seconds(1) - expected) < 0.01)
  }
}
