import Bytes
import MailStore
import TestSupport
import Testing

@testable import Receipt

struct GreylistTableTests {
  private static let start: Int64 = 1_767_348_672_000
  private let policy = GreylistPolicy(
    isEnabled: true, delay: .seconds(60), retryWindow: .seconds(3_600), memory: .seconds(86_400), passesUntilKnown: 2)
  private let triplet = GreylistKey(of: ["192.0.2.0/24", "dan@example.net", "alice@example.com"])
  private let network = GreylistKey(of: ["192.0.2.0/24"])

  private func time(_ seconds: Int64) -> Timestamp { Timestamp(rawValue: Self.start + seconds * 1_000) }

  /// What is said at each of these seconds.
  private func verdicts(at seconds: Int64..., table: inout GreylistTable) -> [GreylistTable.Verdict] {
    seconds.map { table.decide(triplet, of: network, by: policy, now: time($0)) }
  }

  @Test func `who is new is put off, and taken after the delay`() {
    var table = GreylistTable()
    #expect(
      verdicts(at: 0, 1, 59, 60, 61, table: &table) == [
        .putOff(.seconds(60)), .putOff(.seconds(59)), .putOff(.seconds(1)), .accepted, .accepted,
      ])
  }

  @Test func `who comes back too late is new again`() {
    var table = GreylistTable()
    #expect(
      verdicts(at: 0, 3_601, 3_660, 3_661, table: &table) == [
        .putOff(.seconds(60)), .putOff(.seconds(60)), .putOff(.seconds(1)), .accepted,
      ])
  }

  @Test func `who passed is known for as long as it keeps coming`() {
    var table = GreylistTable()
    _ = verdicts(at: 0, 60, table: &table)
    #expect(verdicts(at: 86_000, 172_000, table: &table) == [.accepted, .accepted])
    #expect(verdicts(at: 172_000 + 86_401, table: &table) == [.putOff(.seconds(60))])
  }

  @Test func `a network from which mails came back is known, and its neighbour is not`() {
    var table = GreylistTable()
    for number in 0..<2 {
      let key = GreylistKey(of: ["\(number)"])
      _ = table.decide(key, of: network, by: policy, now: time(0))
      #expect(table.decide(key, of: network, by: policy, now: time(60)) == .accepted)
    }
    #expect(verdicts(at: 61, table: &table) == [.accepted])
    let other = GreylistKey(of: ["198.51.100.0/24"])
    #expect(table.decide(GreylistKey(of: ["x"]), of: other, by: policy, now: time(61)) == .putOff(.seconds(60)))
    var never = policy
    never.passesUntilKnown = nil
    #expect(table.decide(GreylistKey(of: ["y"]), of: network, by: never, now: time(61)) == .putOff(.seconds(60)))
  }

  @Test func `a clock that goes back puts off once more, and traps nothing`() {
    var table = GreylistTable()
    #expect(verdicts(at: 0, -500, -440, table: &table) == [.putOff(.seconds(60)), .putOff(.seconds(60)), .accepted])
    #expect(verdicts(at: -9_000, table: &table) == [.accepted])
    for extreme in [Int64.min, .max, 0, .min, -1, .max] {
      _ = table.decide(triplet, of: network, by: policy, now: Timestamp(rawValue: extreme))
      table.expire(by: policy, now: Timestamp(rawValue: extreme))
    }
  }

  @Test func `a flood of strangers pushes out strangers, not those who are known`() {
    var table = GreylistTable(capacity: 100)
    _ = verdicts(at: 0, 60, table: &table)
    for number in 0..<10_000 {
      let key = GreylistKey(of: ["\(number)"])
      _ = table.decide(key, of: GreylistKey(of: ["far"]), by: policy, now: time(61 + Int64(number) / 100))
    }
    #expect(table.count <= 300)
    #expect(verdicts(at: 300, table: &table) == [.accepted])
  }

  @Test func `what is too old is forgotten, in the file too`() {
    var table = GreylistTable()
    _ = verdicts(at: 0, 60, table: &table)
    _ = table.decide(GreylistKey(of: ["x"]), of: network, by: policy, now: time(80_000))
    _ = table.takeChanges()
    table.expire(by: policy, now: time(60 + 86_401))
    #expect(table.count == 0)
    let changes = table.takeChanges()
    #expect(changes.rows.isEmpty && changes.removed.count == 3)
  }

  /// A model that forgets nothing and counts in seconds.
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `the table says what the rule says, and a file that follows it has the same rows`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var table = GreylistTable()
    var file: [GreylistRow.Name: GreylistRow] = [:]
    var first: [Int: Int64] = [:]
    var passed: [Int: Int64] = [:]
    var policy = policy
    policy.passesUntilKnown = nil
    var now: Int64 = 0
    for step in 0..<2_000 {
      now += [0, 1, 30, 60, 1_800, 4_000, 90_000].randomElement(using: &random) ?? 0
      let sender = Int.random(in: 0..<6, using: &random)
      let key = GreylistKey(of: ["\(sender)"])
      let verdict = table.decide(key, of: network, by: policy, now: time(now))
      // Known times are an hour exact.
      if let last = passed[sender], now - last <= 86_400 {
        #expect(verdict == .accepted, "seed \(seed), step \(step)")
        if now - last >= 3_600 { passed[sender] = now }
      } else if let begin = first[sender], now - begin <= 3_600 {
        let isTaken = now - begin >= 60
        #expect((verdict == .accepted) == isTaken, "seed \(seed), step \(step)")
        if isTaken { (first[sender], passed[sender]) = (nil, now) }
      } else {
        #expect(verdict == .putOff(.seconds(60)), "seed \(seed), step \(step)")
        first[sender] = now
      }
      if step % 50 == 49 {
        let changes = table.takeChanges()
        for name in changes.removed { file[name] = nil }
        file.merge(changes.rows) { $1 }
        var again = GreylistTable()
        again.load(Array(file.values))
        #expect(again.changes.isEmpty && again.count == table.count, "seed \(seed), step \(step)")
        table = again
      }
    }
  }
}
