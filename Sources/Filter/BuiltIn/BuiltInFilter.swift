package import Bytes

/// What can be told of a mail without asking anybody: executables, archives that hide them, headers that look forged.
package final class BuiltInFilter: Filter {
  package let name = "built-in"
  private let options: BuiltInOptions
  private let archives: any ArchiveReading
  private let clock: any MonotonicClock
  private let threads: BlockingThreads

  package convenience init(_ options: BuiltInOptions, clock: any MonotonicClock = SystemClock()) {
    self.init(options, archives: ConfinedArchives(limits: options.archives), clock: clock)
  }

  init(_ options: BuiltInOptions, archives: any ArchiveReading, clock: any MonotonicClock = SystemClock()) {
    self.options = options
    self.archives = archives
    self.clock = clock
    // Not behind others: mail that waits here is missed by the batches in which the rest is committed.
    threads = BlockingThreads(name: "filter", threads: options.threads, maxWaiting: 1_000)
  }

  package func check(_ mail: FilteredMail) async throws -> FilterFinding {
    let isCancelled = Locked(false)
    let examination = MailExamination(options: options, archives: archives, clock: clock) {
      isCancelled.withLock { $0 }
    }
    return try await withTaskCancellationHandler {
      try await threads.run { try examination.finding(mail) }
    } onCancel: {
      isCancelled.withLock { $0 = true }
    }
  }

  package func shutdown() async {
    // Nobody asks any more, so that this ends at once.
    threads.close()
  }
}
