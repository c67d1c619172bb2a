import Bytes
import MailStore
import TestSupport
import Testing

@testable import Ingest

/// Operators give mail up and have its sender told.
@Suite(.timeLimit(.minutes(30))) struct OperatorReportsTests {
  private let bytes = Array("Subject: virus\r\n\r\nperiwinkle\r\n".utf8)

  private func withHeldMail(
    from sender: String, occasions: InboundRecipient.Occasions? = nil,
    _ body: (TestEngine, QueueItemID, String) async throws -> Void
  ) async throws {
    try await withTemporaryDirectory { directory in
      try await TestEngine.open(directory + "/data") { engine in
        let envelope = TestEngine.envelope(from: sender, [TestEngine.recipient(TestEngine.bob, nil, occasions)])
        _ = try await engine.queue.accept(envelope, .inline(bytes))
        let work = Task { try await engine.workers(judge: ScriptedJudge.byWord).run() }
        while engine.queue.depth() > 0 { await Task.yield() }
        work.cancel()
        try await work.value
        try await body(engine, try #require(try engine.errors.mails(limit: 1).first?.id), directory)
      }
    }
  }

  private func queues(_ engine: TestEngine, _ reporter: Reporter?) -> OperatorQueues {
    OperatorQueues(inbound: engine.queue, delivery: engine.delivery(reporter: reporter), threads: engine.threads)
  }

  @Test func `its sender hears in general words, and gets nothing of what is dangerous`() async throws {
    try await withHeldMail(from: "alice@example.com") { engine, id, _ throws in
      #expect(try await queues(engine, engine.reporter()).bounceHeld(id) == .local)
      #expect(engine.errors.depth == 0)
      let text = try #require(try await engine.queued().first?.text)
      #expect(
        text.contains("Action: failed\r\nStatus: 5.7.1\r\n") && text.contains("Content-Type: text/rfc822-headers"))
      #expect(!text.contains("periwinkle") && !text.contains("because") && !text.contains("TEST"))
    }
  }

  @Test(arguments: [("", ReportOutcome.nullSender), ("nobody@example.com", .unknownSender)])
  func `who cannot be told is not, and the mail is gone`(sender: String, outcome: ReportOutcome) async throws {
    try await withHeldMail(from: sender) { engine, id, _ throws in
      #expect(try await queues(engine, engine.reporter()).bounceHeld(id) == outcome)
      #expect(engine.errors.depth == 0 && engine.queue.depth() == 0)
    }
  }

  @Test func `who wants to hear of no failure hears of none`() async throws {
    try await withHeldMail(from: "alice@example.com", occasions: []) { engine, id, _ throws in
      #expect(try await queues(engine, engine.reporter()).bounceHeld(id) == .notWanted)
    }
  }

  @Test func `without a relay a stranger's mail stays held, and the operator hears why`() async throws {
    try await withHeldMail(from: "dan@example.net") { engine, id, _ throws in
      for reporter in [engine.reporter(), nil] {
        let failure = await #expect(throws: OperatorQueues.Failure.self) {
          try await queues(engine, reporter).bounceHeld(id)
        }
        #expect(failure?.code == .unreported && failure?.description.contains("bounces.relay") == true)
      }
      #expect(engine.errors.depth == 1)
      let outbox = try ReportOutbox(sharing: engine.store)
      #expect(try await queues(engine, engine.reporter(outbox: outbox)).bounceHeld(id) == .relay)
      #expect(engine.errors.depth == 0 && outbox.depth == 1)
    }
  }

  /// Killed when the report is durable and the mail still held.
  @Test func `a crash before the mail is dropped leaves both, and dropping it again tells with the same bytes`()
    async throws
  {
    try await withHeldMail(from: "alice@example.com") { engine, id, directory throws in
      let mail = try #require(try engine.errors.mail(id))
      let news = DeliveryNews.droppedByOperator(mail.envelope, at: mail.heldAt, isDangerous: true)
      #expect(
        try await engine.reporter().report(news, of: id, mail.envelope, mail: bytes, verdict: mail.verdict) == .local)
      try engine.copyAsAfterKill(to: directory + "/copy")
      try await TestEngine.open(directory + "/copy") { again in
        #expect(again.errors.depth == 1 && again.queue.depth() == 1)
        #expect(try await queues(again, again.reporter()).bounceHeld(id) == .local)
        let texts = try await again.queued().map(\.text)
        #expect(again.errors.depth == 0 && texts.count == 2 && Set(texts).count == 1)
      }
    }
  }
}
