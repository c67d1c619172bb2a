import Bytes
import Index
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

/// Batches: what makes one durable, and what becomes of it when something goes wrong.
@Suite(.timeLimit(.minutes(30))) struct ShardWriterTests {
  /// Journal files so large that none is begun during a test.
  private static let roomy = Door.Options(journalFileByteCount: 1 << 20)
  private static let carol = UserID(rawValue: 3)

  private struct Accident: Error {}

  private func letters(_ count: Int, _ door: Door) -> [@Sendable () async throws -> MessageID] {
    (1...count).map { number in { try await door.store("mail \(number)") } }
  }

  // MARK: Batches

  @Test func `a batch is one write and one sync of the journal`() async throws {
    try await Door.open(Self.roomy) { door in
      try await door.store("first")
      let before = door.files.steps.count
      let results = await door.inOneBatch(of: letters(20, door))
      let steps = door.files.steps[before...]
      #expect(steps.map(\.kind) == [.write, .sync])
      #expect(steps.allSatisfy { $0.path.contains("/journal/") })
      #expect(try Set(results.map { try $0.get() }).count == 20)
      try await door.audit([Door.alice])
    }
  }

  @Test func `nobody hears of a batch before it is synced`() async throws {
    try await Door.open(Self.roomy) { door in
      let id = try await door.store("first")
      #expect(try await door.found("in:anywhere") == ["first"])
      let gate = Gate()
      door.files.plan.failure = { step in
        if step.kind == .sync && step.path.contains("/journal/") { gate.pass() }
        return nil
      }
      let isAnswered = Flag()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await door.store("second")
          isAnswered.set()
        }
        await gate.waitUntilReached()
        // Asked without the door, which would wait for the writer.
        #expect(door.mailboxes.board.latest(Door.alice).rawValue == 7)
        #expect(door.shard.index.snapshot(Door.alice)?.attributes.live.docIDs == [id.docID])
        #expect(try door.shard.view.read { try $0.allAttributes(Door.alice).map(\.docID) } == [id.docID])
        #expect(!isAnswered.isSet)
        gate.open()
        try await group.waitForAll()
      }
      #expect(try await door.found("in:anywhere").count == 2)
    }
  }

  @Test func `a batch that only looks writes nothing`() async throws {
    try await Door.open(Self.roomy) { door in
      try await door.store("first")
      let before = door.files.steps.count
      _ = try await door.mailboxes.messages(Door.alice, contentHash: 1)
      _ = try await door.mailboxes.update(Door.alice, ids: [], MessageUpdate())
      #expect(door.files.steps.count == before)
    }
  }

  // MARK: Refusals

  @Test func `a job that refuses fails alone`() async throws {
    try await Door.open(Self.roomy) { door in
      try await door.store("first")
      let syncs = door.journalSyncCount
      let unknown = MessageID(high: 1, low: 1)
      let results = await door.inOneBatch(
        { _ = try await door.store("second") },
        { _ = try await door.mailboxes.update(Door.alice, ids: [unknown], MessageUpdate(isRead: true)) },
        { _ = try await door.store("third") })
      #expect(results.map(\.refusal) == [nil, .notFound, nil])
      #expect(results.map(\.isSuccess) == [true, false, true])
      #expect(door.journalSyncCount == syncs + 1)
      #expect(try await door.found("in:anywhere").count == 3)
      try await door.audit([Door.alice])
    }
  }

  @Test func `a job that refuses after it staged something takes nothing of the others with it`() async throws {
    try await Door.open(Self.roomy) { door in
      try await door.store("first")
      let results = await door.inOneBatch(
        { _ = try await door.store("second") },
        // Makes carol's mailbox first, and then finds that the name is taken.
        { _ = try await door.mailboxes.createFolder(Self.carol, name: "Inbox") },
        { _ = try await door.store("third") },
        { _ = try await door.mailboxes.createFolder(Self.carol, name: "Inbox") },
        { _ = try await door.store("fourth", to: Door.bob) })
      #expect(results.map(\.refusal) == [nil, .conflict, nil, .conflict, nil])
      #expect(results.map(\.isSuccess) == [true, false, true, false, true])
      func check(_ door: Door) async throws {
        #expect(try await door.found("in:anywhere").sorted() == ["first", "second", "third"])
        #expect(try await door.mailboxes.folders(Self.carol).isEmpty)
        try await door.audit()
      }
      try await check(door)
      try await door.crashed(.dropped) { try await check($0) }
    }
  }

  @Test func `a job that breaks takes its batch with it, and the writer goes on`() async throws {
    try await Door.open(Self.roomy) { door in
      try await door.store("first")
      let results = await door.inOneBatch(
        { _ = try await door.store("second") },
        {
          try await door.shard.perform { transaction in
            try transaction.createMailbox(Self.carol)
            throw Accident()
          }
        },
        { _ = try await door.store("third") })
      #expect(results.map(\.refusal) == [.busy, .busy, .busy])
      #expect(try await door.found("in:anywhere") == ["first"])
      try await door.store("fourth")
      #expect(try await door.found("in:anywhere").sorted() == ["first", "fourth"])
      #expect(try await door.mailboxes.folders(Self.carol).isEmpty)
      try await door.audit([Door.alice])
      try await door.crashed(.dropped) { try await $0.audit([Door.alice]) }
    }
  }

  @Test func `changes that do not fit the rows are kept by nobody`() async throws {
    try await Door.open(Self.roomy) { door in
      try await door.store("first")
      let results = await door.inOneBatch(
        { _ = try await door.store("second") },
        {
          try await door.shard.perform { transaction in
            _ = try transaction.stage(Door.alice, [.messageRemoved(DocID(rawValue: 99))])
          }
        })
      #expect(results.map(\.refusal) == [.busy, .busy])
      try await door.store("third")
      #expect(try await door.found("in:anywhere").sorted() == ["first", "third"])
      try await door.audit([Door.alice])
    }
  }

  // MARK: A full disk

  @Test func `with a full disk nothing of a write is kept, and writing goes on when there is space`() async throws {
    try await Door.open(Door.Options(journalFileByteCount: 4 << 10)) { door in
      try await door.store("first")
      #expect(try await door.found("in:anywhere").count == 1)
      door.files.plan.byteQuota = 1
      var stored: Set = ["first"]
      var refused: [String] = []
      for number in 1...30 {
        switch try await refusal({ try await door.store("mail \(number)") }) {
        case nil: stored.insert("mail \(number)")
        case .busy?: refused.append("mail \(number)")
        case let other?: Issue.record("a full disk answers \(other)")
        }
      }
      #expect(stored.count > 1 && refused.count > 1, "the journal's file should fill up on the way")
      #expect(!door.mailboxes.hasStopped)
      #expect(Set(try await door.found("in:anywhere")) == stored)
      try await door.audit([Door.alice], "full")

      door.files.plan.byteQuota = nil
      for subject in refused { try await door.store(subject) }
      stored.formUnion(refused)
      #expect(Set(try await door.found("in:anywhere")) == stored)
      try await door.audit([Door.alice], "space again")
      try await door.crashed(.dropped) { door in
        #expect(Set(try await door.found("in:anywhere")) == stored)
        try await door.audit([Door.alice], "opened again")
      }
    }
  }

  @Test func `every job of a batch that the disk has no room for is told so`() async throws {
    try await Door.open(Door.Options(journalFileByteCount: 4 << 10)) { door in
      try await door.store("first")
      door.files.plan.byteQuota = 1
      let results = await door.inOneBatch(of: letters(30, door))
      #expect(results.allSatisfy { $0.refusal == .busy })
      #expect(try await door.found("in:anywhere") == ["first"])
      try await door.audit([Door.alice])
    }
  }

  // MARK: A failed sync

  struct Failure: CustomTestStringConvertible {
    let kind: CrashPlan.Step.Kind
    let outcome: CrashOutcome
    var testDescription: String { "\(kind), then \(outcome)" }

    static let all = [CrashPlan.Step.Kind.write, .sync].flatMap { kind in
      [.kept, .dropped, .torn(seed: 1), .torn(seed: 2)].map { Failure(kind: kind, outcome: $0) }
    }
  }

  @Test(arguments: Failure.all)
  func `after a failed sync nothing is written, and what was durable is read`(failure: Failure) async throws {
    try await Door.open(Self.roomy) { door in
      for number in 1...3 { try await door.store("mail \(number)") }
      try await door.store("his", to: Door.bob)
      let kind = failure.kind
      door.files.plan.failure = { $0.kind == kind && $0.path.contains("/journal/") ? .failed : nil }
      let results = await door.inOneBatch(
        { _ = try await door.store("in doubt") }, { _ = try await door.store("in doubt too") })
      #expect(results.map(\.refusal) == [.stopped, .stopped])
      #expect(door.mailboxes.hasStopped)
      door.files.plan.failure = nil
      #expect(try await refusal { try await door.store("later") } == .stopped)

      #expect(try await door.found("in:anywhere").count == 3)
      #expect(try await door.folder(.inbox).total == 3)
      #expect(try await door.changes().count == 9)
      // Nobody asked for bob before: his attributes are loaded now.
      #expect(try await door.found("his", user: Door.bob) == ["his"])
      try await door.audit([Door.alice, Door.bob], "stopped")

      try await door.crashed(failure.outcome) { door in
        let found = try await door.found("in:anywhere").sorted()
        let acknowledged = ["mail 1", "mail 2", "mail 3"]
        #expect(found == acknowledged || found == ["in doubt", "in doubt too"] + acknowledged)
        #expect(!door.mailboxes.hasStopped)
        try await door.store("later")
        try await door.audit([Door.alice, Door.bob], "opened again")
      }
    }
  }
}
