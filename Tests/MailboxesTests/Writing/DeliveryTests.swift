import Bytes
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

/// A mail is stored once for each user, however often it is tried.
@Suite struct DeliveryTests {
  private func isKnownItem(_ outcome: DeliveryOutcome) -> Bool {
    if case .alreadyDelivered = outcome { true } else { false }
  }

  private func isKnownContent(_ outcome: DeliveryOutcome) -> Bool {
    if case .known = outcome { true } else { false }
  }

  // MARK: Once

  @Test func `the same queue item twice is one message, for each user`() async throws {
    try await Door.open { door in
      let letter = Letter(subject: "one", item: 7)
      try await door.store(letter)
      #expect(isKnownItem(try await door.deliver(letter)))
      try await door.store(letter, to: Door.bob)
      #expect(try await door.found("one") == ["one"])
      #expect(try await door.found("one", user: Door.bob) == ["one"])
      #expect(try await door.changes().count == 7)
    }
  }

  @Test func `the same queue item twice in one batch is one message`() async throws {
    try await Door.open { door in
      let letter = Letter(subject: "one", item: 7)
      try await door.mailboxes.createMailbox(Door.alice)
      let outcomes = await door.inOneBatch(of: Array(repeating: { try await door.deliver(letter) }, count: 3))
      #expect(outcomes.count { (try? $0.get()).map(isKnownItem) == true } == 2)
      #expect(try await door.found("one") == ["one"])
    }
  }

  enum Interruption: CaseIterable {
    case none, restart, crash
  }

  @Test(arguments: Interruption.allCases)
  func `a deleted message does not come back with its queue item until the item is forgotten`(
    interruption: Interruption
  ) async throws {
    let letter = Letter(subject: "one", item: 7)
    func goOn(_ door: Door) async throws {
      #expect(isKnownItem(try await door.deliver(letter)))
      #expect(try await door.found("in:anywhere").isEmpty)
      try await door.forget(7)
      try await door.forget(7)
      try await door.store(letter)
      #expect(try await door.found("in:anywhere") == ["one"])
      try await door.audit([Door.alice])
    }
    try await Door.open { door in
      let id = try await door.store(letter)
      _ = try await door.mailboxes.delete(Door.alice, ids: [id], permanent: true)
      switch interruption {
      case .none: try await goOn(door)
      case .restart: try await door.reopened { try await goOn($0) }
      case .crash: try await door.crashed(.dropped) { try await goOn($0) }
      }
    }
  }

  @Test func `an import skips bytes that the user has, and only while the user has them`() async throws {
    try await Door.open { door in
      let letter = Letter(subject: "one", skipsKnownContent: true)
      let id = try await door.store(letter)
      let hash = UInt64(CRC32C.checksum(letter.original))
      #expect(try await door.mailboxes.messages(Door.alice, contentHash: hash).map(\.id) == [id])
      #expect(try await door.mailboxes.messages(Door.bob, contentHash: hash).isEmpty)
      #expect(isKnownContent(try await door.deliver(letter)))
      try await door.store(letter, to: Door.bob)
      _ = try await door.mailboxes.delete(Door.alice, ids: [id], permanent: false)
      #expect(isKnownContent(try await door.deliver(letter)))
      _ = try await door.mailboxes.delete(Door.alice, ids: [id], permanent: true)
      #expect(try await door.mailboxes.messages(Door.alice, contentHash: hash).isEmpty)
      try await door.store(letter)
    }
  }

  @Test func `the same bytes sent twice are two messages`() async throws {
    try await Door.open { door in
      try await door.store(Letter(subject: "one", item: 1))
      try await door.store(Letter(subject: "one", item: 2))
      #expect(try await door.found("one") == ["one", "one"])
    }
  }

  // MARK: Where to

  @Test func `a mail goes to the folder of its role or name, made when it is missing`() async throws {
    try await Door.open { door in
      try await door.store(Letter(subject: "draft", destination: .role(.drafts)))
      for number in 1...2 { try await door.store(Letter(subject: "\(number)", destination: .named("Lists/Swift"))) }
      let folders = try await door.mailboxes.folders(Door.alice)
      #expect(folders.filter { $0.total > 0 }.map(\.row.name) == ["Drafts", "Lists/Swift"])
      #expect(folders.count == 7 && folders.last?.total == 2)
      #expect(try await door.found("in:lists/swift").count == 2)
    }
  }

