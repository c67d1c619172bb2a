import Bytes
import Foundation
import Index
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

/// Rebuilding the index when the original of a mail is gone.
@Suite(.timeLimit(.minutes(30))) struct LostOriginalTests {
  private static let nowhere = BlobReference(pack: 99, offset: 4_096, byteCount: 100)
  private static let letter = Letter(
    subject: "Tides", body: "periwinkle", from: "erin@example.org", fileNames: ["harbour map.pdf"])

  /// One mail without an original that can be read, before others that have theirs; all texts are in a run, none in the
  /// journal.
  private func fill(_ door: Door, original: BlobReference = nowhere) async throws {
    _ = try await door.mailboxes.deliver(Self.letter.message(storedAt: original, Door.analyzers), to: Door.alice)
    for number in 1...10 { try await door.store(Letter(subject: "mail \(number)", body: "word\(number)")) }
    door.shard.maintain()
    #expect(try !door.journalFiles().contains("0000000001.journal"))
  }

  private func reindex(_ door: Door, isFromSource: Bool) throws {
    try door.mailboxes.reindex(
      shard: 0, user: nil, isFromSource: isFromSource,
      extract: { _, original, _ in
        var record = Letter.record(of: original)
        record.body += " freshly"
        return RemadeRecord(record: record)
      }, report: { _ in }, throttle: {})
  }

  @Test(arguments: [false, true])
  func `a mail that lost its original and its text is found by what its row tells`(isFromSource: Bool) async throws {
    try await Door.open(Door.Options(journalFileByteCount: 1 << 10)) { door in
      try await fill(door)
      door.close()
      let index = door.path + "/shards/00/index"
      for name in try door.files.list(index) { try door.files.remove(index + "/" + name) }
      func check(_ door: Door) async throws {
        let words = [
          "subject:tides", "from:erin@example.org", "filename:harbour", "filename:\"harbour map.pdf\"", "erin", "tides",
        ]
        for query in words { #expect(try await door.found(query) == ["Tides"], "\(query)") }
        #expect(try await door.found("periwinkle") == [])
        #expect(try await door.found("word3 freshly") == ["mail 3"])
        let problems = try door.mailboxes.verify { _ in }.problems
        #expect(problems.count == 1)
        #expect(problems.first?.contains("original is missing: \(Self.nowhere)") == true)
      }
      try await door.reopened(.kept) { door in
        try reindex(door, isFromSource: isFromSource)
        try await check(door)
        // The text made from the row is a text like any other.
        try reindex(door, isFromSource: false)
        try await check(door)
        try await door.reopened { try await check($0) }
      }
    }
  }

  @Test func `from the source, a mail whose original is lost keeps the text that it had`() async throws {
    try await Door.open(Door.Options(journalFileByteCount: 1 << 10)) { door in
      try await fill(door)
      try reindex(door, isFromSource: true)
      #expect(try await door.found("periwinkle filename:harbour") == ["Tides"])
      #expect(try await door.found("freshly").count == 10)
    }
  }

  @Test func `from the source, a mail whose original is damaged keeps the text that it had`() async throws {
    try await Door.open(Door.Options(journalFileByteCount: 1 << 10)) { door in
      let original = try await door.archive.originals.store(Self.letter.original)
      try await fill(door, original: original)
      let pack = try door.archive.files.open("archive/blobs/packs/000000000\(original.pack).open", .readWrite)
      try pack.write([0xFF, 0xFF, 0xFF], at: original.offset + UInt64(original.byteCount) - 3)
      let error = #expect(throws: StoreError.self) { try door.archive.originals.read(original) }
      #expect(error?.code == .corrupt)
      try reindex(door, isFromSource: true)
      #expect(try await door.found("periwinkle filename:harbour") == ["Tides"])
      #expect(try await door.found("freshly").count == 10)
    }
  }
}
