import Bytes
import Foundation
import Mailboxes
import TestSupport
import Testing

@testable import Ingest

@Suite(.timeLimit(.minutes(10))) struct ReindexerTests {
  private func withMail(_ count: Int, _ body: (TestEngine) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
      var mbox = ""
      for number in 0..<count {
        mbox += MboxText.separator + "Subject: Mail \(number)\nMessage-ID: <\(number)@example.com>\n\nfathom\n\n"
      }
      try Data(mbox.utf8).write(to: URL(fileURLWithPath: directory + "/Inbox.mbox"))
      try await TestEngine.open(directory + "/data") { engine in
        for user in [TestEngine.alice, TestEngine.bob] {
          _ = try await engine.importer().run(user: user, paths: [directory + "/Inbox.mbox"], folder: nil) { _ in }
        }
        try await body(engine)
      }
    }
  }

  private func reindexer(
    _ engine: TestEngine, isBusy: @escaping @Sendable () -> Bool = { false },
    pause: @escaping @Sendable () -> Void = {}
  ) -> Reindexer {
    Reindexer(
      mailboxes: engine.mailboxes, extractor: engine.extractor, threads: engine.threads,
      isBusy: isBusy, pause: pause)
  }

  @Test(arguments: [false, true])
  func `it pauses after every 64 messages at most while mail waits, and never else`(isBusy: Bool) async throws {
    try await withMail(200) { engine in
      let pauses = Locked(0)
      let result = try await reindexer(engine, isBusy: { isBusy }, pause: { pauses.withLock { $0 += 1 } })
        .run(user: nil, jobs: 2, isFromSource: false) { _ in }
      #expect(result.messages == 400 && result.users == 2)
      let count = pauses.withLock { $0 }
      #expect(isBusy ? count >= 400 / 64 : count == 0)
      #expect(try await engine.found("fathom").count == 200)
    }
  }

  @Test func `progress grows to the number of messages, and counts what was done before a stop apart`() async throws {
    try await withMail(200) { engine in
      // Stopped when one of both users is done.
      let task = Locked<Task<Void, any Error>?>(nil)
      let stopping = reindexer(
        engine, isBusy: { true }, pause: { task.withLock { $0 }?.cancel() })
      let gate = AsyncStream.makeStream(of: Void.self)
      let first = Task {
        for await _ in gate.stream { break }
        _ = try await stopping.run(user: nil, jobs: 1, isFromSource: true) { _ in }
      }
      task.withLock { $0 = first }
      gate.continuation.yield()
      await #expect(throws: CancellationError.self) { try await first.value }
      let reports = Locked<[ReindexProgress]>([])
      let result = try await reindexer(engine).run(user: nil, jobs: 1, isFromSource: true) { report in
        reports.withLock { $0.append(report) }
      }
      #expect(result.messages == 400 && result.messageTotal == 400)
      #expect(result.resumedMessages <= result.messages)
      let messages = reports.withLock { $0.map(\.messages) }
      #expect(messages == messages.sorted() && messages.last == 400)
      #expect(try await engine.found("fathom", user: TestEngine.bob).count == 200)
    }
  }

  @Test func `one user is rebuilt alone`() async throws {
    try await withMail(40) { engine in
      let result = try await reindexer(engine).run(user: TestEngine.bob, jobs: 1, isFromSource: false) { _ in }
      #expect(result.messages == 40 && result.users == 1 && result.messageTotal == 40)
      #expect(result.textByteCount > 40 * 6)
    }
  }
}
