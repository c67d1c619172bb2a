import TestSupport
import Testing

@testable import Receipt

struct RateTableTests {
  @Test func `a client has its share of a minute at once, and then as it comes`() {
    var table = RateTable<String>(capacity: 10)
    for _ in 0..<6 { #expect(table.take(for: "a", limit: 6, now: .seconds(5)) == true) }
    #expect(table.take(for: "a", limit: 6, now: .seconds(5)) == false)
    #expect(table.take(for: "b", limit: 6, now: .seconds(5)) == true, "another has its own")
    #expect(table.take(for: "a", limit: 6, now: .seconds(14)) == false)
    #expect(table.take(for: "a", limit: 6, now: .seconds(16)) == true)
    #expect(table.take(for: "a", limit: 6, now: .seconds(16)) == false)
    for _ in 0..<6 { #expect(table.take(for: "a", limit: 6, now: .seconds(100)) == true) }
    #expect(table.take(for: "a", limit: 6, now: .seconds(100)) == false)
  }

  @Test func `a new limit begins anew`() {
    var table = RateTable<String>(capacity: 10)
    #expect(table.take(for: "a", limit: 1, now: .zero) == true)
    #expect(table.take(for: "a", limit: 1, now: .zero) == false)
    for _ in 0..<2 { #expect(table.take(for: "a", limit: 2, now: .zero) == true) }
    #expect(table.take(for: "a", limit: 2, now: .zero) == false)
  }

  @Test func `a flood of networks takes no more memory than there is for it`() {
    var table = RateTable<String>(capacity: 100)
    for number in 0..<10_000 {
      #expect(table.take(for: "client \(number)", limit: 1, now: .zero) == true)
      if table.count > 100 { Issue.record("\(table.count) clients are remembered") }
    }
    #expect(table.count >= 50)
  }

  @Test func `who comes again and again is remembered through a flood`() {
    var table = RateTable<String>(capacity: 100)
    #expect(table.take(for: "busy", limit: 1, now: .zero) == true)
    for number in 0..<10_000 {
      #expect(table.take(for: "client \(number)", limit: 1, now: .zero) == true)
      if number % 40 == 0 { #expect(table.take(for: "busy", limit: 1, now: .zero) == false, "after \(number) others") }
    }
  }

  @Test(arguments: UInt64(0)..<20)
  func `no client has more than its rate over any time, but what it is forgotten for`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var table = RateTable<String>(capacity: 1_000)
    let limit = Int.random(in: 1...60, using: &random)
    var taken = [Int](repeating: 0, count: 20)
    var now = Duration.zero
    for _ in 0..<5_000 {
      now += .milliseconds(Int.random(in: 0...200, using: &random))
      let client = Int.random(in: 0..<20, using: &random)
      if table.take(for: "client \(client)", limit: limit, now: now) { taken[client] += 1 }
    }
    let most = Double(limit) + Double(limit) * (now / .seconds(60))
    for count in taken { #expect(Double(count) <= most + 0.001, "seed \(seed)") }
  }
}
