import Testing

@testable import Documents

struct LostTimeTests {
  @Test func `documents that come to nothing leave those that follow less time, and none at last`() {
    var lost = LostTime(now: .seconds(100))
    #expect(lost.limit(.seconds(10), now: .seconds(100)) == .seconds(10))
    for _ in 0..<5 { lost.note(.seconds(10)) }
    #expect(lost.limit(.seconds(20), now: .seconds(100)) == .seconds(10))
    lost.note(.seconds(1_000))
    #expect(lost.limit(.seconds(10), now: .seconds(100)) == nil)
    #expect(lost.limit(.milliseconds(500), now: .seconds(100)) == nil)
    #expect(lost.limit(.milliseconds(500), now: .seconds(104)) == .milliseconds(500))
  }

  @Test func `a quarter of the time that passes comes back, up to a minute`() {
    var lost = LostTime(now: .zero)
    lost.note(.seconds(60))
    #expect(lost.limit(.seconds(100), now: .seconds(40)) == .seconds(10))
    #expect(lost.limit(.seconds(100), now: .seconds(4_000)) == .seconds(60))
  }
}
