import Bytes
import TestSupport
import Testing

@testable import MailStore

struct ReadyOrderTests {
  private var order = ReadyOrder()

  private static func sender(_ number: Int) -> SenderKey { SenderKey(simulatedEnvelope(from: "198.51.100.\(number)")) }

  private static func id(_ number: Int) -> QueueItemID { QueueItemID(rawValue: UInt64(number)) }

  private mutating func insert(
    _ numbers: some Sequence<Int>, in lane: QueueClass = .prompt, of sender: Int, cost: UInt64 = 1
  ) {
    for number in numbers {
      order.insert(Self.id(number), in: lane, of: Self.sender(sender), cost: cost, at: .seconds(number))
    }
  }

  private mutating func taken(_ count: Int = .max) -> [Int] {
    var numbers: [Int] = []
    while numbers.count < count, let id = order.next() { numbers.append(Int(id.rawValue)) }
    return numbers
  }

  @Test mutating func `one sender's mails come oldest first`() {
    insert([5, 3, 9, 1], of: 1)
    let all = taken()
    #expect(all == [1, 3, 5, 9])
    #expect(order.isEmpty)
  }

  @Test mutating func `senders take turns, however many mails one of them has`() {
    insert(1...1_000, of: 1)
    insert([2_001, 2_002], of: 2)
    insert([3_001], of: 3)
    let first = taken(7)
    #expect(first.firstIndex(of: 2_001).map { $0 <= 2 } == true, "\(first)")
    #expect(first.firstIndex(of: 3_001).map { $0 <= 3 } == true, "\(first)")
    #expect(first.contains(2_002), "\(first)")
  }

  @Test mutating func `who sends huge mails has fewer turns`() {
    insert(1...100, in: .large, of: 1, cost: 100)
    insert(1_001...2_000, in: .large, of: 2, cost: 10)
    let first = taken(110)
    let huge = first.filter { $0 <= 100 }.count
    // One lease in eight goes to the oldest, which are the huge ones here.
    #expect((19...24).contains(huge), "\(huge) huge mails among 110")
  }

  @Test mutating func `classes have their shares where all have mail`() {
    for (index, lane) in QueueClass.allCases.enumerated() {
      insert((index * 1_000)..<(index * 1_000 + 900), in: lane, of: index)
    }
    let shares = Dictionary(grouping: taken(800)) { $0 / 1_000 }.mapValues(\.count)
    // 700 by weight, of which 8/13 are prompt ones; the oldest, prompt too here, get 100.
    #expect((525...535).contains(shares[0, default: 0]), "\(shares)")
    #expect((105...110).contains(shares[1, default: 0]), "\(shares)")
    #expect((51...56).contains(shares[2, default: 0]), "\(shares)")
    #expect((105...110).contains(shares[3, default: 0]), "\(shares)")
  }

  @Test mutating func `a class that has rested has no claim on what it has missed`() {
    insert(1...500, of: 1)
    _ = taken(400)
    insert(1_001...1_100, in: .bulk, of: 2)
    let next = taken(40)
    #expect(next.filter { $0 > 1_000 }.count <= 6, "\(next)")
  }

  @Test mutating func `newcomers without end keep nobody waiting for longer than the bound`() {
    insert([1], in: .bulk, of: 1, cost: 400)
    insert(2...50, in: .bulk, of: 1, cost: 400)
    var leases = 0
    var left = Set(1...50)
    for number in 100..<3_000 where !left.isEmpty {
      order.insert(
        Self.id(number), in: .prompt, of: SenderKey(simulatedEnvelope(from: "host\(number)")), cost: 1, at: .zero)
      leases += 1
      left.subtract(taken(1))
      if leases == ReadyOrder.agingInterval { #expect(!left.contains(1)) }
    }
    #expect(leases <= ReadyOrder.agingInterval * 50)
  }

  @Test mutating func `one that is taken out of its turn does not come again`() {
    insert(1...20, of: 1)
    for number in stride(from: 2, through: 20, by: 2) { order.remove(Self.id(number)) }
    order.remove(Self.id(2))
    #expect(order.count == 10)
    let oldest = order.oldestSince()
    #expect(oldest == .seconds(1))
    let all = taken()
    #expect(all == Array(stride(from: 1, to: 20, by: 2)))
    let none = order.oldestSince()
    #expect(none == nil)
  }

  @Test(arguments: [11, 12, 13] as [UInt64])
  func `whatever comes and goes, each comes once, in its sender's order, and within its bound`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var order = ReadyOrder()
    var waiting: [Int: (lane: QueueClass, sender: Int, deadline: Int)] = [:]
    var leases = 0
    for number in 0..<20_000 {
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<5:
        let lane = QueueClass.allCases[Int.random(in: 0..<4, using: &random)]
        let sender = Int.random(in: 0..<30, using: &random)
        let cost = UInt64.random(in: 1...400, using: &random)
        order.insert(Self.id(number), in: lane, of: Self.sender(sender), cost: cost, at: .seconds(number))
        waiting[number] = (lane, sender, leases + ReadyOrder.agingInterval * (waiting.count + 1))
      case 5:
        guard let number = waiting.keys.min() else { continue }
        order.remove(Self.id(number))
        waiting[number] = nil
      default:
        guard let id = order.next() else {
          #expect(waiting.isEmpty, "seed \(seed)")
          continue
        }
        leases += 1
        let number = Int(id.rawValue)
        guard let mail = waiting.removeValue(forKey: number) else {
          Issue.record("\(number) comes and is not waiting, seed \(seed)")
          return
        }
        #expect(leases <= mail.deadline, "seed \(seed)")
        let older = waiting.filter { $0.key < number && $0.value.lane == mail.lane && $0.value.sender == mail.sender }
        #expect(older.isEmpty, "\(number) overtakes \(older.keys) of its sender, seed \(seed)")
      }
      #expect(order.count == waiting.count)
    }
  }

  @Test mutating func `what was taken out of turn does not fill the memory`() {
    insert([1], in: .bulk, of: 1, cost: 400)
    for number in 2..<30_000 {
      insert([number], of: number % 200)
      order.remove(Self.id(number))
    }
    #expect(order.storedCount <= 2 * (2 + 1_024) + 2)
    let all = taken()
    #expect(all == [1])
    #expect(order.storedCount == 0)
  }
}

/// A small mail to one user.
func simulatedEnvelope(
  from client: String, reversePath: String = "a@example.org", users: [UInt32] = [1], at time: Int64 = 0
) -> InboundEnvelope {
  InboundEnvelope(
    receivedAt: Timestamp(rawValue: time), clientAddress: client, heloName: "mx.example.org", protocolName: "ESMTP",
    reversePath: reversePath,
    recipients: users.map { InboundRecipient(address: "user\($0)@example.com", user: UserID(rawValue: $0)) },
    needsUTF8: false, is8Bit: false)
}