  @Test func `a mail goes by the folders that its own batch made, renamed and deleted before`() async throws {
    try await Door.open { door in
      @Sendable func store(_ subject: String, _ destination: NewMessage.Destination) async throws {
        try await door.store(Letter(subject: subject, destination: destination))
      }
      @Sendable func rename(_ name: String, to other: String) async throws {
        try await door.shard.perform { transaction in
          let folder = try #require(try transaction.view.folders(Door.alice).folder(named: name))
          _ = try transaction.renameFolder(folder.id, to: other, of: Door.alice)
        }
      }
      let results = await door.inOneBatch(
        { _ = try await door.mailboxes.createFolder(Door.alice, name: "Lists") },
        { try await store("one", .named("Lists")) },
        { try await rename("Lists", to: "Old") },
        { try await store("two", .named("Lists")) },
        { try await rename("Trash", to: "Bin") },
        { try await store("three", .role(.trash)) },
        {
          try await door.shard.perform { transaction in
            let folder = try #require(try transaction.view.folders(Door.alice).folder(named: "Old"))
            _ = try transaction.deleteFolder(folder.id, of: Door.alice)
          }
        },
        { try await store("four", .named("Old")) })
      for result in results { try result.get() }
      #expect(try await door.found("in:bin").sorted() == ["one", "three"])
      #expect(try await door.found("in:lists") == ["two"])
      #expect(try await door.found("in:old") == ["four"])
      #expect(try await door.mailboxes.folders(Door.alice).count == 8)
      try await door.audit([Door.alice])
    }
  }

  @Test func `a folder that was rolled back takes no mail`() async throws {
    try await Door.open { door in
      try await door.store("first")
      let results = await door.inOneBatch(
        {
          try await door.shard.perform { transaction in
            _ = try transaction.createFolder("Lists", of: Door.alice)
            throw MailboxError(.invalid, "no")
          }
        },
        { _ = try await door.store(Letter(subject: "one", destination: .named("Lists"))) })
      #expect(results.map(\.refusal) == [.invalid, nil])
      #expect(results.map(\.isSuccess) == [false, true])
      let folders = try await door.mailboxes.folders(Door.alice)
      #expect(folders.filter { $0.row.name == "Lists" }.map(\.total) == [1])
      try await door.crashed(.dropped) { door in
        #expect(try await door.found("in:lists") == ["one"])
        try await door.audit([Door.alice])
      }
    }
  }

  @Test func `what a message brings along is in its row and in the index`() async throws {
    try await Door.open { door in
      let letter = Letter(subject: "one", flags: [.read, .starred, .hasAttachment], labels: ["bills", "harbour"])
      let id = try await door.store(letter)
      let row = try #require(try await door.mailboxes.row(Door.alice, id: id))
      #expect(row.flags == letter.flags && row.labels == letter.labels)
      #expect(try await door.found("is:read is:starred has:attachment label:bills label:harbour") == ["one"])
      #expect(try await door.folder(.inbox).unread == 0)
    }
  }

  // MARK: Threads

