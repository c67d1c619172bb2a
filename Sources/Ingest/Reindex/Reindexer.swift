package import Bytes
import Documents
import Glibc
import Index
import MailStore
package import Mailboxes
import Synchronization

/// Rebuilds the index shard by shard while everything else goes on.
package struct Reindexer: Sendable {
  private let mailboxes: Mailboxes
  private let extractor: MailExtractor
  private let threads: BlockingThreads
  /// Whether mail waits that should go first.
  private let isBusy: @Sendable () -> Bool
  private let pause: @Sendable () -> Void

  /// How far behind searches and delivery a rebuild comes where both want the processor.
  private static let niceness: Int32 = 10

  /// - Parameters:
  ///   - isBusy: asked after every 64 records at most.
  ///   - pause: blocks for a moment, after as many records, while it is so: by default 20 ms, of which 64 records take a few.
  package init(
    mailboxes: Mailboxes, extractor: MailExtractor, threads: BlockingThreads, isBusy: @escaping @Sendable () -> Bool,
    pause: @escaping @Sendable () -> Void = { usleep(20_000) }
  ) {
    self.mailboxes = mailboxes
    self.extractor = extractor
    self.threads = threads
    self.isBusy = isBusy
    self.pause = pause
  }

  /// - Parameters:
  ///   - jobs: shards rebuilt at once.
  ///   - report: called after every user and every few thousand messages; when a rebuild is gone on with, at once.
  /// - Throws: `IndexError`, and `CancellationError` when stopped; the same call again goes on where it was.
  package func run(
    user: UserID?, jobs: Int, isFromSource: Bool, report: @escaping @Sendable (ReindexProgress) -> Void
  ) async throws -> ReindexProgress {
    let total = try await threads.run { try mailboxes.messageCount(of: user) }
    let run = ReindexRun(total: total)
    // Threads of their own: searches must find theirs free, and go first.
    let workers = BlockingThreads(name: "reindex", niceness: Self.niceness, threads: jobs)
    defer { workers.close() }
    try await withTaskCancellationHandler {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (position, shard) in mailboxes.shardNumbers(of: user).enumerated() {
          if position >= jobs { try await group.next() }
          group.addTask { try await rebuild(shard, user, isFromSource, run, workers, report) }
        }
        try await group.waitForAll()
      }
    } onCancel: {
      run.stop()
    }
    return run.progress
  }

  private func rebuild(
    _ shard: Int, _ user: UserID?, _ isFromSource: Bool, _ run: ReindexRun, _ workers: BlockingThreads,
    _ report: @escaping @Sendable (ReindexProgress) -> Void
  ) async throws {
    try await workers.run {
      try mailboxes.reindex(
        shard: shard, user: user, isFromSource: isFromSource,
        extract: { user, original, earlier in
          try extractor.textRecord(of: original, for: DocumentClaim(user: user), keeping: earlier)
        },
        report: { report(run.note($0, shard: shard)) },
        throttle: {
          if run.isStopped { throw CancellationError() }
          if isBusy() { pause() }
        })
    }
  }
}

/// What the shards of one rebuild have done, and whether it is to stop.
private final class ReindexRun: Sendable {
  private let total: Int
  private let shards = Locked<[Int: ShadowBuild.Progress]>([:])
  private let stopped = Atomic<Bool>(false)

  init(total: Int) { self.total = total }

  var isStopped: Bool { stopped.load(ordering: .relaxed) }

  func stop() { stopped.store(true, ordering: .relaxed) }

  func note(_ progress: ShadowBuild.Progress, shard: Int) -> ReindexProgress {
    shards.withLock { $0[shard] = progress }
    return self.progress
  }

  var progress: ReindexProgress {
    shards.withLock { shards in
      var sum = ReindexProgress()
      sum.messageTotal = total
      for shard in shards.values {
        sum.messages += shard.records
        sum.users += shard.users
        sum.textByteCount += shard.textByteCount
        sum.resumedMessages += shard.resumedRecords
        sum.resumedTextByteCount += shard.resumedTextByteCount
      }
      return sum
    }
  }
}
