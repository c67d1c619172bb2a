import Bytes
import Index
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

/// Segments are made of what was delivered, while the door stays open.
@Suite(.timeLimit(.minutes(30))) struct ShardCompactionTests {
  private func fill(_ door: Door, mails: Int = 40) async throws {
    for number in 1...mails {
      try await door.store(Letter(subject: "mail \(number)", body: "halyard word\(number)"))
      if number % 4 == 0 { door.shard.maintain() }
    }
  }

  private func check(_ door: Door, without gone: Set<Int> = []) async throws {
    #expect(try await door.found("halyard").count == 40 - gone.count)
    for number in 1...40 {
      #expect(try await door.found("word\(number)") == (gone.contains(number) ? [] : ["mail \(number)"]))
    }
    try await door.audit()
  }

  @Test(arguments: [true, false])
  func `what was delivered is answered from segments, whether the mailbox is in memory or not`(
    isLoaded: Bool
  ) async throws {
    try await Door.open { door in
      try await fill(door)
      if isLoaded { _ = try await door.found("halyard") } else { door.shard.index.unload(Door.alice) }
      try door.shard.compact()
      #expect(door.shard.index.statistics().segmentDocuments >= 32)
      #expect(door.shard.index.statistics().runs < 8)
      try await check(door)
      try await door.crashed(.dropped) { try await check($0) }
    }
  }

  @Test func `a program that ends makes the postings of what it has written`() async throws {
    try await Door.open { door in
      try await fill(door)
      try await door.mailboxes.compact(shardOf: Door.alice)
      #expect(door.shard.index.statistics().segmentDocuments >= 32)
      try await check(door)
    }
  }

  @Test func `after a reindex the segments are there again`() async throws {
    try await Door.open { door in
      try await fill(door)
      try door.shard.compact()
      try door.mailboxes.reindex(
        shard: 0, user: nil, isFromSource: false, extract: Letter.remade, report: { _ in }, throttle: {})
      #expect(door.shard.index.statistics().segmentDocuments == 40)
      try await check(door)
    }
  }

  @Test func `mail that is stored and removed while a compaction is under way is neither lost nor back`() async throws {
    try await Door.open { door in
      try await fill(door)
      let writes = Task {
        for number in 1...60 { try await door.store(Letter(subject: "late \(number)", body: "gunwale late\(number)")) }
      }
      for _ in 0..<20 {
        door.shard.maintain()
        try door.shard.compact()
        await Task.yield()
      }
      try await writes.value
      door.shard.maintain()
      try door.shard.compact()
      #expect(try await door.found("gunwale").count == 60)
      try await check(door)
      try await door.crashed(.kept) { door in
        #expect(try await door.found("gunwale").count == 60)
        try await check(door)
      }
    }
  }
}
