import Bytes
import Foundation
import GRDB
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

/// Giving back the space of deleted mail, beside everything else that goes on.
@Suite(.timeLimit(.minutes(30))) struct PackCompactionTests {
  /// Files are sealed by the machine's clock, and the door's stands still; so nothing is too young.
  static let eager = PackCompactionOptions(deadShare: 0.05, grace: .seconds(-400_000_000))
  private static let packByteCount: UInt64 = 16 << 10

  private static func letter(_ number: Int, byteCount: Int = 1_500) -> Letter {
    var random = SeededGenerator(seed: UInt64(number))
    // Hardly compressed, so that it is known how many fill a pack.
    let signs = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    let body = String((0..<byteCount).map { _ in signs[Int.random(in: signs.indices, using: &random)] })
    return Letter(subject: "mail \(number)", body: body)
  }

  private static func store(_ count: Int, _ door: Door) async throws -> [MessageID] {
    var ids: [MessageID] = []
    for number in 0..<count { ids.append(try await door.store(letter(number))) }
    return ids
  }

  private static func packByteCount(_ door: Door) throws -> Int {
    let folder = "archive/blobs/packs"
    return try door.archive.files.list(folder).reduce(0) {
      try $0 + door.archive.files.readFile(folder + "/" + $1).count
    }
  }

  /// Every message comes back as it was stored.
  private static func expectWhole(_ door: Door, _ comment: Comment? = nil) async throws {
    for hit in try await door.search("in:anywhere").hits {
      let row = hit.message.row
      let number = Int(row.summary.subject.split(separator: " ").last ?? "") ?? -1
      #expect(try door.archive.originals.read(row.original) == letter(number).original, comment)
    }
  }

  @Test func `deleted mail gives its space back, and what is left is as it was`() async throws {
    try await Door.open(packByteCount: Self.packByteCount) { door in
      let ids = try await Self.store(80, door)
      let before = try Self.packByteCount(door)
      #expect(try door.mailboxes.compactPacks(Self.eager).compacted == 0, "everything is referred to")
      let deleted = ids.enumerated().filter { $0.offset % 4 != 0 }.map(\.element)
      _ = try await door.mailboxes.delete(Door.alice, ids: deleted, permanent: true)
      let dry = try door.mailboxes.compactPacks(Self.eager, isDryRun: true)
      #expect(dry.chosen.count > 3 && dry.compacted == 0)
      #expect(try Self.packByteCount(door) == before)
      #expect(door.mailboxes.packCompactionStatistics.runs == 1, "a dry run is none")
      var steps = 0
      let report = try door.mailboxes.compactPacks(Self.eager) { _ in steps += 1 }
      #expect(report.compacted == dry.chosen.count && steps == report.compacted && report.problems == [])
      #expect(try Self.packByteCount(door) == before - Int(report.freedByteCount))
      #expect(report.freedByteCount > 30_000)
      let statistics = door.mailboxes.packCompactionStatistics
      #expect(statistics.runs == 2 && statistics.failures == 0 && statistics.freedByteCount == report.freedByteCount)
      #expect(statistics.liveByteCount > 0 && statistics.deadByteCount < report.deadByteCount)
      #expect(try await door.found("in:anywhere").count == 20)
      try await Self.expectWhole(door)
      try await door.audit([Door.alice])
      try await door.crashed(.dropped) { door in
        try await Self.expectWhole(door)
        try await door.audit([Door.alice])
      }
    }
  }

  @Test func `packs with less dead than asked, or filled a moment ago, are left alone`() async throws {
    try await Door.open(packByteCount: Self.packByteCount) { door in
      let ids = try await Self.store(80, door)
      let deleted = ids.enumerated().filter { $0.offset % 4 == 0 }.map(\.element)
      _ = try await door.mailboxes.delete(Door.alice, ids: deleted, permanent: true)
      let half = PackCompactionOptions(deadShare: 0.5, grace: Self.eager.grace)
      #expect(try door.mailboxes.compactPacks(half).chosen.isEmpty)
      let young = PackCompactionOptions(deadShare: 0.05, grace: .seconds(400_000_000))
      let report = try door.mailboxes.compactPacks(young)
      #expect(report.chosen.isEmpty && report.deadByteCount == 0)
      #expect(try door.mailboxes.compactPacks(Self.eager).compacted > 0)
    }
  }

  @Test func `verify counts what nothing refers to, and calls it no problem`() async throws {
    try await Door.open(packByteCount: Self.packByteCount) { door in
      let ids = try await Self.store(40, door)
      let before = try door.mailboxes.verify { _ in }.orphans
      #expect(before?.frames == 0 && before?.byteCount == 0)
      _ = try await door.mailboxes.delete(Door.alice, ids: Array(ids.prefix(30)), permanent: true)
      let report = try door.mailboxes.verify { _ in }
      #expect(report.problems == [])
      let orphans = try #require(report.orphans)
      #expect(orphans.frames == 30 && orphans.byteCount > 20_000)
      _ = try door.mailboxes.compactPacks(Self.eager)
      let after = try #require(try door.mailboxes.verify { _ in }.orphans)
      #expect(after.frames < 30)
    }
  }

  @Test func `what another holder refers to stays, and is missed by verify when it is gone`() async throws {
    struct Holder: PackHolder {
      let name = "error queue"
      let references: [BlobReference]
      func heldReferences() throws -> [BlobReference] { references }
    }
    try await Door.open(packByteCount: Self.packByteCount) { door in
      let held = try await door.archive.originals.store(Self.letter(900).original)
      let nowhere = BlobReference(pack: 99, offset: 4_096, byteCount: 100)
      door.mailboxes.addHolder(Holder(references: [held]))
      let ids = try await Self.store(40, door)
      _ = try await door.mailboxes.delete(Door.alice, ids: ids, permanent: true)
      _ = try door.mailboxes.compactPacks(Self.eager)
      #expect(try door.archive.originals.read(held) == Self.letter(900).original)
      #expect(try door.mailboxes.verify { _ in }.problems == [])
      door.mailboxes.addHolder(Holder(references: [nowhere]))
      #expect(try door.mailboxes.verify { _ in }.problems == ["error queue: a mail is missing: \(nowhere)"])
    }
  }

  @Test func `with a holder that cannot tell, nothing is compacted`() async throws {
    struct Mute: PackHolder {
      let name = "mute"
      func heldReferences() throws -> [BlobReference] { throw StoreError(code: .failed, message: "cannot tell") }
    }
    try await expectNothingCompacted {
      $0.mailboxes.addHolder(Mute())
    } refusal: {
      "\($0)".contains("cannot tell")
    }
  }

  @Test func `with a shard that has stopped, nothing is compacted`() async throws {
    try await expectNothingCompacted { door throws in
      door.files.plan.failure = { $0.kind == .sync && $0.path.contains("/journal/") ? .failed : nil }
      await #expect(throws: MailboxError.self) { try await door.store("lost") }
      door.files.plan.failure = nil
      #expect(try door.mailboxes.verify { _ in }.problems == [], "what cannot be told is no problem")
      #expect(try door.mailboxes.verify { _ in }.orphans == nil)
    } refusal: {
      ($0 as? MailboxError)?.message.contains("shard 0 has stopped") == true
    }
  }

  @Test func `with a row that cannot be read, nothing is compacted`() async throws {
    try await expectNothingCompacted { door in
      door.shard.maintain()
      let database = try DatabaseQueue(path: door.path + "/shards/00/mail.sqlite")
      try await database.write { try $0.execute(sql: "UPDATE message SET pack = 'x' WHERE doc = 40") }
      try database.close()
    } refusal: {
      ($0 as? MailboxError)?.message.contains("rows of shard 0") == true
    }
  }

  @Test func `with a shard that has fewer changes than at the last compaction, nothing is compacted`() async throws {
    try await Door.open(packByteCount: Self.packByteCount) { door in
      let ids = try await Self.store(40, door)
      _ = try await door.mailboxes.delete(Door.alice, ids: Array(ids.prefix(20)), permanent: true)
      #expect(try door.mailboxes.compactPacks(Self.eager).compacted > 0)
      door.close()
      for folder in ["journal", "index"] {
        let path = door.path + "/shards/00/" + folder
        for name in try door.files.list(path) { try door.files.remove(path + "/" + name) }
        try door.files.syncDirectory(path)
      }
      for name in try FileManager.default.contentsOfDirectory(atPath: door.path + "/shards/00")
      where name.hasPrefix("mail.sqlite") {
        try FileManager.default.removeItem(atPath: door.path + "/shards/00/" + name)
      }
      try await door.reopened { door in
        let before = try Self.packByteCount(door)
        #expect { try door.mailboxes.compactPacks(Self.eager) } throws: {
          "\($0)".contains("shard 0 has 0 changes and had ")
        }
        #expect(try Self.packByteCount(door) == before)
        // Given up on purpose.
        try door.files.remove(door.path + "/shards/compaction.mark")
        #expect(try door.mailboxes.compactPacks(Self.eager).compacted > 0)
      }
    }
  }

  private func expectNothingCompacted(
    after trouble: (Door) async throws -> Void, refusal: (any Error) -> Bool
  ) async throws {
    try await Door.open(packByteCount: Self.packByteCount) { door in
      let ids = try await Self.store(40, door)
      _ = try await door.mailboxes.delete(Door.alice, ids: Array(ids.prefix(30)), permanent: true)
      let before = try Self.packByteCount(door)
      try await trouble(door)
      #expect { try door.mailboxes.compactPacks(Self.eager) } throws: { refusal($0) }
      #expect(try Self.packByteCount(door) == before)
      #expect(door.mailboxes.packCompactionStatistics.failures == 1)
    }
  }

  @Test func `where a recipe cannot be read, attachments that it may need are kept`() async throws {
    try await Door.open(packByteCount: 64 << 10) { door in
      func store(_ bytes: [UInt8], _ subject: String) async throws -> (MessageID, BlobReference) {
        let reference = try await door.archive.originals.store(bytes)
        var message = Letter(subject: subject).message(storedAt: reference, Door.analyzers)
        message.size = UInt64(bytes.count)
        guard case .stored(let id, _) = try await door.mailboxes.deliver(message, to: Door.alice) else {
          throw MailboxError(.conflict, subject)
        }
        return (id, reference)
      }
      let (first, _) = try await store(Self.withAttachment(1), "one")
      let (_, damaged) = try await store(Self.withAttachment(2), "two")
      let kept = door.archive.originals.attachmentBlobs(of: damaged)
      #expect(kept.count == 1)
      let ids = try await Self.store(60, door)
      _ = try await door.mailboxes.delete(Door.alice, ids: [first] + ids, permanent: true)
      // Another file than its attachment's would be compacted otherwise.
      let name = try #require(
        door.archive.files.list("archive/blobs/packs").first { $0.contains("\(damaged.pack).") })
      let file = try door.archive.files.open("archive/blobs/packs/" + name, .readWrite)
      let byte = try file.readExactly(at: damaged.offset + 30, byteCount: 1)[0]
      try file.write([byte ^ 1], at: damaged.offset + 30)
      let report = try door.mailboxes.compactPacks(Self.eager)
      #expect(report.problems.contains { $0.contains("1 mails cannot be read") }, "\(report.problems)")
      #expect(door.archive.packs.missing(of: kept) == [])
      #expect(try door.mailboxes.verify { _ in }.orphans == nil)
    }
  }

  /// A mail with an attachment of 20 kB that no other has.
  private static func withAttachment(_ seed: UInt64) -> [UInt8] {
    var random = SeededGenerator(seed: seed)
    let bytes = (0..<20_000).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
    let text = Data(bytes).base64EncodedString(options: [
      .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
    ])
    return Array(
      ("Subject: split\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"cut\"\r\n\r\n--cut\r\n"
        + "Content-Type: text/plain\r\n\r\nSee attached.\r\n--cut\r\nContent-Type: application/octet-stream\r\n"
        + "Content-Transfer-Encoding: base64\r\n\r\n\(text)\r\n--cut--\r\n").utf8)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `compaction while mail is delivered, deleted and read loses nothing`(seed: UInt64) async throws {
    try await Door.open(Door.Options(journalFileByteCount: 8 << 10), packByteCount: 8 << 10) { door in
      for user in [Door.alice, Door.bob] { try await door.mailboxes.createMailbox(user) }
      let isDone = Flag()
      let threads = BlockingThreads(name: "upkeep", threads: 2)
      defer { threads.close() }
      let compacted = Locked(0)
      try await withThrowingTaskGroup(of: Void.self) { background in
        background.addTask {
          try await threads.run {
            while !isDone.isSet {
              let report = try door.mailboxes.compactPacks(Self.eager)
              #expect(report.problems == [], "seed \(seed)")
              compacted.withLock { $0 += report.compacted }
            }
          }
        }
        background.addTask {
          try await threads.run {
            while !isDone.isSet {
              let problems = try door.mailboxes.verify { _ in }.problems
              #expect(problems == [], "seed \(seed)")
            }
          }
        }
        try await withThrowingTaskGroup(of: Void.self) { writers in
          for writer in 0..<4 {
            writers.addTask { try await Self.write(door, writer, seed: seed) }
          }
          try await writers.waitForAll()
        }
        isDone.set()
        try await background.waitForAll()
      }
      _ = try door.mailboxes.compactPacks(Self.eager)
      #expect(compacted.withLock { $0 } > 0, "seed \(seed)")
      try await door.audit([Door.alice, Door.bob], "seed \(seed)")
    }
  }

  /// Delivers, deletes and reads mails of its own.
  private static func write(_ door: Door, _ writer: Int, seed: UInt64) async throws {
    var random = SeededGenerator(seed: seed * 10 + UInt64(writer))
    let user = writer % 2 == 0 ? Door.alice : Door.bob
    var living: [(number: Int, id: MessageID)] = []
    for round in 0..<60 {
      let number = writer * 1_000 + round
      living.append((number, try await door.store(letter(number, byteCount: 400), to: user)))
      if Int.random(in: 0..<3, using: &random) > 0 {
        let gone = living.remove(at: Int.random(in: living.indices, using: &random))
        _ = try await door.mailboxes.delete(user, ids: [gone.id], permanent: true)
      }
      guard let one = living.randomElement(using: &random) else { continue }
      let row = try #require(try await door.mailboxes.row(user, id: one.id))
      #expect(
        try door.archive.originals.read(row.original) == letter(one.number, byteCount: 400).original,
        "seed \(seed), \(one.number)")
    }
  }
}
