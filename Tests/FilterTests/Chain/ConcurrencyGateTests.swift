import Testing

@testable import Filter

@Suite(.timeLimit(.minutes(1))) struct ConcurrencyGateTests {
  @Test func `over the bound the next one is told so, and a place that is left is taken by who waits`() async throws {
    let gate = ConcurrencyGate(limit: 1, maxWaiting: 1)
    try await gate.enter()
    let second = Task { try await gate.enter() }
    // Whichever of the two comes later is turned away; the other one waits.
    let third = Task { try await gate.enter() }
    let outcomes = await withTaskGroup(of: Bool.self) { group in
      for task in [second, third] {
        group.addTask { if case .success = await task.result { true } else { false } }
      }
      #expect(await group.next() == false)
      gate.leave()
      return await group.next()
    }
    #expect(outcomes == true)
    #expect(gate.count == 1)
    gate.leave()
    #expect(gate.count == 0)
  }

  @Test func `whoever waits and is cancelled goes, and leaves no place taken`() async throws {
    let gate = ConcurrencyGate(limit: 1, maxWaiting: 10)
    try await gate.enter()
    let waiting = Task { try await gate.enter() }
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    gate.leave()
    #expect(gate.count == 0)
    try await gate.enter()
    #expect(gate.count == 1)
  }
}
