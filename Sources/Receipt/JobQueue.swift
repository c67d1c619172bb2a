import Bytes

/// Gives the asynchronous work of event-loop handlers a parent: every job is a child task of `run`.
///
/// A connection has at most one job that its session waits for, and ends of spools that are no longer wanted, of which
/// one read of the socket can bring about no more than it could fill: four. It counts as open until the last is done, so the
/// queue is bounded by the number of connections.
final class JobQueue: Sendable {
  typealias Job = @Sendable () async -> Void

  private struct State {
    var jobs: [Job] = []
    var isFinished = false
    var runner: CheckedContinuation<Void, Never>?
  }

  private let state = Locked(State())

  func add(_ job: @escaping Job) { change { $0.jobs.append(job) } }

  /// No job comes after this.
  func finish() { change { $0.isFinished = true } }

  /// Runs the jobs, many at a time. Returns when `finish` was called and all have ended; cancellation reaches the jobs
  /// but loses none, for a connection waits for each of its own.
  func run() async {
    await withDiscardingTaskGroup { group in
      while let jobs = await next() {
        for job in jobs { group.addTask(operation: job) }
      }
    }
  }

  /// `nil` after the last.
  private func next() async -> [Job]? {
    await withCheckedContinuation { continuation in
      let mustWait = state.withLock { state in
        let mustWait = state.jobs.isEmpty && !state.isFinished
        if mustWait { state.runner = continuation }
        return mustWait
      }
      if !mustWait { continuation.resume() }
    }
    return state.withLock { state in
      defer { state.jobs = [] }
      return state.jobs.isEmpty ? nil : state.jobs
    }
  }

  private func change(_ body: (inout State) -> Void) {
    let runner = state.withLock { state in
      body(&state)
      defer { state.runner = nil }
      return state.runner
    }
    runner?.resume()
  }
}
