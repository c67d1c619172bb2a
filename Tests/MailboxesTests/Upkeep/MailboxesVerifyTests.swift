import Bytes
import Foundation
import GRDB
import Index
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

@Suite struct MailboxesVerifyTests {
  private func problems(_ door: Door) throws -> [String] { try door.mailboxes.verify { _ in }.problems }

  @Test func `a sound directory has no problems, and everything was looked at`() async throws {
    try await Door.open(Door.Options(shardCount: 2)) { door in
      for user in 1...4 as ClosedRange<UInt32> {
        for number in 1...3 { try await door.store("mail \(number)", to: UserID(rawValue: user)) }
      }
      var reports = 0
      let report = try door.mailboxes.verify { _ in reports += 1 }
      #expect(report.problems == [] && report.messages == 12 && report.files > 0 && report.byteCount > 0)
      #expect(reports == 3)
    }
  }

  @Test func `a stored original that is missing is named`() async throws {
    try await Door.open { door in
      try await door.store("one")
      let nowhere = BlobReference(pack: 99, offset: 4_096, byteCount: 100)
      let message = Letter(subject: "lost").message(storedAt: nowhere, Door.analyzers)
      _ = try await door.mailboxes.deliver(message, to: Door.alice)
      let problems = try problems(door)
      #expect(problems.count == 1)
      #expect(problems.first?.contains("message d2") == true && problems.first?.contains("missing") == true)
      #expect(problems.first?.contains("\(nowhere)") == true)
    }
  }

  @Test func `a folder whose counters differ from its messages is named`() async throws {
    try await Door.open { door in
      try await door.store("one")
      door.close()
      let database = try DatabaseQueue(path: door.path + "/shards/00/mail.sqlite")
      try await database.write { try $0.execute(sql: "UPDATE folder SET total = 5 WHERE role = 1") }
      try database.close()
      try await door.reopened { door in
        let problems = try problems(door)
        #expect(problems.count == 1)
        #expect(problems.first?.contains("folder f1: its counters differ") == true)
      }
    }
  }

  @Test func `a sum for the quota that is not its messages' is named`() async throws {
    try await Door.open { door in
      try await door.store("one")
      door.close()
      let database = try DatabaseQueue(path: door.path + "/shards/00/mail.sqlite")
      try await database.write { try $0.execute(sql: "UPDATE user SET bytes = 5") }
      try database.close()
      try await door.reopened { door in
        let problems = try problems(door)
        #expect(problems.count == 1)
        #expect(problems.first?.contains("and 5 are counted for its quota") == true)
      }
    }
  }

  @Test func `an index that shows other messages than the rows is named`() async throws {
    try await Door.open { door in
      let id = try await door.store("one")
      try await door.store("two")
      #expect(try await door.found("in:anywhere").count == 2)
      door.shard.index.apply(
        [.remove(Door.alice, id.docID)], shardSequence: door.shard.view.appliedSequence, userSequences: [:])
      let problems = try problems(door)
      #expect(problems.contains { $0.contains("message d1: no text in the index") })
      #expect(problems.contains { $0.contains("1 messages differ between rows and index") })
    }
  }

  @Test func `a mailbox is counted, and a shard's statistics add up`() async throws {
    try await Door.open { door in
      try await door.store(Letter(subject: "one", item: 1))
      try await door.store(Letter(subject: "two", references: ["one"], flags: .read))
      let counts = try door.mailboxes.counts(of: Door.alice)
      #expect(counts.messages == 2 && counts.unread == 1 && counts.threads == 1)
      #expect(counts.changes == 8 && counts.delivered == 1 && counts.miscounted.isEmpty)
      #expect(try door.mailboxes.messageCount(of: nil) == 2)
      #expect(try door.mailboxes.messageCount(of: Door.bob) == 0)
      door.shard.maintain()
      let statistics = try #require(try door.mailboxes.statistics().first)
      #expect(statistics.users == 1 && statistics.index.runs == 1 && statistics.index.runRecords == 2)
    }
  }
}
