import Bytes
import MailStore
import Mailboxes
import TestSupport
import Testing

@testable import Ingest

/// On which occasions senders are told, and what a crash leaves.
@Suite(.timeLimit(.minutes(30))) struct DeliveryReportsTests {
  private static let gone = [TestEngine.carol, UserID(rawValue: 4)]
  private let mail = Array("Subject: periwinkle\r\n\r\ntext\r\n".utf8)

  private func withEngine(_ body: (TestEngine, String) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
      try await TestEngine.open(directory + "/data") { engine in
        for user in Self.gone { engine.accounts.remove(user) }
        try await body(engine, directory)
      }
    }
  }

  private func drain(_ engine: TestEngine, _ reporter: Reporter, judge: (any MailJudge)? = nil) async throws {
    let work = Task { try await engine.workers(judge: judge, reporter: reporter).run() }
    while engine.queue.depth() > 0 { await Task.yield() }
    work.cancel()
    try await work.value
  }

  private func reports(_ engine: TestEngine, _ user: UserID = TestEngine.alice) async throws -> [String] {
    var reports: [String] = []
    for found in try await engine.found("from:mailer-daemon", user: user) {
      reports.append(String(decoding: try await engine.mailboxes.original(of: found.row), as: UTF8.self))
    }
    return reports
  }

  // MARK: The account is gone

  @Test func `the sender hears once of all whose accounts went away, and not of the others`() async throws {
    try await withEngine { engine, _ throws in
      let gone = Self.gone
      let recipients = [
        TestEngine.recipient(TestEngine.bob), TestEngine.recipient(gone[0]), TestEngine.recipient(gone[1]),
        // An alias of somebody who is there and somebody who is not has reached somebody.
        TestEngine.recipient(gone[0], "team@example.com"), TestEngine.recipient(TestEngine.bob, "team@example.com"),
      ]
      _ = try await engine.queue.accept(
        TestEngine.envelope(from: "alice@example.com", recipients), .inline(mail))
      let reporter = engine.reporter()
      try await drain(engine, reporter)
      let reports = try await reports(engine)
      #expect(reports.count == 1 && reporter.counts == [.local: 1])
      let named = reports.joined().matches(of: /Final-Recipient: rfc822; ([^\r]*)/).map { String($0.1) }
      #expect(named == ["u3@example.com", "u4@example.com"])
      #expect(try await engine.found("subject:periwinkle", user: TestEngine.bob).count == 1)
    }
  }

  @Test func `spam for an account that went away is told to nobody`() async throws {
    try await withEngine { engine, _ throws in
      _ = try await engine.queue.accept(
        TestEngine.envelope(from: "alice@example.com", [TestEngine.recipient(TestEngine.carol)]),
        .inline(Array("Subject: spam\r\n\r\n".utf8)))
      let reporter = engine.reporter()
      try await drain(engine, reporter, judge: ScriptedJudge.byWord)
      #expect(reporter.counts == [.spam: 1])
      #expect(try await reports(engine).isEmpty)
    }
  }

  /// Killed after the report is durable and before the mail that it is about is finished, and after both.
  @Test func `a crash loses no report; one before the mail is finished makes it again, byte for byte`() async throws {
    try await withEngine { engine, directory throws in
      let envelope = TestEngine.envelope(from: "alice@example.com", [TestEngine.recipient(TestEngine.carol)])
      _ = try await engine.queue.accept(envelope, .inline(mail))
      let lease = try #require(await engine.queue.lease())
      let item = MailDelivery.Item(id: lease.id, envelope: lease.envelope, bytes: mail) { _ in
        try #require(engine.queue.reference(of: lease))
      }
      #expect(try await engine.delivery(reporter: engine.reporter()).process(item) == .delivered)
      try engine.copyAsAfterKill(to: directory + "/unfinished")
      await engine.queue.finish(lease)
      try await TestEngine.open(directory + "/unfinished") { again in
        again.accounts.remove(TestEngine.carol)
        #expect(again.queue.depth() == 2)
        try await drain(again, again.reporter())
        let contents = try await again.found("from:mailer-daemon").asyncMap {
          try again.originals.read($0.row.original)
        }
        #expect(contents.count == 2 && Set(contents).count == 1)
      }
      try await drain(engine, engine.reporter())
      #expect(try await reports(engine).count == 1)
    }
  }

  @Test func `where the report cannot be made durable the mail stays in the queue`() async throws {
    try await withEngine { engine, _ throws in
      _ = try await engine.queue.accept(
        TestEngine.envelope(from: "dan@example.net", [TestEngine.recipient(TestEngine.carol)]), .inline(mail))
      let lease = try #require(await engine.queue.lease())
      let item = MailDelivery.Item(id: lease.id, envelope: lease.envelope, bytes: mail) { _ in
        try #require(engine.queue.reference(of: lease))
      }
      let closed = try AccountStore(path: engine.directory + "/other.sqlite")
      let outbox = try ReportOutbox(sharing: closed)
      closed.close()
      let delivery = engine.delivery(reporter: engine.reporter(outbox: outbox))
      await #expect(throws: (any Error).self) { try await delivery.process(item) }
      #expect(engine.queue.depth() == 1)
    }
  }

  // MARK: Success

  @Test(arguments: [true, false])
  func `success is told to who asks for it where DSN is announced`(isAnnounced: Bool) async throws {
    try await withEngine { engine, _ throws in
      let recipients = [
        TestEngine.recipient(TestEngine.bob, "bob@example.com", [.success, .failure]),
        TestEngine.recipient(TestEngine.bob, "robert@example.com"),
      ]
      _ = try await engine.queue.accept(TestEngine.envelope(from: "alice@example.com", recipients), .inline(mail))
      try await drain(engine, engine.reporter { $0.reportsSuccess = isAnnounced })
      let reports = try await reports(engine)
      #expect(reports.count == (isAnnounced ? 1 : 0))
      guard let report = reports.first else { return }
      #expect(report.contains("Final-Recipient: rfc822; bob@example.com\r\nAction: delivered\r\nStatus: 2.0.0\r\n"))
      #expect(!report.contains("robert@example.com") && !report.contains("\r\ntext\r\n"))
    }
  }

  // MARK: Delays

  private func delay(
    _ hours: Int64, judge: (any MailJudge)? = nil, protocolName: String = "ESMTP", tries: Int = 3
  ) async throws -> [ReportOutcome: Int] {
    var counts: [ReportOutcome: Int] = [:]
    try await withEngine { engine, _ throws in
      let clock = ManualClock()
      let reporter = engine.reporter(clock: clock)
      let receivedAt = Timestamp(rawValue: clock.now().rawValue - hours * 3_600_000)
      let envelope = TestEngine.envelope(
        from: "alice@example.com", [TestEngine.recipient(TestEngine.bob)], receivedAt: receivedAt,
        protocolName: protocolName)
      let id = try await engine.queue.accept(envelope, .inline(mail))
      let delivery = engine.delivery(judge: judge, reporter: reporter)
      for _ in 0..<tries { await delivery.tell(ofDelay: id, envelope) { mail } }
      counts = reporter.counts
      if counts[.local] == 1 {
        let report = try #require(try await engine.queued().last)
        #expect(report.text.contains("Action: delayed\r\nStatus: 4.3.0\r\n"))
        #expect(report.text.contains("Last-Attempt-Date: "))
        // As if the process had begun anew: told again, under the same name.
        let again = engine.reporter(clock: clock)
        await engine.delivery(judge: judge, reporter: again).tell(ofDelay: id, envelope) { mail }
        let all = try await engine.queued().dropFirst().map(\.text)
        #expect(all.count == 2 && Set(all).count == 1)
      }
    }
    return counts
  }

  @Test func `a mail that waits for four hours is told of once`() async throws {
    #expect(try await delay(3) == [:])
    #expect(try await delay(4) == [.local: 1])
  }

  @Test func `of mail that filters have not seen only its submitter hears`() async throws {
    #expect(try await delay(5, judge: ScriptedJudge.byWord) == [:])
    #expect(try await delay(5, judge: ScriptedJudge.byWord, protocolName: "ESMTPSA") == [.local: 1])
  }

  @Test func `a worker that puts a mail off tells of the delay`() async throws {
    try await withEngine { engine, _ throws in
      let clock = ManualClock()
      let reporter = engine.reporter(clock: clock)
      let isDown = Locked(true)
      let judge = ScriptedJudge { _ in
        if isDown.withLock({ $0 }) { throw FiltersUnavailable("down", retryAfter: .milliseconds(1)) }
        return JudgedMail(MailJudgement(verdict: ScriptedJudge.verdict(.deliver)))
      }
      let receivedAt = Timestamp(rawValue: clock.now().rawValue - 5 * 3_600_000)
      _ = try await engine.queue.accept(
        TestEngine.envelope(
          from: "alice@example.com", [TestEngine.recipient(TestEngine.bob)], receivedAt: receivedAt,
          protocolName: "ESMTPSA"), .inline(mail))
      let work = Task { try await engine.workers(judge: judge, reporter: reporter).run() }
      while judge.asked.withLock({ $0 }) < 3 { await Task.yield() }
      isDown.withLock { $0 = false }
      while engine.queue.depth() > 0 { await Task.yield() }
      work.cancel()
      try await work.value
      #expect(reporter.counts == [.local: 1])
      #expect(try await reports(engine).count == 1)
    }
  }
}

extension Sequence {
  fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
    var values: [Value] = []
    for element in self { values.append(try await transform(element)) }
    return values
  }
}
