import Testing

@testable import Documents

struct ReaderGateTests {
  @Test func `so many enter at once, and one more when one has left`() {
    let gate = ReaderGate(workers: 2)
    #expect(gate.enter([1], within: .seconds(60)) && gate.enter([2], within: .seconds(60)))
    #expect(!gate.enter([3], within: .milliseconds(20)), "it waits no longer than it may")
    gate.leave([1])
    #expect(gate.enter([3], within: .seconds(60)))
  }

  @Test func `once it is closed nobody waits`() async {
    let gate = ReaderGate(workers: 1)
    #expect(gate.enter([1], within: .seconds(60)))
    await withTaskGroup(of: Bool.self) { group in
      group.addTask { gate.enter([2], within: .seconds(600)) }
      gate.close()
      for await hasEntered in group { #expect(!hasEntered) }
    }
    gate.leave([1])
    #expect(!gate.enter([3], within: .seconds(600)))
  }

  @Test func `nobody enters for a document that another is reading`() async {
    let gate = ReaderGate(workers: 8)
    #expect(gate.enter([1], within: .seconds(60)))
    #expect(!gate.enter([1], within: .milliseconds(20)))
    await withTaskGroup(of: Bool.self) { group in
      group.addTask { gate.enter([1], within: .seconds(60)) }
      gate.leave([1])
      for await hasEntered in group { #expect(hasEntered) }
    }
  }
}
