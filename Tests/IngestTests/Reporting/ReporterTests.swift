import Bytes
import MailStore
import Mailboxes
import TestSupport
import Testing

@testable import Ingest

/// Who is told, and where the report goes.
@Suite(.timeLimit(.minutes(30))) struct ReporterTests {
  private let mail = Array("Subject: periwinkle\r\nMessage-ID: <original@example.net>\r\n\r\ntext\r\n".utf8)
  private let id = QueueItemID(rawValue: 42)

  private func withEngine(_ body: (TestEngine) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
      try await TestEngine.open(directory + "/data") { try await body($0) }
    }
  }

  private func tell(
    _ reporter: Reporter, _ sender: String, _ verdict: MailVerdict? = nil, occasions: InboundRecipient.Occasions? = nil,
    mail: [UInt8]? = nil
  ) async throws -> ReportOutcome {
    let envelope = TestEngine.envelope(from: sender, [TestEngine.recipient(TestEngine.carol, nil, occasions)])
    return try await reporter.report(
      .userGone(Set(envelope.addresses), of: envelope), of: id, envelope, mail: mail ?? self.mail, verdict: verdict)
  }

  @Test(arguments: [100, 40_000])
  func `a user of this server finds the report in the inbox`(byteCount: Int) async throws {
    try await withEngine { engine throws in
      let mail = mail + Array(String(repeating: "a line of text\r\n", count: byteCount / 16).utf8)
      let reporter = engine.reporter()
      #expect(try await tell(reporter, "alice@example.com", mail: mail) == .local)
      #expect(reporter.counts == [.local: 1])
      let queued = try #require(try await engine.queued().first)
      #expect(queued.envelope.reversePath.isEmpty && queued.envelope.users == [TestEngine.alice])
      #expect(queued.text.contains("Final-Recipient: rfc822; u3@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n"))
      let judge = ScriptedJudge { _ in throw FiltersUnavailable("down") }
      let work = Task { try await engine.workers(judge: judge, reporter: reporter).run() }
      while engine.queue.depth() > 0 { await Task.yield() }
      work.cancel()
      try await work.value
      let found = try #require(try await engine.found("in:inbox").first)
      #expect(found.row.summary.subject == "Undelivered mail returned to sender")
      #expect(found.row.trace.contains("Return-Path: <>\r\n"))
      #expect(try await engine.found("periwinkle").count == 1)
    }
  }

  @Test func `strangers are told by the relay only`() async throws {
    try await withEngine { engine throws in
      #expect(try await tell(engine.reporter(), "dan@example.net") == .noRelay)
      let outbox = try ReportOutbox(sharing: engine.store)
      let reporter = engine.reporter(outbox: outbox)
      #expect(try await tell(reporter, "dan@example.net") == .relay)
      #expect(try await tell(reporter, "dan@example.net") == .relay)
      #expect(outbox.depth == 1 && engine.queue.depth() == 0)
      let report = try #require(try outbox.next())
      #expect(
        report.recipient == "dan@example.net" && report.name.hasPrefix("42.")
          && report.name.hasSuffix(".failed@mx.example.com"))
    }
  }

  @Test func `a full outbox takes no more and says so`() async throws {
    try await withEngine { engine throws in
      let reporter = engine.reporter(outbox: try ReportOutbox(sharing: engine.store, maxDepth: 0))
      #expect(try await tell(reporter, "dan@example.net") == .noRoom)
    }
  }

  @Test func `nobody is told who must not, does not want to or cannot be`() async throws {
    try await withEngine { engine throws in
      let outbox = try ReportOutbox(sharing: engine.store)
      let reporter = engine.reporter(outbox: outbox)
      #expect(try await tell(reporter, "") == .nullSender)
      #expect(try await tell(reporter, "dan@example.net", ScriptedJudge.verdict(.spam)) == .spam)
      #expect(try await tell(reporter, "dan@example.net", ScriptedJudge.verdict(.quarantine)) == .spam)
      #expect(try await tell(reporter, "dan@example.net", occasions: .success) == .notWanted)
      #expect(try await tell(reporter, "nobody@example.com") == .unknownSender)
      #expect(engine.queue.depth() == 0 && outbox.depth == 0)
      #expect(reporter.counts == [.nullSender: 1, .spam: 2, .notWanted: 1, .unknownSender: 1])
    }
  }

  @Test func `one target gets so many reports in a minute and no more`() async throws {
    try await withEngine { engine throws in
      let clock = ManualClock()
      let reporter = engine.reporter(clock: clock) { $0.reportsPerMinute = 2 }
      var outcomes: [ReportOutcome] = []
      for _ in 0..<3 { outcomes.append(try await tell(reporter, "alice@example.com")) }
      #expect(outcomes == [.local, .local, .limited])
      #expect(try await tell(reporter, "bob@example.com") == .local)
      clock.advance(by: .seconds(30))
      #expect(try await tell(reporter, "alice@example.com") == .local)
      #expect(try await tell(reporter, "ALICE@example.com") == .unknownSender)
    }
  }
}
