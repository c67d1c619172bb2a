import Bytes
import Foundation
import MailStore
import Mailboxes
import TestSupport
import Testing

@testable import Ingest

/// Mails that cannot be processed, and what they do to others: nothing.
@Suite(.timeLimit(.minutes(30))) struct PoisonTests {
  private let mail = Array("Subject: Tides\r\nMessage-ID: <1@example.com>\r\n\r\nThe word is periwinkle.\r\n".utf8)
  /// Large enough for a file of its own.
  private var poison: [UInt8] { mail + Array(repeating: UInt8(ascii: "x"), count: 20_000) }

  private struct Refusal: TemporaryTrouble {
    let isTemporary = true
    let retryAfter: Duration? = .seconds(77)
  }

  private func run(_ workers: QueueWorkers, until isDone: () -> Bool) async throws {
    let work = Task { try await workers.run() }
    while !isDone() && !Task.isCancelled { await Task.yield() }
    work.cancel()
    try await work.value
  }

  private func withPoison(
    _ body: (TestEngine, ManualClock, _ id: QueueItemID) async throws -> Void
  ) async throws {
    try await withTemporaryDirectory { directory in
      let clock = ManualClock()
      var options = TestEngine.Options()
      options.clock = clock
      try await TestEngine.open(directory + "/data", options) { engine in
        try await engine.accept(poison, for: TestEngine.alice)
        let id = try #require(engine.queue.items().first?.id)
        for name in try FileManager.default.contentsOfDirectory(atPath: directory + "/data/receive/spool") {
          try FileManager.default.removeItem(atPath: directory + "/data/receive/spool/" + name)
        }
        try await body(engine, clock, id)
      }
    }
  }

  @Test func `a mail that fails as often as it may is set aside with the reason, and others arrive meanwhile`()
    async throws
  {
    try await withPoison { engine, clock, id in
      let aside = Locked<[(QueueItemID, String)]>([])
      let workers = engine.workers(1, poison: PoisonRule(maxFailures: 3)) { lease, reason in
        aside.withLock { $0.append((lease.id, reason)) }
      }
      for attempt in 1...2 {
        try await run(workers) {
          engine.queue.item(id).map { $0.attempts == attempt && $0.standing == .deferred } ?? true
        }
        #expect(engine.queue.item(id)?.lastReason?.contains("is gone") == true)
        try await engine.accept(mail, for: TestEngine.bob)
        try await run(workers) { engine.queue.pendingCount(for: TestEngine.bob) == 0 }
        clock.advance(by: .seconds(600))
      }
      try await run(workers) { engine.queue.depth() == 0 }
      let (asideID, reason) = try #require(aside.withLock { $0.first })
      #expect(asideID == id && aside.withLock { $0.count } == 1)
      #expect(reason.hasPrefix("failed 3 times, at last: ") && reason.contains("is gone"), "\(reason)")
      #expect(engine.queue.statistics().setAside == 1)
      #expect(try await engine.found("periwinkle", user: TestEngine.bob).count == 2)
    }
  }

  @Test(arguments: [true, false])
  func `where it cannot be set aside it stays, with the longest delay`(throwsError: Bool) async throws {
    try await withPoison { engine, clock, id in
      let setAside: QueueWorkers.SetAside = { _, _ in throw StoreError(code: .noSpace, message: "no room there") }
      let workers = engine.workers(1, poison: PoisonRule(maxFailures: 1), setAside: throwsError ? setAside : nil)
      try await run(workers) { engine.queue.item(id)?.standing == .deferred }
      let item = try #require(engine.queue.item(id))
      #expect(item.nextTry == .seconds(300))
      #expect(item.lastReason?.contains("is gone") == true)
      #expect(item.lastReason?.contains("no room there") == throwsError)
      clock.advance(by: .seconds(301))
      try await run(workers) { engine.queue.item(id).map { $0.attempts == 2 && $0.standing == .deferred } ?? true }
      #expect(engine.queue.statistics().setAside == 0 && engine.queue.depth() == 1)
    }
  }

  @Test func `trouble of ours does not count, and says when to come again`() async throws {
    try await withPoison { engine, _, id in
      let aside = Locked(0)
      for code in [StoreError.Code.noSpace, .queueFull, .stopped, .closed] {
        #expect(StoreError(code: code, message: "").isTemporaryTrouble)
      }
      for code in [StoreError.Code.corrupt, .missingBlob, .failed, .tooLarge] {
        #expect(!StoreError(code: code, message: "").isTemporaryTrouble)
      }
      #expect(MailboxError(.busy, "").isTemporaryTrouble && MailboxError(.stopped, "").isTemporaryTrouble)
      #expect(!MailboxError(.busy, "", cause: StoreError(code: .corrupt, message: "")).isTemporaryTrouble)
      #expect(MailboxError(.busy, "", cause: FileError(code: .noSpace, path: "", message: "")).isTemporaryTrouble)
      #expect(CancellationError().isTemporaryTrouble && Refusal().isTemporaryTrouble)
      let workers = engine.workers(1, poison: PoisonRule(maxFailures: 1)) { _, _ in aside.withLock { $0 += 1 } }
      let lease = try #require(await engine.queue.lease())
      await workers.putOff(lease, Refusal())
      #expect(engine.queue.item(id)?.nextTry == .seconds(77))
      #expect(aside.withLock { $0 } == 0)
    }
  }

  @Test func `a mail over which processes died is set aside untried`() async throws {
    try await withTemporaryDirectory { directory in
      var path = directory + "/data"
      try await TestEngine.open(path) { engine in
        try await engine.accept(mail, for: TestEngine.alice)
        _ = await engine.queue.lease()
        try engine.copyAsAfterKill(to: path + "0")
      }
      for death in 0..<3 {
        try await TestEngine.open(path + "\(death)") { engine in
          let lease = try #require(await engine.queue.lease())
          #expect(lease.deaths == death)
          try engine.copyAsAfterKill(to: path + "\(death + 1)")
        }
      }
      path += "3"
      try await TestEngine.open(path) { engine in
        let reasons = Locked<[String]>([])
        let workers = engine.workers(setAside: { _, reason in reasons.withLock { $0.append(reason) } })
        try await run(workers) { engine.queue.depth() == 0 }
        #expect(reasons.withLock { $0 } == ["the process died 3 times while this mail was processed"])
        #expect(try await engine.found("periwinkle").isEmpty)
      }
      try await TestEngine.open(path) { engine in #expect(engine.queue.depth() == 0) }
    }
  }
}
