import Bytes
import MailStore
import Mailboxes
import TestSupport
import Testing

@testable import Ingest

/// What becomes of mail that filters have seen.
@Suite(.timeLimit(.minutes(30))) struct MailDeliveryTests {
  private func mail(_ word: String, from: String = "dan@example.net") -> [UInt8] {
    Array("From: <\(from)>\r\nSubject: \(word)\r\n\r\nperiwinkle\r\n".utf8)
  }

  private func withEngine(_ body: (TestEngine, String) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
      try await TestEngine.open(directory + "/data") { try await body($0, directory) }
    }
  }

  private func drain(
    _ engine: TestEngine, _ judge: any MailJudge,
    blocks: @escaping @Sendable (String, UserID) -> Bool = { _, _ in false }
  ) async throws {
    let work = Task { try await engine.workers(judge: judge, blocks: blocks).run() }
    for user in [TestEngine.alice, TestEngine.bob] {
      #expect(await engine.queue.waitUntilProcessed(user: user, timeout: .seconds(600)) == 0)
    }
    work.cancel()
    try await work.value
  }

  @Test func `spam is in the spam folder with its verdict and found there`() async throws {
    try await withEngine { engine, _ throws in
      try await engine.accept(mail("spam"), for: TestEngine.alice, TestEngine.bob)
      try await engine.accept(mail("ham"), for: TestEngine.alice)
      try await drain(engine, ScriptedJudge.byWord)
      let spam = try await engine.found("in:spam periwinkle")
      #expect(spam.map(\.folder.role) == [.spam])
      #expect(spam.first?.row.verdict == ScriptedJudge.verdict(.spam))
      #expect(spam.first?.row.trace.contains("X-Test: spam\r\n") == true)
      let found = try await engine.found("periwinkle")
      #expect(found.map(\.row.summary.subject) == ["ham"] && found.first?.row.verdict?.action == .deliver)
      #expect(try await engine.found("in:spam", user: TestEngine.bob).count == 1)
      let row = try #require(spam.first?.row)
      let raw = try await engine.mailboxes.original(of: row)
      #expect(raw.count == Int(row.size) && raw.suffix(mail("spam").count) == mail("spam")[...])
    }
  }

  @Test(arguments: [100, 60_000])
  func `a virus reaches nobody, is held with its reason, and leaves the inbound queue`(padding: Int) async throws {
    try await withEngine { engine, directory throws in
      let bytes = mail("virus") + Array(String(repeating: "x", count: padding).utf8)
      try await engine.accept(bytes, for: TestEngine.alice, TestEngine.bob)
      try await drain(engine, ScriptedJudge.byWord)
      #expect(try await engine.found("in:anywhere periwinkle").isEmpty)
      #expect(engine.queue.depth() == 0 && engine.errors.depth == 1)
      let held = try #require(try engine.errors.mails(limit: 1).first)
      #expect(held.cause == .quarantine && held.reason == "because" && held.verdict?.symbols.map(\.name) == ["TEST"])
      #expect(held.envelope == TestEngine.envelope([TestEngine.alice, TestEngine.bob]))
      #expect(try engine.originals.read(held.original) == bytes && held.byteCount == UInt64(bytes.count))
      // And after a crash: once, with its bytes.
      let copy = directory + "/copy"
      try engine.copyAsAfterKill(to: copy)
      try await TestEngine.open(copy) { again in
        try await again.drain()
        #expect(again.errors.depth == 1)
        #expect(try again.originals.read(try #require(try again.errors.mails(limit: 1).first).original) == bytes)
      }
    }
  }

  @Test func `a mail whose holding was durable before a crash is not delivered by the queue`() async throws {
    try await withEngine { engine, directory throws in
      try await engine.accept(mail("virus"), for: TestEngine.alice)
      let lease = try #require(await engine.queue.lease())
      let item = MailDelivery.Item(id: lease.id, envelope: lease.envelope, bytes: mail("virus")) { _ in
        try #require(engine.queue.reference(of: lease))
      }
      try await engine.delivery().hold(item, .quarantine, reason: "a virus")
      // Killed before the item was finished.
      let copy = directory + "/copy"
      try engine.copyAsAfterKill(to: copy)
      try await TestEngine.open(copy) { again in
        #expect(again.queue.depth() == 1 && again.errors.depth == 1)
        try await again.drain()
        #expect(again.queue.depth() == 0 && again.errors.depth == 1)
        #expect(try await again.found("in:anywhere").isEmpty)
      }
      await engine.queue.finish(lease)
    }
  }

  @Test func `mail is put off while a filter is down, and nothing is delivered unscanned`() async throws {
    try await withEngine { engine, _ throws in
      let isDown = Locked(true)
      let judge = ScriptedJudge { _ in
        if isDown.withLock({ $0 }) { throw FiltersUnavailable("rspamd: no answer", retryAfter: .milliseconds(1)) }
        return JudgedMail(MailJudgement(verdict: ScriptedJudge.verdict(.deliver)))
      }
      try await engine.accept(mail("ham"), for: TestEngine.alice)
      let work = Task { try await engine.workers(judge: judge).run() }
      while judge.asked.withLock({ $0 }) < 3 { await Task.yield() }
      #expect(try await engine.found("in:anywhere").isEmpty && engine.queue.depth() == 1)
      isDown.withLock { $0 = false }
      while engine.queue.depth() > 0 { await Task.yield() }
      work.cancel()
      try await work.value
      #expect(try await engine.found("periwinkle").count == 1)
    }
  }

  @Test func `what was judged before acceptance is not judged again`() async throws {
    try await withEngine { engine, _ throws in
      var envelope = TestEngine.envelope([TestEngine.alice])
      envelope.judgement = MailJudgement(verdict: ScriptedJudge.verdict(.spam), fields: "X-Early: 1\r\n")
      _ = try await engine.queue.accept(envelope, .inline(mail("ham")))
      let judge = ScriptedJudge.byWord
      try await drain(engine, judge)
      #expect(judge.asked.withLock { $0 } == 0)
      let found = try await engine.found("in:spam")
      #expect(found.count == 1 && found.first?.row.trace.contains("X-Early: 1") == true)
    }
  }

  @Test(arguments: ["dan@example.net", "eve@example.org"])
  func `a sender that one recipient blocks goes to that one's spam`(sender: String) async throws {
    try await withEngine { engine, _ throws in
      // The envelope's sender is always dan; the From field may name another.
      try await engine.accept(mail("ham", from: "eve@example.org"), for: TestEngine.alice, TestEngine.bob)
      try await drain(engine, ScriptedJudge.byWord) { $0 == sender && $1 == TestEngine.alice }
      let blocked = try #require(try await engine.found("in:spam").first)
      #expect(blocked.row.verdict?.action == .spam)
      #expect(blocked.row.verdict?.symbols.map(\.name) == ["TEST", "SENDER_BLOCKED_BY_USER"])
      let other = try #require(try await engine.found("periwinkle", user: TestEngine.bob).first)
      #expect(other.folder.role == .inbox && other.row.verdict?.action == .deliver)
    }
  }

  @Test func `without filters mail has no verdict`() async throws {
    try await withEngine { engine, _ throws in
      try await engine.accept(mail("virus"), for: TestEngine.alice)
      try await engine.drain()
      #expect(try await engine.found("periwinkle").first?.row.verdict == nil)
    }
  }
}
