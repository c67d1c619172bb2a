import Bytes
import Dispatch

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

/// Runs `body` and waits for it, on a thread that has nothing else to do. A command that is asynchronous all through ends its first
/// thread, which valgrind's callgrind does not survive.
func waiting(for body: @escaping @Sendable () async throws -> Void) throws {
  let isDone = DispatchSemaphore(value: 0)
  let result = Locked<Result<Void, any Error>?>(nil)
  Task {
    let own: Result<Void, any Error>
    do { own = .success(try await body()) } catch { own = .failure(error) }
    result.withLock { $0 = own }
    isDone.signal()
  }
  isDone.wait()
  try result.withLock { try $0?.get() }
}
