import Bytes
import Documents
import Foundation
import Glibc
import Index
import Ingest
import Mailboxes
import MailStore
import Receipt

extension CommandRunner {
  func reindex(user: String?, jobs: Int, isFromSource: Bool, _ output: @escaping CommandOutput) async throws {
    let user = try user.map { try engine.user($0) }
    let queue = engine.queue
    let reindexer = Reindexer(
      mailboxes: engine.mailboxes, extractor: engine.extractor, threads: engine.threads,
      isBusy: { [isServing] in isServing && queue.depth() > 0 })
    let meter = ProgressMeter()
    let (steps, continuation) = AsyncStream.makeStream(of: ReindexProgress.self, bufferingPolicy: .bufferingNewest(1))
    let result = try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for await step in steps {
          let note = meter.note(
            mails: step.messages, bytes: UInt64(step.textByteCount),
            resumed: (step.resumedMessages, UInt64(step.resumedTextByteCount)))
          guard let note else { continue }
          let eta = meter.remaining(
            done: step.messages, total: step.messageTotal, resumed: step.resumedMessages)
          try await output(
            .progress(
              CommandProgress(
                done: UInt64(step.messages), total: UInt64(step.messageTotal), note: "\(note), \(eta) left")))
        }
      }
      defer { continuation.finish() }
      return try await reindexer.run(user: user?.id, jobs: jobs, isFromSource: isFromSource) {
        continuation.yield($0)
      }
    }
    try await output(
      .line(
        "reindexed=\(result.messages) users=\(result.users) seconds=\(meter.seconds) bytes=\(result.textByteCount)"))
  }

  func stats(user: String?, _ output: CommandOutput) async throws {
    let engine = engine
    if let address = user {
      let user = try engine.user(address)
      let counts = try await engine.threads.run { try engine.mailboxes.counts(of: user.id) }
      try await output(
        .line(
          "user=\(user.address) messages=\(counts.messages) unread=\(counts.unread) threads=\(counts.threads) "
            + "bytes=\(counts.byteCount) changes=\(counts.changes) "
            + "queued_bytes=\(engine.queue.pendingByteCount(for: user.id)) quota=\(quota(of: user))"))
      for folder in try await engine.mailboxes.folders(user.id) {
        try await output(.line("folder=\(folder.row.name) total=\(folder.total) unread=\(folder.unread)"))
      }
      for missed in try await engine.mailboxes.missedDocuments(of: user.id, limit: Self.maxMissed) {
        try await output(.line(Self.line(missed.row, missed.retry)))
      }
      let index = try await engine.threads.run { try engine.mailboxes.indexStatistics(of: user.id) }
      for line in Self.lines(index, user.id) { try await output(.line(line)) }
      return
    }
    let shards = try await engine.threads.run { try engine.mailboxes.statistics() }
    let missed = try await engine.threads.run { try engine.mailboxes.missedDocumentCounts() }
    try await output(
      .line(
        "users=\(engine.accounts.users().count) queue=\(engine.queue.depth()) "
          + "queue_oldest_seconds=\(engine.mailboxes.oldestQueued.components.seconds) "
          + "documents_waiting=\(missed.waiting) documents_given_up=\(missed.givenUp)"))
    for shard in shards {
      let index = shard.index
      try await output(
        .line(
          "shard=\(shard.number) users=\(shard.users) runs=\(index.runs) run_bytes=\(index.runByteCount) "
            + "run_records=\(index.runRecords) unflushed_bytes=\(index.unflushedByteCount) "
            + "segments=\(index.segments) segment_bytes=\(index.segmentByteCount) "
            + "segment_documents=\(index.segmentDocuments) attribute_files=\(index.attributeFiles) "
            + "attribute_bytes=\(index.attributeByteCount) loaded_users=\(index.loadedUsers) "
            + "loaded_bytes=\(index.loadedByteCount) needs_reindex=\(index.needsReindex) "
            + "backlog_users=\(index.backlog.users) backlog_bytes=\(index.backlog.byteCount) "
            + "compaction_steps=\(index.compaction.steps) compaction_read=\(index.compaction.readByteCount) "
            + "compaction_written=\(index.compaction.writtenByteCount) "
            + "delivery_delay=\(shard.deliveryDelay / .seconds(1))"))
    }
  }

  /// By the policy in force.
  private func quota(of user: UserRecord) -> String {
    let quota = (reload?.current ?? engine.settings.policy).quota
    guard let address = AccountAddress(user.address), case .bytes(let limit) = quota.limit(of: address) else {
      return "none"
    }
    return "\(limit)"
  }

  private static let maxMissed = 100

  /// A message with documents that are not searched, and what becomes of them.
  private static func line(_ row: MessageRow, _ retry: DocumentRetry) -> String {
    let due = retry.dueAt.map { Date(timeIntervalSince1970: Double($0.rawValue) / 1_000).formatted(.iso8601) }
    return "missed=\(row.id) reason=\(retry.reason) tries=\(retry.tries) next=\(due ?? "never")"
  }

  private static func lines(_ index: UserIndexStatistics, _ user: UserID) -> [String] {
    let sum =
      "index number=\(user.rawValue) documents=\(index.liveDocuments) covered=\(index.coveredDocuments) "
      + "pending=\(index.pendingDocuments) missing=\(index.missingDocuments) unflushed=\(index.unflushedDocuments) "
      + "record_bytes=\(index.recordByteCount) text_bytes=\(index.textByteCount) terms=\(index.terms) "
      + "loaded_bytes=\(index.loadedByteCount)"
    let segments = index.segments.map { part in
      "segment=\(part.file) level=\(part.level) documents=\(part.documents) dead=\(part.deadDocuments) "
        + "bytes=\(part.byteCount) terms=\(part.terms)"
    }
    let runs = index.runs.map { part in
      "run=\(part.file) level=\(part.level) records=\(part.documents) dead=\(part.deadDocuments) bytes=\(part.byteCount)"
    }
    return [sum] + segments + runs
  }

  /// - Parameter repairs: mends the index first, and tells what was done.
  func verify(repairs: Bool, _ output: @escaping CommandOutput) async throws {
    let engine = engine
    if repairs {
      let done = try await engine.threads.run { [isServing] in
        var lines: [String] = []
        try engine.mailboxes.repair(
          extract: { user, original, earlier in
            try engine.extractor.textRecord(of: original, for: DocumentClaim(user: user), keeping: earlier)
          }, report: { lines.append($0) },
          throttle: { if isServing && engine.queue.depth() > 0 { usleep(Self.repairPauseMicroseconds) } })
        return lines
      }
      for line in done { try await output(.line("repaired: " + line)) }
    }
    let report = try await engine.threads.run { try engine.mailboxes.verify { _ in } }
    for problem in report.problems { try await output(.line(problem)) }
    try await output(
      .line(
        "verified files=\(report.files) messages=\(report.messages) bytes=\(report.byteCount) "
          + "problems=\(report.problems.count)"))
    if !report.problems.isEmpty {
      throw CommandFailure("problems found: \(report.problems.count); each line above says where")
    }
  }

  /// Between two batches of records while mail waits: gives delivery the processor.
  private static let repairPauseMicroseconds: UInt32 = 20_000
}
