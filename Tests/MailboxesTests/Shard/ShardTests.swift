import Bytes
import Index
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

@Suite(.timeLimit(.minutes(30))) struct ShardTests {
  // MARK: Reads see what was answered

  @Test func `each read sees every write that was answered before it`() async throws {
    try await Door.open { door in
      for number in 1...25 {
        guard case .stored(let id, let sequence) = try await door.deliver(Letter(subject: "mail \(number)")) else {
          Issue.record("mail \(number) was not stored")
          return
        }
        switch number % 5 {
        case 0: #expect(try await door.search("in:inbox").total == number)
        case 1: #expect(try await door.mailboxes.row(Door.alice, id: id)?.id == id)
        case 2: #expect(try await door.folder(.inbox).total == number)
        case 3: #expect(try await door.changes().last?.sequence == sequence)
        default: #expect(try await door.mailboxes.thread(Door.alice, id: id)?.rows.count == 1)
        }
      }
    }
  }

  @Test func `the view is committed when somebody reads what changed, not before`() async throws {
    try await Door.open { door in
      let view = door.shard.view
      func isCommitted() throws -> Bool { try view.read { try $0.appliedSequence() } == view.appliedSequence }
      // An idle writer commits by itself after a second, which a busy machine may take between two of these lines.
      var isPutOff = false
      for number in 1...20 where !isPutOff {
        try await door.store("mail \(number)")
        _ = try await door.mailboxes.folders(Door.bob)
        isPutOff = try !isCommitted()
      }
      #expect(isPutOff, "each write, or the read of somebody else, commits the view")
      _ = try await door.folder(.inbox)
      #expect(try isCommitted())
    }
  }

  @Test func `the view is committed by itself after many changes`() async throws {
    try await Door.open { door in
      let id = try await door.store("one")
      var count = door.shard.view.appliedSequence.rawValue
      while try door.shard.view.read({ try $0.appliedSequence() }) == .zero, count < 1_000 {
        let isRead = count % 2 == 0
        _ = try await door.mailboxes.update(Door.alice, ids: [id], MessageUpdate(isRead: isRead))
        count += 1
      }
      #expect(count < 300, "no commit after \(count) records")
    }
  }

  @Test func `what nobody read before the crash is brought up from the journal`() async throws {
    try await Door.open { door in
      for number in 1...5 { try await door.store("mail \(number)") }
      try await door.crashed(.dropped) { door in
        #expect(try await door.found("in:anywhere").count == 5)
        try await door.audit([Door.alice])
      }
    }
  }

  // MARK: Bounds and ends

  @Test func `over the bound of waiting writes the next is told to come back`() async throws {
    try await Door.open { door in
      let gate = Gate()
      let shard = door.shard
      await withTaskGroup(of: Void.self) { group in
        group.addTask { try? await shard.perform { _ in gate.pass() } }
        await gate.waitUntilReached()
        for _ in 0..<Shard.maxBacklog { group.addTask { try? await shard.perform { _ in } } }
        await waitUntil { shard.waitingCount == Shard.maxBacklog }
        let code = try? await refusal { try await shard.perform { _ in } }
        #expect(code == .busy)
        gate.open()
      }
      #expect(shard.waitingCount == 0)
      try await door.store("after")
    }
  }

  @Test func `after the close a write is refused and everything is in its place`() async throws {
    try await Door.open { door in
      try await door.store("one")
      door.close()
      #expect(try await refusal { try await door.mailboxes.createMailbox(Door.bob) } == .busy)
      try await door.reopened { door in
        #expect(door.shard.view.appliedSequence == door.shard.index.appliedSequence)
        let found = try await door.found("one")
        #expect(found == ["one"])
      }
    }
  }

  // MARK: Upkeep

  @Test func `upkeep makes both views durable and lets the journal go`() async throws {
    try await Door.open(Door.Options(journalFileByteCount: 1 << 10)) { door in
      for number in 1...20 { try await door.store("mail \(number)") }
      #expect(try door.journalFiles().count > 3)
      door.shard.maintain()
      #expect(try door.journalFiles().count <= 2)
      #expect(door.shard.index.appliedSequence == door.shard.view.appliedSequence)
      #expect(door.shard.index.unflushedByteCount == 0)
      try await door.store("after")
      try await door.crashed(.dropped) { door in
        #expect(try await door.found("in:anywhere").count == 21)
        try await door.audit([Door.alice])
      }
    }
  }

  @Test func `upkeep that fails is put off and loses nothing`() async throws {
    try await Door.open { door in
      try await door.store("one")
      door.files.plan.byteQuota = 1
      door.shard.maintain()
      #expect(door.shard.index.unflushedByteCount > 0)
      #expect(try await door.found("one") == ["one"])
      door.files.plan.byteQuota = nil
      door.shard.maintain()
      #expect(door.shard.index.unflushedByteCount == 0)
      try await door.audit([Door.alice])
    }
  }
}
