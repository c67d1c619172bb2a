import TestSupport
import Testing

@testable import MailStore

/// What senders are promised, whoever else sends (docs/queue.md).
struct QueueSimulationTests {
  private static let flooder = 0
  private static let normalSenders = 1...10
  private static let hugeSenders = 11...12

  /// A flood of one sender, normal and huge mail beside it, and mail that fails in each way; then until nothing is left.
  private func run(seed: UInt64) -> QueueSimulation {
    var simulation = QueueSimulation(seed: seed)
    for _ in 0..<6_000 { simulation.arrive(from: Self.flooder) }
    for step in 0..<6_000 {
      simulation.arrive(from: Self.flooder)
      for sender in Self.normalSenders where Int.random(in: 0..<60, using: &simulation.random) == 0 {
        simulation.arrive(from: sender)
      }
      if step.isMultiple(of: 150) {
        for sender in Self.hugeSenders { simulation.arrive(from: sender, byteCount: 20 << 20) }
        simulation.arrive(from: 13, recipients: 500)
      }
      if step.isMultiple(of: 400) {
        simulation.arrive(from: 14, .poison)
        simulation.arrive(from: Self.flooder, .poison)
        simulation.arrive(from: 15, .unlucky(12))
        simulation.arrive(from: 16, .killer(1 + step / 400 % 3))
      }
      simulation.advance()
    }
    while !simulation.state.items.isEmpty, simulation.step < 400_000 { simulation.advance() }
    return simulation
  }

  @Test(arguments: [101, 102, 103, 104] as [UInt64])
  func `beside a flood everybody has a fair share, and every mail ends once`(seed: UInt64) {
    let simulation = run(seed: seed)
    let comment: Comment = "seed \(seed)"
    #expect(simulation.problems == [], comment)
    #expect(simulation.state.items.isEmpty, comment)
    #expect(simulation.mails.values.allSatisfy { $0.end != nil && $0.tries > 0 }, comment)
    for mail in simulation.mails.values {
      switch mail.behaviour {
      case .poison: #expect(mail.isSetAside && mail.tries == QueueSimulation.maxFailures, comment)
      case .unlucky(let count): #expect(!mail.isSetAside && mail.tries == count + 1, comment)
      case .killer(let count): #expect(!mail.isSetAside && mail.tries == count + 1, comment)
      case .good: #expect(!mail.isSetAside && mail.tries == 1, comment)
      }
    }
    check(simulation, comment)
  }

  private func check(_ simulation: QueueSimulation, _ comment: Comment) {
    let normal = simulation.mails.values.filter { Self.normalSenders.contains($0.sender) }
    #expect(normal.count > 500, comment)
    // At most so many senders have prompt mail at once; each turn lets one mail of each go before.
    let share = Self.normalSenders.count + 4
    for mail in normal {
      #expect((mail.wait ?? .max) <= 3 * share * (mail.ownBefore + 1), comment)
    }
    let waits = normal.compactMap(\.wait).sorted()
    #expect(waits[waits.count / 2] <= share, "half of them wait for \(waits[waits.count / 2]) leases, \(comment)")
    // The flood itself goes on meanwhile, and so does what is huge.
    let ends = normal.compactMap(\.end).max() ?? 0
    let done = simulation.mails.values.filter { $0.sender == Self.flooder && ($0.end ?? .max) <= ends }
    #expect(done.count > 1_000, comment)
    let huge = simulation.mails.values.filter { Self.hugeSenders.contains($0.sender) && ($0.end ?? .max) <= ends }
    #expect(huge.count > 3, comment)
  }

  @Test func `one seed makes one run`() {
    let runs = (0..<2).map { _ in run(seed: 105) }
    #expect(runs[0].step == runs[1].step && runs[0].leases == runs[1].leases)
    #expect(runs[0].mails.mapValues(\.end) == runs[1].mails.mapValues(\.end))
  }
}
