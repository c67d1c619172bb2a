import Bytes
import Foundation
import Index
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

/// The index is rebuilt while the door stays open.
@Suite(.timeLimit(.minutes(30))) struct MailboxesReindexTests {
  private struct Stop: Error {}

  private func reindex(
    _ door: Door, user: UserID? = nil, isFromSource: Bool = false,
    extract: @escaping RecordExtractor = Letter.remade,
    report: (ShadowBuild.Progress) -> Void = { _ in }, throttle: @escaping () throws -> Void = {}
  ) throws {
    try door.mailboxes.reindex(
      shard: 0, user: user, isFromSource: isFromSource, extract: extract, report: report, throttle: throttle)
  }

  private func fill(_ door: Door, users: UInt32 = 3, mails: Int = 4) async throws {
    for number in 1...mails {
      for user in 1...users {
        try await door.store(
          Letter(subject: "mail \(number)", body: "word\(number)"), to: UserID(rawValue: user))
      }
      if number == 2 { door.shard.maintain() }
    }
  }

  @Test(arguments: [false, true])
  func `a rebuilt index answers as before, also after opening it again`(isFromSource: Bool) async throws {
    try await Door.open { door in
      try await fill(door)
      var reports: [ShadowBuild.Progress] = []
      try reindex(door, isFromSource: isFromSource, report: { reports.append($0) })
      #expect(reports.last?.users == 3 && reports.last?.records == 12)
      func check(_ door: Door) async throws {
        for number in 1...4 { #expect(try await door.found("word\(number)") == ["mail \(number)"]) }
        try await door.audit()
      }
      try await check(door)
      try await door.crashed(.dropped) { try await check($0) }
    }
  }

  @Test func `from the source each text is made anew, else it is kept`() async throws {
    try await Door.open { door in
      try await fill(door, users: 1)
      let fresh: RecordExtractor = { _, original, _ in
        var record = Letter.record(of: original)
        record.body += " freshly"
        return RemadeRecord(record: record)
      }
      try reindex(door, extract: fresh)
      #expect(try await door.found("freshly").isEmpty)
      try reindex(door, isFromSource: true, extract: fresh)
      #expect(try await door.found("freshly").count == 4)
      #expect(try await door.found("word2 freshly") == ["mail 2"])
    }
  }

  @Test func `one user is rebuilt alone`() async throws {
    try await Door.open { door in
      try await fill(door)
      let fresh: RecordExtractor = { _, original, _ in
        var record = Letter.record(of: original)
        record.body += " freshly"
        return RemadeRecord(record: record)
      }
      try reindex(door, user: Door.bob, isFromSource: true, extract: fresh)
      #expect(try await door.found("freshly", user: Door.bob).count == 4)
      #expect(try await door.found("freshly").isEmpty)
      try await door.audit()
    }
  }

  @Test func `what is written, changed and deleted meanwhile counts`() async throws {
    try await Door.open { door in
      try await fill(door, users: 3)
      let ids = try await door.search("in:anywhere").hits.map(\.message.row.id)
      // Between two users of the rebuild, from another thread: writes wait for no rebuild.
      let gate = Gate()
      let ended = Flag()
      try await withThrowingTaskGroup(of: Void.self) { group in
        let threads = BlockingThreads(name: "reindex", threads: 1)
        defer { threads.close() }
        group.addTask {
          try await threads.run {
            try reindex(door, throttle: { gate.pass() })
            ended.set()
          }
        }
        await gate.waitUntilReached()
        for user in [Door.alice, Door.bob] {
          try await door.store(Letter(subject: "meanwhile", body: "limpet"), to: user)
        }
        _ = try await door.mailboxes.update(Door.alice, ids: [ids[0]], MessageUpdate(isRead: true))
        _ = try await door.mailboxes.delete(Door.alice, ids: [ids[1]], permanent: true)
        door.shard.maintain()
        #expect(try await door.found("limpet") == ["meanwhile"])
        #expect(!ended.isSet)
        gate.open()
        try await group.waitForAll()
      }
      func check(_ door: Door) async throws {
        #expect(try await door.found("in:anywhere").count == 4)
        #expect(try await door.found("is:read").count == 1)
        #expect(try await door.found("limpet", user: Door.bob) == ["meanwhile"])
        try await door.audit()
      }
      try await check(door)
      try await door.crashed(.dropped) { try await check($0) }
    }
  }

  enum Event: CaseIterable {
    case arrives, leaves
  }

  @Test(arguments: Event.allCases)
  func `a mail that comes or goes while the result is compared is not missing from it`(event: Event) async throws {
    try await Door.open { door in
      try await fill(door, users: 1)
      let shard = door.shard
      let late = DocID(rawValue: 5)
      let attributes = DocumentAttributes(
        receivedAt: ManualClock.start, folder: FolderID(rawValue: 1), flags: [], labels: [], size: 1, thread: 5)
      let record = EncodedRecord.make(Letter.record(of: Letter(subject: "late").original), Door.analyzers)
      func apply(_ mutation: IndexMutation) {
        shard.index.apply([mutation], shardSequence: shard.view.appliedSequence, userSequences: [:])
      }
      let known = DocIDBitmap(try shard.read(for: Door.alice) { try $0.allAttributes(Door.alice).map(\.docID) })
      // Takes place right before the rows are answered, or right after.
      var documents = known
      var isCompared = false
      let build = try ShadowBuild.begin(
        shard.index, .all,
        source: ShadowSource(
          users: { [Door.alice] },
          documents: { user in
            if isCompared && event == .arrives {
              apply(.add(user, late, attributes, record))
              documents.insert(late)
            }
            defer {
              if isCompared && event == .leaves {
                apply(.remove(user, late))
                documents = known
              }
            }
            return documents.docIDs.map { DocumentKey(receivedAt: ManualClock.start, docID: $0) }
          }, record: { _, _, _ in nil }))
      try build.run()
      if event == .leaves {
        apply(.add(Door.alice, late, attributes, record))
        documents.insert(late)
      }
      isCompared = true
      try build.swap()
    }
  }

  // MARK: Stopping and damage

  @Test func `a stopped rebuild leaves everything as it was, and goes on when asked again`() async throws {
    try await Door.open { door in
      try await fill(door)
      for stop in 1...3 {
        var calls = 0
        #expect(throws: Stop.self) {
          try reindex(
            door, isFromSource: true,
            throttle: {
              calls += 1
              if calls == stop { throw Stop() }
            })
        }
        try await door.audit(Self.users, "stopped at \(stop)")
      }
      try await door.crashed(.dropped) { door in
        try await door.audit(Self.users, "opened again")
        var records = 0
        try reindex(door, isFromSource: true, report: { records = $0.records })
        #expect(records == 12)
        try await door.audit(Self.users, "rebuilt")
        #expect(door.shard.index.statistics().runs == 1)
      }
    }
  }

  private static let users = (1...3).map { UserID(rawValue: $0) }

  @Test func `a damaged run is told of at verify, the mail stays, and a rebuild heals it`() async throws {
    try await Door.open { door in
      try await fill(door)
      door.close()
      let run = door.path + "/shards/00/index/0000000001.run"
      let file = try door.files.open(run, .readWrite)
      try file.write([0xFF, 0xFF], at: try file.byteCount() - 20)
      try file.syncData()
      try await door.reopened { door in
        #expect(try door.mailboxes.verify { _ in }.problems.contains { $0.contains("0000000001.run") })
        #expect(try await door.mailboxes.folders(Door.alice).first?.total == 4)
        #expect(try await door.search("in:anywhere").total == 4)
        // An answer that leaves mails out would pass for the whole.
        let error = await #expect(throws: IndexError.self) { try await door.found("word1") }
        #expect(error?.code == .missingRecord)
        try await door.store("after")
        try reindex(door)
        for number in 1...4 { #expect(try await door.found("word\(number)") == ["mail \(number)"]) }
        #expect(!door.files.exists(run))
        try await door.reopened { door in
          try await door.audit()
          #expect(try await door.found("word1") == ["mail 1"])
        }
      }
    }
  }

  @Test func `a second rebuild of the shard is refused while one runs, and harms it in nothing`() async throws {
    try await Door.open(Door.Options(shardCount: 2)) { door in
      try await fill(door)
      let mine = door.mailboxes.directory.shard(of: Door.alice)
      func rebuild(_ shard: Int, user: UserID? = nil, throttle: @escaping () throws -> Void = {}) throws {
        try door.mailboxes.reindex(
          shard: shard, user: user, isFromSource: true, extract: Letter.remade, report: { _ in },
          throttle: throttle)
      }
      var calls = 0
      try rebuild(
        mine,
        throttle: {
          calls += 1
          for user in [nil, Door.alice] {
            let error = #expect(throws: IndexError.self) { try rebuild(mine, user: user) }
            #expect(error?.code == .busy)
          }
          // Each shard for itself.
          try rebuild(1 - mine)
        })
      #expect(calls > 0)
      for user in Self.users { #expect(try await door.found("word3", user: user) == ["mail 3"]) }
      #expect(door.mailboxes.shards[mine].index.statistics().runs == 1)
      #expect(try door.mailboxes.verify { _ in }.problems == [])
      try rebuild(mine)
    }
  }
}
