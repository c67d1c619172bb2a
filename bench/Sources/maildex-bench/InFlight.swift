/// Runs `body` for 0 up to `count`, with so many under way at once: each that ends makes room for the next.
func inFlight(_ width: Int, _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
  try await withThrowingTaskGroup(of: Void.self) { group in
    for position in 0..<count {
      if position >= width { try await group.next() }
      group.addTask { try await body(position) }
    }
    try await group.waitForAll()
  }
}
