import Bytes
import MailStore
import Mailboxes
import TestSupport
import Testing

@testable import Ingest

@Suite(.timeLimit(.minutes(30))) struct OperatorQueuesTests {
  private let bytes = Array("Subject: virus\r\n\r\nperiwinkle\r\n".utf8)

  /// A directory with one held mail for both users.
  private func withHeldMail(
    judge: any MailJudge = ScriptedJudge.byWord,
    _ body: (TestEngine, OperatorQueues, QueueItemID, String) async throws -> Void
  ) async throws {
    try await withTemporaryDirectory { directory in
      try await TestEngine.open(directory + "/data") { engine in
        try await engine.accept(bytes, for: TestEngine.alice, TestEngine.bob)
        let work = Task { try await engine.workers(judge: ScriptedJudge.byWord).run() }
        for user in [TestEngine.alice, TestEngine.bob] {
          _ = await engine.queue.waitUntilProcessed(user: user, timeout: .seconds(600))
        }
        work.cancel()
        try await work.value
        let id = try #require(try engine.errors.mails(limit: 1).first?.id)
        let queues = OperatorQueues(
          inbound: engine.queue, delivery: engine.delivery(judge: judge), threads: engine.threads)
        try await body(engine, queues, id, directory)
      }
    }
  }

  private func counts(_ engine: TestEngine) async throws -> [Int] {
    try await [TestEngine.alice, TestEngine.bob].asyncMap { try await engine.found("in:anywhere", user: $0).count }
  }

  @Test func `a released mail is in the inboxes once, with what was found and who let it go`() async throws {
    try await withHeldMail { engine, queues, id, directory throws in
      #expect(try await queues.release(id).reason == "because")
      #expect(try await counts(engine) == [1, 1] && engine.errors.depth == 0)
      let found = try #require(try await engine.found("periwinkle").first)
      #expect(found.folder.role == .inbox)
      #expect(found.row.verdict?.action == .deliver && found.row.verdict?.by == "test, operator")
      #expect(found.row.verdict?.reason == "released: because")
      let failure = await #expect(throws: OperatorQueues.Failure.self) { try await queues.release(id) }
      #expect(failure?.code == .notFound)
      let copy = directory + "/copy"
      try engine.copyAsAfterKill(to: copy)
      try await TestEngine.open(copy) { again in
        try await again.drain()
        #expect(try await counts(again) == [1, 1] && again.errors.depth == 0)
      }
    }
  }

  @Test func `a release that was killed between mailboxes and queue delivers nothing twice when it is repeated`()
    async throws
  {
    try await withHeldMail { engine, queues, id, directory throws in
      let mail = try #require(try await queues.heldMail(id))
      let item = MailDelivery.Item(id: id, envelope: mail.envelope, bytes: bytes) { _ in mail.original }
      try await engine.delivery().deliver(item, nil)
      // Killed here: delivered, and held still.
      let copy = directory + "/copy"
      try engine.copyAsAfterKill(to: copy)
      try await TestEngine.open(copy) { again in
        #expect(again.errors.depth == 1)
        let queues = OperatorQueues(inbound: again.queue, delivery: again.delivery(), threads: again.threads)
        _ = try await queues.release(id)
        #expect(try await counts(again) == [1, 1] && again.errors.depth == 0)
      }
    }
  }

  @Test func `a worker whose lease expired long ago delivers nothing twice after a release`() async throws {
    try await withHeldMail { engine, queues, id, _ throws in
      let mail = try #require(try await queues.heldMail(id))
      _ = try await queues.release(id)
      let item = MailDelivery.Item(id: id, envelope: mail.envelope, bytes: bytes) { _ in mail.original }
      #expect(try await engine.delivery().process(item) == .delivered)
      #expect(try await counts(engine) == [1, 1])
    }
  }

  @Test func `many who release the same mail at once deliver it once`() async throws {
    try await withHeldMail { engine, queues, id, _ throws in
      let outcomes = await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<8 { group.addTask { (try? await queues.release(id)) != nil } }
        return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      #expect(outcomes == 1)
      #expect(try await counts(engine) == [1, 1])
    }
  }

  @Test func `a dropped mail is nowhere any more`() async throws {
    try await withHeldMail { engine, queues, id, _ throws in
      #expect(try await queues.dropHeld(id).id == id)
      #expect(try await counts(engine) == [0, 0] && engine.errors.depth == 0)
      await #expect(throws: OperatorQueues.Failure.self) { try await queues.dropHeld(id) }
    }
  }

  @Test func `a mail that filters still refuse stays held, with their new reason`() async throws {
    let judge = ScriptedJudge { _ in
      JudgedMail(MailJudgement(verdict: ScriptedJudge.verdict(.quarantine, reason: "still a virus")))
    }
    try await withHeldMail(judge: judge) { engine, queues, id, _ throws in
      #expect(try await queues.retry(id) == .heldAgain(reason: "still a virus"))
      #expect(try await queues.heldMail(id)?.reason == "still a virus")
      #expect(try await counts(engine) == [0, 0])
    }
  }

  @Test(arguments: [MailVerdict.Action.deliver, .spam])
  func `a mail that filters now let through goes where they say`(action: MailVerdict.Action) async throws {
    let judge = ScriptedJudge { _ in JudgedMail(MailJudgement(verdict: ScriptedJudge.verdict(action))) }
    try await withHeldMail(judge: judge) { engine, queues, id, _ throws in
      #expect(try await queues.retry(id) == .delivered)
      let found = try #require(try await engine.found("in:anywhere").first)
      #expect(found.folder.role == (action == .spam ? .spam : .inbox) && engine.errors.depth == 0)
    }
  }

  @Test func `filters that cannot be asked leave a held mail held`() async throws {
    let judge = ScriptedJudge { _ in throw FiltersUnavailable("down") }
    try await withHeldMail(judge: judge) { engine, queues, id, _ throws in
      await #expect(throws: FiltersUnavailable.self) { try await queues.retry(id) }
      #expect(engine.errors.depth == 1)
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