  @Test(arguments: [false, true])
  func `a mail that joins two threads moves the later one's messages, and says so`(isLoaded: Bool) async throws {
    try await Door.open { door in
      let first = try await door.store("one")
      let second = try await door.store(Letter(subject: "two", minute: 1))
      try await door.store(Letter(subject: "reply to two", references: ["two"], minute: 2))
      if isLoaded { #expect(try await door.found("thread:\(second)").count == 2) }
      let last = try await door.changes().count
      let joining = try await door.store(Letter(subject: "both", references: ["one", "two"], minute: 3))

      let thread = try #require(try await door.mailboxes.thread(Door.alice, id: first))
      #expect(thread.id == first && thread.rows.count == 4)
      #expect(try await door.mailboxes.thread(Door.alice, id: second)?.id == first)
      #expect(try await door.found("thread:\(first)").count == 4)
      #expect(try await door.found("thread:\(second)").count == 4)
      let changes = try await door.changes(since: UInt64(last))
      #expect(changes.map(\.kind) == [.messageMovedToThread, .messageMovedToThread, .messageAdded])
      #expect(changes.map(\.sequence.rawValue) == [UInt64(last) + 1, UInt64(last) + 1, UInt64(last) + 2])
      #expect(changes.last?.messageID == joining)
      #expect(changes.allSatisfy { $0.thread?.rawValue == first.docID.rawValue })
      try await door.audit([Door.alice], "joined")
      try await door.crashed(.dropped) { try await $0.audit([Door.alice], "joined and crashed") }
    }
  }

  @Test func `threads are joined also by a mail of the same batch`() async throws {
    try await Door.open { door in
      let letters = [
        Letter(subject: "one"), Letter(subject: "two"), Letter(subject: "both", references: ["one", "two"]),
      ]
      let ids = try await door.inOneBatch(of: letters.map { letter in { try await door.store(letter) } }).map {
        try $0.get()
      }
      #expect(try await door.mailboxes.thread(Door.alice, id: ids[2]) == nil)
      #expect(try await door.mailboxes.thread(Door.alice, id: ids[1])?.rows.count == 3)
      try await door.audit([Door.alice])
    }
  }

  @Test(arguments: ["", "line\nbreak", "\u{7F}", String(repeating: "x", count: 256)])
  func `a mail to a folder that cannot be is refused, and leaves nothing`(name: String) async throws {
    try await Door.open { door in
      try await door.mailboxes.createMailbox(Door.bob)
      let results = await door.inOneBatch(
        { _ = try await door.store("before", to: Door.bob) },
        { _ = try await door.store(Letter(subject: "one", destination: .named(name))) },
        { _ = try await door.store("behind", to: Door.bob) })
      #expect(results.map(\.refusal) == [nil, .invalid, nil])
      #expect(results.map(\.isSuccess) == [true, false, true])
      #expect(try door.mailboxes.users() == [Door.bob])
      let longest = String(repeating: "x", count: 255)
      try await door.store(Letter(subject: "two", destination: .named(longest)))
      #expect(try await door.mailboxes.folders(Door.alice).last?.row.name == longest)
    }
  }

  @Test func `a mail makes no folder beyond the thousandth, and reaches those that are there`() async throws {
    try await Door.open { door in
      try await door.mailboxes.createMailbox(Door.alice)
      try await door.shard.perform { transaction in
        for number in 7..<ShardTransaction.maxFolders {
          _ = try transaction.createFolder("folder \(number)", of: Door.alice)
        }
      }
      try await door.store(Letter(subject: "last", destination: .named("the last")))
      let more = Letter(subject: "more", destination: .named("more"))
      #expect(try await refusal { try await door.deliver(more) } == .invalid)
      try await door.store(Letter(subject: "known", destination: .named("folder 500")))
      try await door.store("inbox")
      let folders = try await door.mailboxes.folders(Door.alice)
      #expect(folders.count == ShardTransaction.maxFolders)
      #expect(folders.filter { $0.total > 0 }.map(\.row.name) == ["Inbox", "folder 500", "the last"])
    }
  }

  // MARK: Forgetting

  @Test func `items are forgotten for all their users, shard by shard, each with one sync`() async throws {
    try await Door.open(Door.Options(shardCount: 3, journalFileByteCount: 1 << 20)) { door in
      let users = (1...8).map { UserID(rawValue: $0) }
      let first = Letter(subject: "first", item: 7)
      let second = Letter(subject: "second", item: 8)
      for user in users {
        try await door.store(first, to: user)
        try await door.store(second, to: user)
      }
      let shards = Set(users.map { door.mailboxes.directory.shard(of: $0) })
      #expect(shards.count == 3)
      let syncs = door.journalSyncCount
      let items = [
        FinishedItem(id: QueueItemID(rawValue: 7), users: Set(users)),
        FinishedItem(id: QueueItemID(rawValue: 8), users: [users[0], users[5]]),
        FinishedItem(id: QueueItemID(rawValue: 9), users: Set(users)),
      ]
      try await door.mailboxes.forget(items)
      #expect(door.journalSyncCount == syncs + shards.count)
      // What is forgotten already is nothing to write.
      try await door.mailboxes.forget(items)
      #expect(door.journalSyncCount == syncs + shards.count)
      for user in users {
        #expect(!isKnownItem(try await door.deliver(first, to: user)), "\(user)")
        let isForgotten = user == users[0] || user == users[5]
        #expect(isKnownItem(try await door.deliver(second, to: user)) != isForgotten, "\(user)")
      }
    }
  }
}
