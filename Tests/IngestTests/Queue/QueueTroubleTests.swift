import Bytes
import MailStore
import Mailboxes
import TestSupport
import Testing

@testable import Ingest

/// Recipients who are gone or many, and mails that are tried again.
@Suite(.timeLimit(.minutes(30))) struct QueueTroubleTests {
  private let mail = Array("Subject: Tides\r\nMessage-ID: <1@example.com>\r\n\r\nThe word is periwinkle.\r\n".utf8)

  /// Runs these workers until the condition holds.
  private func run(_ workers: QueueWorkers, until isDone: () -> Bool) async throws {
    let work = Task { try await workers.run() }
    while !isDone() && !Task.isCancelled { await Task.yield() }
    work.cancel()
    try await work.value
  }

  @Test func `mail for a user who was removed meanwhile is dropped, the other recipients get it`() async throws {
    try await withTemporaryDirectory { directory in
      try await TestEngine.open(directory + "/data") { engine in
        try await engine.accept(mail, for: TestEngine.alice, TestEngine.bob)
        try await engine.accept(mail, for: TestEngine.bob)
        engine.accounts.remove(TestEngine.bob)
        try await engine.mailboxes.removeMailbox(TestEngine.bob)
        try await engine.drain()
        #expect(engine.queue.depth() == 0)
        #expect(try await engine.found("periwinkle").count == 1)
        #expect(try engine.mailboxes.users() == [TestEngine.alice])
        #expect(try await engine.mailboxes.folders(TestEngine.bob).isEmpty)
      }
    }
  }

  @Test func `a mail to more users than are served at once reaches each of them once`() async throws {
    try await withTemporaryDirectory { directory in
      try await TestEngine.open(directory + "/data") { engine in
        let users = (1...200).map { UserID(rawValue: $0) }
        let gone = users.filter { $0.rawValue.isMultiple(of: 50) }
        gone.forEach { engine.accounts.remove($0) }
        try await engine.accept(mail, for: users)
        try await engine.drain(users)
        let reached = try users.filter { try engine.mailboxes.counts(of: $0).messages == 1 }
        #expect(reached == users.filter { !gone.contains($0) })
        #expect(try engine.mailboxes.messageCount(of: nil) == 196)
        #expect(try await engine.found("periwinkle", user: users[198]).count == 1)
      }
    }
  }

  @Test(arguments: [100, 40_000])
  func `a mail that is tried again is stored once and arrives once`(byteCount: Int) async throws {
    var generator = SeededGenerator(seed: 17)
    let words = (0..<byteCount / 10).map { _ in String(UInt32.random(in: .min ... .max, using: &generator), radix: 36) }
    let content = mail + Array((words.joined(separator: "\r\n") + "\r\n").utf8)
    try await withTemporaryDirectory { directory in
      let disk = WrappedFileSystem(PosixFileSystem())
      let clock = ManualClock()
      var options = TestEngine.Options()
      options.fileSystem = disk
      options.clock = clock
      // Each batch needs a file of its own.
      options.shard.journal.fileByteCount = 64
      try await TestEngine.open(directory + "/data", options) { engine in
        let users = [TestEngine.alice, TestEngine.bob]
        try await engine.accept(content, for: users)
        let received = try engine.packs.verify().frameCount
        let workers = engine.workers(1)
        let isSpooled = content.count > ReceivedContent.inlineLimit
        // No room for another journal file: no shard takes a mail.
        disk.refusal = { path, mode in mode == .create && path.hasSuffix(".journal") ? .noSpace : nil }
        for attempt in 1...3 {
          try await run(workers) {
            engine.queue.items().contains { $0.attempts == attempt && $0.standing == .deferred }
          }
          #expect(engine.queue.items().first?.lastReason?.isEmpty == false)
          // A small mail stays where receipt wrote it.
          #expect(try engine.packs.verify().frameCount == received + (isSpooled ? 1 : 0), "attempt \(attempt)")
          clock.advance(by: .seconds(600))
        }
        for user in users { #expect(try engine.mailboxes.counts(of: user).messages == 0) }
        disk.refusal = nil
        try await run(workers) { engine.queue.depth() == 0 }
        for user in users {
          let found = try await engine.found("periwinkle", user: user)
          #expect(found.count == 1)
          let row = try #require(found.first).row
          #expect(try await engine.mailboxes.original(of: row) == Array(row.trace.utf8) + content)
        }
      }
    }
  }
}
