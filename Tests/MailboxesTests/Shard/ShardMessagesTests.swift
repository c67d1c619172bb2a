import Bytes
import MailStore
import Query
import TestSupport
import Testing

@testable import Mailboxes

/// What hits look like while the view's readers do not see everything yet.
@Suite(.timeLimit(.minutes(30))) struct ShardMessagesTests {
  /// Runs `body` while the writer can commit nothing: whatever waits for it never returns.
  private func whileWriterIsHeld<Value: Sendable>(
    _ door: Door, _ body: @Sendable @escaping () async throws -> Value
  ) async throws -> Value {
    let gate = Gate()
    let shard = door.shard
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask {
        try await shard.perform { _ in gate.pass() }
        return nil
      }
      await gate.waitUntilReached()
      defer { gate.open() }
      return try await body()
    }
  }

  @Test func `new mail is found and shown while the writer is busy`() async throws {
    try await Door.open { door in
      let first = try await door.store("one")
      // Reads the folders; they do not change any more.
      #expect(try await door.found("one") == ["one"])
      try await door.store(Letter(subject: "two", references: ["one"], minute: 1))
      let founder = try await door.store(Letter(subject: "three", minute: 2))
      try await door.store(Letter(subject: "four", references: ["three"], minute: 3))
      let hits = try await whileWriterIsHeld(door) { try await door.search("in:inbox").hits }
      #expect(hits.map(\.message.row.summary.subject) == ["four", "three", "two", "one"])
      #expect(hits.map(\.message.thread) == [founder, founder, first, first])
      #expect(hits.allSatisfy { $0.message.folder.role == .inbox })
    }
  }

  @Test func `flags, labels and folders are shown as they were set a moment ago`() async throws {
    try await Door.open { door in
      let old = try await door.store("old")
      let archive = try await door.folder(.archive).row.id
      #expect(try await door.found("old") == ["old"])
      let new = try await door.store(Letter(subject: "new", minute: 1))
      for id in [old, new] {
        _ = try await door.mailboxes.update(
          Door.alice, ids: [id], MessageUpdate(isRead: true, folder: archive, labels: ["shore"]))
      }
      let hits = try await whileWriterIsHeld(door) { try await door.search("in:anywhere").hits }
      #expect(hits.map(\.message.row.summary.subject) == ["new", "old"])
      for hit in hits {
        #expect(hit.message.row.flags == .read && hit.message.row.labels == ["shore"])
        #expect(hit.message.folder.role == .archive && hit.message.row.folder == archive)
      }
      #expect(try await door.search("in:anywhere").hits.map(\.message.row) == hits.map(\.message.row))
    }
  }

  @Test func `a message that is gone is not shown, and its thread keeps its name`() async throws {
    try await Door.open { door in
      let first = try await door.store("one")
      _ = try await door.folder(.inbox)
      let second = try await door.store(Letter(subject: "two", references: ["one"], minute: 1))
      let docIDs = [second, first].map(\.docID)
      for id in [first, second] {
        _ = try await door.mailboxes.delete(Door.alice, ids: [id], permanent: true)
        let shown = try door.shard.messages(docIDs, of: Door.alice)
        #expect(shown.map(\.row.id) == (id == first ? [second] : []))
        #expect(shown.allSatisfy { $0.thread == first })
      }
    }
  }

  @Test func `a folder is shown by its new name, and a new one at once`() async throws {
    try await Door.open { door in
      let id = try await door.store("one")
      let (folder, _) = try await door.mailboxes.createFolder(Door.alice, name: "Tides")
      _ = try await door.mailboxes.update(Door.alice, ids: [id], MessageUpdate(folder: folder.id))
      #expect(try await door.search("in:tides").hits.map(\.message.folder.name) == ["Tides"])
      _ = try await door.mailboxes.renameFolder(Door.alice, folder.id, to: "Ebb")
      #expect(try await door.search("in:ebb").hits.map(\.message.folder.name) == ["Ebb"])
      #expect(try await door.search("in:tides").total == 0)
      _ = try await door.mailboxes.deleteFolder(Door.alice, folder.id)
      #expect(try await door.search("in:ebb").total == 0)
      #expect(try await door.search("in:trash").hits.map(\.message.folder.role) == [.trash])
    }
  }

  @Test func `a thread that was merged into another is shown by that one's name`() async throws {
    try await Door.open { door in
      let first = try await door.store("one")
      try await door.store(Letter(subject: "two", minute: 1))
      _ = try await door.folder(.inbox)
      try await door.store(Letter(subject: "both", references: ["one", "two"], minute: 2))
      let hits = try await door.search("in:inbox").hits
      #expect(hits.map(\.message.thread) == [first, first, first])
    }
  }
}
