import Bytes
import Index
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

/// Users who are not in memory: loaded from the index's attribute files, beside the writer, as of everything answered.
@Suite(.timeLimit(.minutes(30))) struct ColdUserTests {
  @Test func `a cold user is searched while the shard's writer is held up`() async throws {
    try await Door.open { door in
      for number in 1...5 { try await door.store("mail \(number)") }
      try await door.reopened { door in
        let gate = Gate()
        let shard = door.shard
        async let held: Void = shard.perform { _ in gate.pass() }
        await gate.waitUntilReached()
        #expect(!shard.index.isLoaded(Door.alice))
        #expect(try await door.found("in:anywhere").count == 5)
        #expect(shard.index.isLoaded(Door.alice))
        gate.open()
        try await held
      }
    }
  }

  @Test func `what the journal alone knows of marks, folders, labels and threads is shown after a kill`() async throws {
    try await Door.open { door in
      var ids: [MessageID] = []
      for number in 1...6 { ids.append(try await door.store("mail \(number)")) }
      try await door.store("other", to: Door.bob)
      door.shard.maintain()
      let (folder, _) = try await door.mailboxes.createFolder(Door.alice, name: "Work")
      _ = try await door.mailboxes.update(Door.alice, ids: [ids[0]], MessageUpdate(isRead: true, labels: ["a"]))
      _ = try await door.mailboxes.update(Door.alice, ids: [ids[1]], MessageUpdate(folder: folder.id))
      _ = try await door.mailboxes.delete(Door.alice, ids: [ids[2]], permanent: true)
      _ = try await door.mailboxes.update(Door.alice, ids: [ids[3]], MessageUpdate(isStarred: true))
      _ = try await door.mailboxes.delete(Door.alice, ids: [ids[3]], permanent: true)
      // Joins the threads of the two.
      try await door.store(Letter(subject: "answer", references: ["mail 5", "mail 6"]))
      let stored = try #require(try door.shard.index.storedAttributes(of: Door.alice))
      #expect(stored.attributes.thread(ids[5].docID) == ids[4].docID.rawValue)
      try await door.crashed(.kept) { door in
        #expect(try door.shard.index.storedAttributes(of: Door.alice)?.attributes.live.count == 5)
        #expect(try await door.found("label:a is:read") == ["mail 1"])
        #expect(try await door.found("in:work") == ["mail 2"])
        try await door.audit()
        // And of all that the next flush makes files.
        door.shard.maintain()
        try await door.reopened { try await $0.audit() }
      }
    }
  }

  @Test func `threads are joined in the files of a user who is not in memory`() async throws {
    try await Door.open { door in
      for number in 1...4 { try await door.store("mail \(number)") }
      try await door.reopened { door in
        #expect(!door.shard.index.isLoaded(Door.alice))
        try await door.store(Letter(subject: "answer", references: ["mail 2", "mail 4"]))
        #expect(!door.shard.index.isLoaded(Door.alice))
        try await door.audit([Door.alice])
      }
    }
  }

  @Test func `a cold user's search waits for a sequence that is there already, and for no other`() async throws {
    try await Door.open { door in
      for number in 1...3 { try await door.store("mail \(number)") }
      _ = try await door.mailboxes.createFolder(Door.alice, name: "Work")
      let last = try door.shard.read(for: Door.alice) { try $0.lastUserSequence(Door.alice) }
      try await door.reopened { door in
        #expect(try await door.search("in:anywhere", minimum: last).sequence == last)
        let tooFar = try await refusal {
          try await door.search("in:anywhere", minimum: last.next, within: .milliseconds(1))
        }
        #expect(tooFar == .invalid)
      }
    }
  }

  @Test func `attributes on disk that differ from the rows are named, and written anew by a reindex`() async throws {
    try await Door.open { door in
      let id = try await door.store("one")
      try await door.store("two")
      let row = try #require(try door.shard.read(for: Door.alice) { try $0.row(Door.alice, id.docID) })
      var wrong = row.attributes
      wrong.flags = [.isRead, .isStarred]
      door.shard.index.apply(
        [.setAttributes(Door.alice, id.docID, wrong)], shardSequence: door.shard.view.appliedSequence,
        userSequences: [:])
      door.shard.maintain()
      door.shard.index.unload(Door.alice)
      let problems = try door.mailboxes.verify { _ in }.problems
      #expect(problems.contains { $0.contains("attribute files") && $0.contains("verify --repair") }, "\(problems)")
      for user in [nil, Door.alice] {
        try door.mailboxes.reindex(
          shard: 0, user: user, isFromSource: false, extract: Letter.remade, report: { _ in }, throttle: {})
        try await door.audit([Door.alice])
        if user == nil {
          door.shard.index.apply(
            [.setAttributes(Door.alice, id.docID, wrong)], shardSequence: door.shard.view.appliedSequence,
            userSequences: [:])
          door.shard.maintain()
        }
      }
      try await door.reopened { door in
        #expect(try door.shard.index.storedAttributes(of: Door.alice) != nil)
        try await door.audit([Door.alice])
      }
    }
  }

  @Test func `cold users are loaded, changed, flushed, merged and evicted at once`() async throws {
    try await Door.open { door in
      let users = (1...6 as ClosedRange<UInt32>).map(UserID.init(rawValue:))
      for user in users { for number in 1...4 { try await door.store("mail \(number)", to: user) } }
      try await door.reopened { door in
        let isDone = Flag()
        let threads = BlockingThreads(name: "upkeep", threads: 2)
        defer { threads.close() }
        try await withThrowingTaskGroup(of: Void.self) { background in
          background.addTask { try await threads.run { while !isDone.isSet { door.shard.maintain() } } }
          background.addTask {
            try await threads.run {
              while !isDone.isSet {
                for user in users { door.shard.index.unload(user) }
                try door.shard.compact()
              }
            }
          }
          try await withThrowingTaskGroup(of: Void.self) { work in
            for user in users {
              work.addTask {
                for number in 5...24 {
                  let id = try await door.store("mail \(number)", to: user)
                  _ = try await door.mailboxes.update(user, ids: [id], MessageUpdate(isRead: number % 2 == 0))
                  let found = try await door.search("in:anywhere is:unread", user: user)
                  #expect(found.total == 4 + (number - 3) / 2, "\(user), mail \(number)")
                }
              }
            }
            try await work.waitForAll()
          }
          isDone.set()
          try await background.waitForAll()
        }
        try await door.audit(users)
      }
    }
  }
}
