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

  @Test func `what can be refused takes what is there, or nothing`() {
    var bucket = TokenBucket(rate: 6, per: .seconds(60), burst: 6, now: .zero)
    #expect(bucket.takeIfThere(7, now: .zero) == false)
    #expect(bucket.takeIfThere(6, now: .zero) == true)
    #expect(bucket.takeIfThere(1, now: .seconds(9)) == false)
    #expect(bucket.takeIfThere(1, now: .seconds(11)) == true)
    #expect(bucket.takeIfThere(1, now: .seconds(19)) == false)
    #expect(bucket.takeIfThere(6, now: .seconds(1_000)) == true)
    #expect(bucket.takeIfThere(1, now: .seconds(1_000)) == false, "no more than the burst has gathered")
  }

  @Test func `a clock that is read late gives and takes nothing`() {
    var bucket = TokenBucket(rate: 1, burst: 2, now: .seconds(10))
    #expect(bucket.takeIfThere(2, now: .seconds(10)) == true)
    #expect(bucket.takeIfThere(1, now: .seconds(9)) == false)
    #expect(bucket.takeIfThere(1, now: .seconds(11)) == true)
  }
}
