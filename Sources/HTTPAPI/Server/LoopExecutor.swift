import NIOCore

/// Runs tasks on an event loop. A request that is read, answered and written there changes threads only where it waits for
/// the disk; on the shared pool each of the three would be a change of its own, and on a busy machine a wait for its turn.
final class LoopExecutor: TaskExecutor {
  private let loop: any EventLoop

  init(_ loop: any EventLoop) { self.loop = loop }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    loop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
