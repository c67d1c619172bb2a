package import Foundation
import Glibc

/// A thread of its own that takes everything that waits, up to a bound, and processes it as one batch: the engine of
/// group commit. While one batch is being synced the next one gathers.
///
/// `process` and `idle` run on the thread and may block. Jobs run in the order of `submit`.
package final class BatchThread<Job: Sendable>: @unchecked Sendable {
  // Sendable because every stored property that changes is read and written only while `condition` is locked.
  private let condition = NSCondition()
  private var waiting: [Job] = []
  private var isClosed = false
  private var hasEnded = false

  /// - Parameters:
  ///   - maxBatch: the most jobs in one call of `process`.
  ///   - niceness: 0 to 19: how far behind the others this thread comes, see setpriority(2).
  ///   - idleInterval: `idle` runs when no job came for so long, once until the next job; in seconds, `nil` for never.
  package init(
    name: String, niceness: Int32 = 0, maxBatch: Int, idleInterval: TimeInterval?,
    process: @escaping @Sendable ([Job]) -> Void, idle: @escaping @Sendable () -> Void
  ) {
    let thread = Thread { [self] in
      // On Linux niceness is a thread's own; 0 is the thread that calls.
      if niceness > 0 { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness) }
      run(maxBatch: maxBatch, idleInterval: idleInterval, process: process, idle: idle)
    }
    thread.name = name
    thread.stackSize = 1 << 20
    thread.start()
  }

  /// - Returns: false when the thread is closed and the job will never run.
  package func submit(_ job: Job) -> Bool {
    condition.withLock {
      if isClosed { return false }
      waiting.append(job)
      condition.broadcast()
      return true
    }
  }

  /// Jobs that no batch has taken yet.
  package var backlog: Int { condition.withLock { waiting.count } }

  /// Lets the jobs that wait run, then ends the thread and returns when it has ended. Blocks.
  package func close() {
    condition.withLock {
      isClosed = true
      condition.broadcast()
      while !hasEnded { condition.wait() }
    }
  }

  private func run(
    maxBatch: Int, idleInterval: TimeInterval?, process: ([Job]) -> Void, idle: () -> Void
  ) {
    var hasWorkedSinceIdle = false
    while true {
      switch next(maxBatch: maxBatch, idleInterval: hasWorkedSinceIdle ? idleInterval : nil) {
      case .batch(let batch):
        process(batch)
        hasWorkedSinceIdle = true
      case .idle:
        idle()
        hasWorkedSinceIdle = false
      case .end:
        condition.withLock {
          hasEnded = true
          condition.broadcast()
        }
        return
      }
    }
  }

  private enum Step {
    case batch([Job])
    case idle
    case end
  }

  private func next(maxBatch: Int, idleInterval: TimeInterval?) -> Step {
    condition.withLock {
      let deadline = idleInterval.map { Date(timeIntervalSinceNow: $0) }
      while waiting.isEmpty {
        if isClosed { return .end }
        if let deadline {
          if !condition.wait(until: deadline) && waiting.isEmpty && !isClosed { return .idle }
        } else {
          condition.wait()
        }
      }
      let batch = Array(waiting.prefix(maxBatch))
      waiting.removeFirst(batch.count)
      return .batch(batch)
    }
  }
}
