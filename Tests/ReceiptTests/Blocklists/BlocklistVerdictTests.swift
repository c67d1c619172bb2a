import SMTP
import Testing

@testable import Receipt

struct BlocklistVerdictTests {
  private let policy = BlocklistPolicy(
    lists: [
      .init(zone: "defer.example", action: .defer), .init(zone: "hard.example"),
      .init(zone: "one.example", action: .score, weight: 1), .init(zone: "two.example", action: .score, weight: 2),
      .init(zone: "good.example", action: .score, weight: -2),
    ], threshold: 3)

  private func verdict(_ zones: String...) -> BlocklistVerdict {
    BlocklistVerdict(policy, policy.lists.map { zones.contains($0.zone) ? .listed(reason: $0.zone) : .notListed })
  }

  @Test func `a list that rejects is enough, and goes before the others`() {
    let hard = BlocklistVerdict.listed(zones: ["hard.example"], reason: "hard.example", isPermanent: true)
    #expect(verdict("hard.example") == hard)
    #expect(verdict("defer.example", "hard.example", "one.example", "two.example") == hard)
  }

  @Test func `weights add up, and lists of good clients take away`() {
    #expect(verdict("two.example") == .clean)
    let both = BlocklistVerdict.listed(
      zones: ["one.example", "two.example"], reason: "one.example", isPermanent: true)
    #expect(verdict("one.example", "two.example") == both)
    #expect(verdict("defer.example", "one.example", "two.example") == both)
    #expect(verdict("one.example", "two.example", "good.example") == .clean)
  }

  @Test func `a list that defers does so for a while`() {
    #expect(
      verdict("defer.example", "two.example")
        == .listed(zones: ["defer.example"], reason: "defer.example", isPermanent: false))
  }

  @Test func `what did not answer is as if the client were not there`() {
    for answer in [BlocklistVerdict.Answer.unavailable, .pending, .notListed] {
      #expect(BlocklistVerdict(policy, policy.lists.map { _ in answer }) == .clean)
    }
    #expect(BlocklistVerdict(BlocklistPolicy(), []) == .clean)
  }

  @Test(
    arguments: [
      ("127.0.0.2", [0x7F00_0002], true), ("127.0.0.2", [0x7F00_0003], false), ("127.0.0.2-11", [0x7F00_000B], true),
      ("127.0.0.2-11", [0x7F00_000C], false), ("127.0.0.9", [1, 0x7F00_0009], true),
    ] as [(String, [UInt32], Bool)])
  func `codes are single answers or ranges of the last number`(codes: String, answers: [UInt32], isListed: Bool) throws
  {
    let list = BlocklistPolicy.List(zone: "x.example", codes: [try #require(BlocklistPolicy.Codes(codes))])
    #expect(list.counts(answers) == isListed)
  }

  @Test(arguments: [
    "", "127", "127.0.0.2-", "127.0.0.9-2", "127.0.0.2-256", "192.0.2.1", "127.255.255.254", "::1", "127.0.0.2-+3",
    "127.0.0.2-3-4",
  ])
  func `what is no code is none`(text: String) { #expect(BlocklistPolicy.Codes(text) == nil) }

  @Test func `by itself a list counts with all its answers, but for errors and what is no answer of a list`() {
    let list = BlocklistPolicy.List(zone: "x.example")
    #expect(list.counts([0x7F00_0002]) && list.counts([0x7F12_3456]))
    #expect(!list.counts([0x7FFF_FFFE]) && !list.counts([0x7FFF_FF01]) && !list.counts([0xC000_0201]))
    #expect(!list.counts([]))
  }

  @Test func `a reason is printable and short`() {
    #expect(Blocklists.readable(Array("see\r\n550 \u{7}é".utf8)) == "see??550 ???")
    #expect(Blocklists.readable([UInt8](repeating: 0x78, count: 5_000))?.count == 200)
    #expect(Blocklists.readable([]) == nil)
  }
}
