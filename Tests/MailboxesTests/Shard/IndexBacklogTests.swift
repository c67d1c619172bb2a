import Bytes
import Index
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

/// Where upkeep falls behind, the writer flushes before it takes more.
@Suite(.timeLimit(.minutes(30))) struct IndexBacklogTests {
  /// Any text is too much; no journal file is begun during a test.
  private static let options = Door.Options(journalFileByteCount: 1 << 20, maxUnflushedByteCount: 1)

  @Test func `the writer flushes before it takes more than the index may hold`() async throws {
    try await Door.open(Self.options) { door in
      for number in 1...4 {
        try await door.store("mail \(number)")
        #expect(door.shard.index.unflushedByteCount > 0)
        #expect(door.shard.index.statistics().runs == number - 1)
      }
      #expect(door.shard.index.statistics().runRecords == 3)
      try await door.audit([Door.alice])
      try await door.crashed(.dropped) { door in
        #expect(try await door.found("in:anywhere").count == 4)
        try await door.audit([Door.alice])
      }
    }
  }

  @Test func `below the bound the writer leaves flushing to upkeep`() async throws {
    try await Door.open { door in
      for number in 1...20 { try await door.store("mail \(number)") }
      #expect(door.shard.index.statistics().runs == 0)
    }
  }

  @Test func `with a full disk it tells whoever writes to come back, and goes on when there is space`() async throws {
    try await Door.open(Self.options) { door in
      let id = try await door.store("one")
      door.files.plan.byteQuota = 1
      for _ in 1...2 {
        #expect(try await refusal { try await door.store("two") } == .busy)
        let update = MessageUpdate(isRead: true)
        #expect(try await refusal { try await door.mailboxes.update(Door.alice, ids: [id], update) } == .busy)
      }
      #expect(!door.mailboxes.hasStopped)
      #expect(try await door.found("is:unread") == ["one"])
      try await door.audit([Door.alice], "full")

      door.files.plan.byteQuota = nil
      try await door.store("two")
      try await door.audit([Door.alice], "space again")
      try await door.crashed(.dropped) { door in
        #expect(try await door.found("in:anywhere").sorted() == ["one", "two"])
        try await door.audit([Door.alice], "opened again")
      }
    }
  }

  @Test(arguments: [CrashPlan.Step.Kind.write, .sync, .rename])
  func `with an index that stopped writing, so has the shard, until it is opened again`(
    kind: CrashPlan.Step.Kind
  ) async throws {
    try await Door.open(Self.options) { door in
      try await door.store("one")
      door.files.plan.failure = { $0.kind == kind && $0.path.contains("/index/") ? .failed : nil }
      for subject in ["two", "three"] { #expect(try await refusal { try await door.store(subject) } == .stopped) }
      #expect(door.mailboxes.hasStopped)
      door.files.plan.failure = nil
      #expect(try await refusal { try await door.store("four") } == .stopped)
      #expect(try await door.found("one") == ["one"])
      try await door.audit([Door.alice], "stopped")
      try await door.crashed(.dropped) { door in
        #expect(!door.mailboxes.hasStopped)
        try await door.store("two")
        #expect(try await door.found("in:anywhere").sorted() == ["one", "two"])
        try await door.audit([Door.alice], "opened again")
      }
    }
  }
}
