import Foundation
import Glibc

/// A few threads for calls that block (files, SQLite), so that they never hold up the cooperative pool or an event loop.
///
/// Work runs in the order of asking, as many at a time as there are threads. The queue is bounded: over the bound the
/// caller is told to come back.
package final class BlockingThreads: @unchecked Sendable {
  /// More calls wait than the pool allows.
  package struct Overloaded: Error {}

  // Sendable because every stored property that changes is read and written only while `condition` is locked.
  private let condition = NSCondition()
  private var waiting: [@Sendable () -> Void] = []
  private var head = 0
  private var isClosed = false
  private var running: Int
  private let maxWaiting: Int

  /// - Parameter niceness: 0 to 19: how far behind the others these threads come, see setpriority(2).
  package init(name: String, niceness: Int32 = 0, threads: Int, maxWaiting: Int = 10_000) {
    running = threads
    self.maxWaiting = maxWaiting
    for number in 0..<threads {
      let thread = Thread { [self] in
        // On Linux niceness is a thread's own; 0 is the thread that calls.
        if niceness > 0 { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness) }
        run()
      }
      thread.name = "\(name)-\(number)"
      thread.stackSize = 2 << 20
      thread.start()
    }
  }

  /// Runs `body` on one of the threads.
  /// - Throws: what `body` throws; `Overloaded` when the queue is full or the pool is closed.
  package func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let accepted = submit { continuation.resume(with: Result { try body() }) }
      if !accepted { continuation.resume(throwing: Overloaded()) }
    }
  }

  /// Lets what waits run, then ends the threads. Blocks.
  package func close() {
    condition.withLock {
      isClosed = true
      condition.broadcast()
      while running > 0 { condition.wait() }
    }
  }

  private func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
    condition.withLock {
      if isClosed || waiting.count - head >= maxWaiting { return false }
      waiting.append(work)
      condition.signal()
      return true
    }
  }

  private func run() {
    while let work = next() { work() }
    condition.withLock {
      running -= 1
      condition.broadcast()
    }
  }

  private func next() -> (@Sendable () -> Void)? {
    condition.withLock {
      while head == waiting.count {
        if isClosed { return nil }
        condition.wait()
      }
      let work = waiting[head]
      head += 1
      if head == waiting.count || head > 1_024 {
        waiting.removeFirst(head)
        head = 0
      }
      return work
    }
  }
}
