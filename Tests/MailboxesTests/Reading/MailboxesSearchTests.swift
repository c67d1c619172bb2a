import Bytes
import Foundation
import GRDB
import Index
import MailStore
import Query
import TestSupport
import Testing

@testable import Mailboxes

/// Searches through the door: what they may find, wait for and refuse.
@Suite(.timeLimit(.minutes(30))) struct MailboxesSearchTests {
  @Test func `a mail is found by its words the moment it is stored, flagged, moved or gone`() async throws {
    try await Door.open { door in
      let id = try await door.store(Letter(subject: "Tides", body: "periwinkle"))
      #expect(try await door.found("periwinkle is:unread in:inbox") == ["Tides"])
      _ = try await door.mailboxes.update(
        Door.alice, ids: [id], MessageUpdate(isRead: true, labels: ["shore"]))
      #expect(try await door.found("periwinkle is:unread").isEmpty)
      #expect(try await door.found("label:shore") == ["Tides"])
      _ = try await door.mailboxes.delete(Door.alice, ids: [id], permanent: false)
      #expect(try await door.found("periwinkle").isEmpty)
      #expect(try await door.found("periwinkle in:trash") == ["Tides"])
      _ = try await door.mailboxes.delete(Door.alice, ids: [id], permanent: true)
      #expect(try await door.found("periwinkle in:anywhere").isEmpty)
    }
  }

  @Test func `a field of the header is found in the mail itself, the trace included`() async throws {
    try await Door.open { door in
      var traced = Letter(subject: "traced", body: "periwinkle")
      traced.trace = "Return-Path: <bounce@example.org>\r\nReceived: from mx.example.org\r\n by here\r\n"
      try await door.store(traced)
      try await door.store(Letter(subject: "plain", body: "Return-Path: bounce"))
      #expect(try await door.found("header:return-path:bounce") == ["traced"])
      #expect(try await door.found("header:received:\"mx.example.org by here\"") == ["traced"])
      #expect(try await door.found("header:subject") == ["plain", "traced"])
      #expect(try await door.found("-header:return-path periwinkle").isEmpty)
    }
  }

  @Test func `days are those of the user's time zone, or of the one that a search asks for`() async throws {
    var options = Door.Options()
    options.timeZones = [Door.alice: "Asia/Seoul"]
    try await Door.open(options) { door in
      // 2026-11-18, 15:30 and 22:30 in GMT: in Seoul both are of the 19th, in New York both of the 18th.
      for user in [Door.alice, Door.bob] {
        try await door.stand("on:2026-11-19", for: user)
        try await door.store(Letter(subject: "early", minute: 264), to: user)
        try await door.store(Letter(subject: "late", minute: 684), to: user)
      }
      #expect(try await door.found("on:2026-11-19") == ["late", "early"])
      #expect(try await door.found("on:2026-11-18", user: Door.bob) == ["late", "early"])
      #expect(try await door.announced() == ["early": ["on:2026-11-19"], "late": ["on:2026-11-19"]])
      #expect(try await door.announced(to: Door.bob).isEmpty)
      var request = SearchRequest(
        query: try parseQuery("on:2026-11-18").root, sort: .newestFirst, limit: 9, cursor: nil, wantsTotal: true,
        wantsHighlights: false, facets: FacetRequest([.month]), minimumSequence: nil, waitForQueue: .zero,
        deadline: .now + .seconds(60))
      #expect(try await door.mailboxes.search(Door.alice, request).total == 0)
      request.timeZone = TimeZone(identifier: "America/New_York")
      #expect(try await door.mailboxes.search(Door.alice, request).total == 2)
    }
  }

  @Test func `no query of one user finds a word of another`() async throws {
    try await Door.open(Door.Options(shardCount: 2)) { door in
      let users = (1...6).map { UserID(rawValue: $0) }
      for user in users {
        for number in 1...3 { try await door.store(Letter(subject: "mail \(number)", body: "secret\(user)"), to: user) }
      }
      #expect(Set(users.map { door.mailboxes.directory.shard(of: $0) }) == [0, 1])
      for user in users {
        for owner in users {
          let found = try await door.found("secret\(owner) in:anywhere", user: user)
          #expect(found.count == (user == owner ? 3 : 0), "\(user) finds \(owner)'s")
        }
        #expect(try await door.found("in:anywhere", user: user).count == 3)
        #expect(try await door.found("secret* OR mail", user: user).count == 3)
      }
    }
  }

  @Test func `facets count what the user has, by names that narrow the search`() async throws {
    try await Door.open { door in
      try await door.store(Letter(subject: "Tides", from: "Ann@example.net", labels: ["shore"], fileNames: ["map.pdf"]))
      try await door.store(Letter(subject: "Tides again", from: "ann@example.net", destination: .role(.archive)))
      try await door.store(Letter(subject: "Tides", from: "eve@example.net", labels: ["secret"]), to: Door.bob)
      let answer = try await door.search("tides", limit: 1, facets: FacetName.allCases)
      #expect(answer.total == 2 && answer.hits.count == 1)
      let values = Dictionary(uniqueKeysWithValues: answer.facets.map { ($0.name, $0.values) })
      #expect(values[.from] == [FacetValue(value: "ann@example.net", count: 2)])
      #expect(values[.label] == [FacetValue(value: "shore", count: 1)])
      #expect(values[.type] == [FacetValue(value: "pdf", count: 1)])
      #expect(values[.size] == [FacetValue(value: "0-10K", count: 2)])
      #expect(values[.month]?.map(\.count) == [2])
      let folders = try #require(values[.folder])
      #expect(Set(folders.map(\.name)) == ["Inbox", "Archive"] && folders.allSatisfy { $0.count == 1 })
      for folder in folders { #expect(try await door.search("tides in:\(folder.value)").total == 1) }
      #expect(try await door.search("in:\(folders[0].value)", user: Door.bob).total == 0, "an id of another user")
    }
  }

  @Test func `a name of another user's message or thread means nothing`() async throws {
    try await Door.open { door in
      let id = try await door.store("hers")
      try await door.store("his", to: Door.bob)
      #expect(try await door.found("id:\(id)") == ["hers"])
      #expect(try await door.found("thread:\(id)") == ["hers"])
      #expect(try await door.found("id:\(id)", user: Door.bob).isEmpty)
      #expect(try await door.found("thread:\(id)", user: Door.bob).isEmpty)
    }
  }

  // MARK: Waiting

  @Test func `an answer tells the sequence that it reflects, and a search for it does not wait`() async throws {
    try await Door.open { door in
      guard case .stored(_, let sequence) = try await door.deliver(Letter(subject: "one")) else { return }
      let answer = try await door.search("one", minimum: sequence)
      #expect(answer.total == 1 && answer.sequence == sequence && answer.pending == 0)
      try await door.reopened { door in
        let answer = try await door.search("one", minimum: sequence)
        #expect(answer.total == 1 && answer.sequence == sequence)
      }
    }
  }

  @Test func `a search waits for a sequence that is on its way`() async throws {
    try await Door.open { door in
      try await door.store("one")
      try await withThrowingTaskGroup(of: SearchAnswer.self) { group in
        group.addTask { try await door.search("subject:two", minimum: SequenceNumber(rawValue: 8)) }
        await waitUntil { door.mailboxes.board.waiterCount(of: Door.alice) == 1 }
        try await door.store("two")
        let answer = try #require(try await group.next())
        #expect(answer.total == 1 && answer.sequence.rawValue == 8)
      }
    }
  }

  @Test func `a sequence that does not come is refused when the time is up`() async throws {
    try await Door.open { door in
      try await door.store("one")
      // Loads the mailbox: on a slow machine the short time below would be up before that.
      _ = try await door.search("one")
      let code = try await refusal {
        try await door.search("one", minimum: SequenceNumber(rawValue: 99), within: .milliseconds(3))
      }
      #expect(code == .invalid)
      #expect(door.mailboxes.board.waiterCount(of: Door.alice) == 0)
    }
  }

  @Test func `an answer tells why a message is a hit, as of the same state`() async throws {
    try await Door.open { door in
      let id = try await door.store("one")
      @Sendable func matches(_ query: String, _ name: String) async throws -> [Bool?] {
        let answer = try await door.mailboxes.search(
          Door.alice,
          SearchRequest(
            query: try parseQuery(query).root, sort: .newestFirst, limit: 5, cursor: nil, wantsTotal: false,
            wantsHighlights: false, minimumSequence: nil, waitForQueue: .zero, deadline: .now + .seconds(60),
            explainedMessage: name))
        return answer.matches?.map(\.explanation.isHit) ?? []
      }
      #expect(try await matches("one", "\(id)") == [true])
      #expect(try await matches("two", "\(id)") == [false])
      #expect(try await door.search("one").matches == nil)
      let code = try await refusal { try await matches("one", "nobody@example.com") }
      #expect(code == .notFound)
    }
  }

  @Test func `a search past its deadline says so`() async throws {
    try await Door.open { door in
      try await door.store("one")
      let error = await #expect(throws: SearchError.self) { try await door.search("one", within: .seconds(-1)) }
      #expect(error?.code == .deadlineExceeded)
    }
  }

  @Test func `mail that is acknowledged and not processed yet is told of`() async throws {
    try await withTemporaryDirectory { path in
      let archive = try Archive()
      let queue = try InboundQueue.open(
        packs: archive.packs, fileSystem: archive.files, directory: "archive", clock: SystemClock())
      let door = try Door(path, CrashableFileSystem(), archive, Door.Options(queue: queue))
      defer {
        door.close()
        queue.close()
        archive.close()
      }
      let envelope = InboundEnvelope(
        receivedAt: ManualClock.start, clientAddress: "192.0.2.1", heloName: "mail.example.net", protocolName: "ESMTP",
        reversePath: "dan@example.net", recipients: [InboundRecipient(address: "alice@example.com", user: Door.alice)],
        needsUTF8: false, is8Bit: false)
      _ = try await queue.accept(envelope, .inline(Letter(subject: "one").original))
      #expect(try await door.search("one").pending == 1)
      // However long it is to wait for the mail, it ends by its deadline.
      let late = await #expect(throws: SearchError.self) {
        try await door.search("one", wait: .seconds(3_600), within: .milliseconds(5))
      }
      #expect(late?.code == .deadlineExceeded)
      #expect(try await door.search("one", user: Door.bob).pending == 0)
      let lease = try #require(await queue.lease())
      try await withThrowingTaskGroup(of: SearchAnswer.self) { group in
        group.addTask { try await door.search("one", wait: .seconds(3_600)) }
        try await door.store("one")
        await queue.finish(lease)
        let answer = try #require(try await group.next())
        #expect(answer.pending == 0 && answer.total == 1)
      }
    }
  }

  // MARK: Pages and highlights

  @Test func `pages show each mail once while others arrive and go`() async throws {
    try await Door.open { door in
      var ids: [MessageID] = []
      for number in 1...10 {
        ids.append(try await door.store(Letter(subject: "mail \(number)", minute: Int64(number))))
      }
      var page = try await door.search("mail", limit: 3)
      var seen = page.hits.map(\.message.row.summary.subject)
      #expect(seen == ["mail 10", "mail 9", "mail 8"])
      try await door.store(Letter(subject: "mail later", minute: 60))
      _ = try await door.mailboxes.delete(Door.alice, ids: [ids[7], ids[4]], permanent: true)
      while let cursor = page.nextCursor {
        page = try await door.search("mail", limit: 3, cursor: cursor)
        seen += page.hits.map(\.message.row.summary.subject)
      }
      #expect(seen == [10, 9, 8, 7, 6, 4, 3, 2, 1].map { "mail \($0)" })
      #expect(page.total == 9)
    }
  }

  @Test func `a cursor outlives a restart and serves nobody else`() async throws {
    try await Door.open { door in
      for user in [Door.alice, Door.bob] {
        for number in 1...4 { try await door.store(Letter(subject: "mail \(number)", minute: Int64(number)), to: user) }
      }
      let cursor = try #require(try await door.search("mail", limit: 3).nextCursor)
      try await door.reopened { door in
        let page = try await door.search("mail", limit: 3, cursor: cursor)
        #expect(page.hits.map(\.message.row.summary.subject) == ["mail 1"])
        let error = await #expect(throws: SearchError.self) {
          try await door.search("mail", user: Door.bob, limit: 3, cursor: cursor)
        }
        #expect(error?.code == .invalidCursor)
      }
    }
  }

  @Test func `highlights mark the words that were asked for, and only when they are`() async throws {
    try await Door.open { door in
      try await door.store(Letter(subject: "Torque wrench", body: "The wrench is in the shed."))
      let hit = try #require(try await door.search("wrench", highlights: true).hits.first)
      let highlights = try #require(hit.highlights)
      #expect(highlights.subject.filter(\.isMatch).map(\.text) == ["wrench"])
      #expect(highlights.body.filter(\.isMatch).map(\.text) == ["wrench"])
      #expect(highlights.from.map(\.text).joined() == "dan@example.net")
      #expect(try await door.search("wrench").hits.first?.highlights == nil)
    }
  }

  @Test func `a hit carries its folder and the public name of its thread`() async throws {
    try await Door.open { door in
      let id = try await door.store("one")
      try await door.store(Letter(subject: "two", references: ["one"]))
      let hit = try #require(try await door.search("subject:two").hits.first)
      #expect(hit.message.folder.role == .inbox && hit.message.thread == id)
      #expect(try await door.found("thread:\(id)").sorted() == ["one", "two"])
    }
  }

  @Test(arguments: ["id", "thread"])
  func `a name that cannot be looked up is an error, not a name that nobody has`(word: String) async throws {
    try await Door.open { door in
      let id = try await door.store("one")
      #expect(try await door.found("\(word):\(id)") == ["one"])
      let database = try DatabaseQueue(path: door.path + "/shards/00/mail.sqlite")
      let table = word == "id" ? "message" : "thread"
      try await database.write { try $0.execute(sql: "ALTER TABLE \(table) RENAME TO gone") }
      await #expect(throws: (any Error).self) { try await door.found("\(word):\(id)") }
      // A name that is none needs no table.
      #expect(try await door.found("\(word):nobody").isEmpty)
      try await database.write { try $0.execute(sql: "ALTER TABLE gone RENAME TO \(table)") }
      try database.close()
      #expect(try await door.found("\(word):\(id)") == ["one"])
    }
  }
}
