import SMTP
import TestSupport
import Testing

@testable import Receipt

struct DNSCacheTests {
  /// An answer that there is nothing, for so many seconds.
  private func message(seconds: UInt8) throws -> DNSMessage {
    let record: [UInt8] = [0, 0, 1, 0, 1, 0, 0, 0, seconds, 0, 4, 127, 0, 0, 2]
    return try #require(DNSMessage([0, 1, 0x81, 0x80, 0, 0, 0, 1, 0, 0, 0, 0] + record))
  }

  @Test func `an answer is kept for as long as it says, by name and type`() throws {
    var cache = DNSCache()
    let key = DNSCache.Key(name: "2.0.0.127.x.example", type: .a)
    cache.note(try message(seconds: 60), for: key, now: .seconds(100))
    #expect(cache.message(for: key, now: .seconds(159)) != nil)
    #expect(cache.message(for: key, now: .seconds(160)) == nil)
    #expect(cache.message(for: DNSCache.Key(name: key.name, type: .txt), now: .seconds(100)) == nil)
  }

  @Test func `what says no time is not kept`() throws {
    var cache = DNSCache()
    let silent = try #require(DNSMessage([0, 1, 0x81, 0x83, 0, 0, 0, 0, 0, 0, 0, 0]))
    for message in [silent, try message(seconds: 0)] {
      cache.note(message, for: DNSCache.Key(name: "x", type: .a), now: .zero)
      #expect(cache.count == 0)
    }
  }

  @Test func `it is bounded, and keeps the last`() throws {
    var cache = DNSCache(capacity: 100)
    let answer = try message(seconds: 60)
    for number in 0..<10_000 {
      cache.note(answer, for: DNSCache.Key(name: "\(number)", type: .a), now: .zero)
      #expect(cache.count <= 100)
    }
    for number in 9_950..<10_000 {
      #expect(cache.message(for: DNSCache.Key(name: "\(number)", type: .a), now: .zero) != nil)
    }
  }
}
