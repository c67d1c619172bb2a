import Bytes
import Index
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

/// A batch ends when it is large enough; what waits behind it is the next one's.
@Suite(.timeLimit(.minutes(30))) struct BatchSizeTests {
  /// Three mails of 3,000 bytes are a batch. No journal file is begun during a test.
  private static let options = Door.Options(journalFileByteCount: 1 << 20, batchByteCount: 8 << 10)

  private func letter(_ number: Int, byteCount: Int = 3_000) -> Letter {
    Letter(subject: "mail \(number)", trace: String(repeating: "x", count: byteCount))
  }

  private func syncs(_ door: Door, _ body: () async -> [Result<MessageID, any Error>]) async throws -> Int {
    let before = door.journalSyncCount
    let results = await body()
    // Numbered in the order of the jobs, over all batches.
    let numbers = try results.map { try $0.get().docID.rawValue }
    #expect(numbers == Array(2..<UInt32(results.count + 2)))
    return door.journalSyncCount - before
  }

  @Test func `the jobs behind a batch that is large enough run in the next one, and all are answered`() async throws {
    try await Door.open(Self.options) { door in
      try await door.store("first")
      let count = try await syncs(door) {
        await door.inOneBatch(of: (1...8).map { number in { try await door.store(letter(number)) } })
      }
      #expect(count == 3)
      #expect(try await door.found("in:anywhere").count == 9)
      try await door.audit([Door.alice])
      try await door.crashed(.dropped) { try await $0.audit([Door.alice]) }
    }
  }

  @Test(arguments: [
    ([100, 20_000, 100, 100], 2), ([20_000, 20_000, 100], 3), ([100, 100, 20_000], 1), ([8_192, 8_192], 2),
  ])
  func `a record larger than a batch ends the one that it comes to`(sizes: [Int], batches: Int) async throws {
    try await Door.open(Self.options) { door in
      try await door.store("first")
      let count = try await syncs(door) {
        await door.inOneBatch(
          of: sizes.enumerated().map { number, size in { try await door.store(letter(number, byteCount: size)) } })
      }
      #expect(count == batches)
      try await door.audit([Door.alice])
    }
  }

  @Test func `a refusal in a later batch takes nothing of any batch with it`() async throws {
    try await Door.open(Self.options) { door in
      try await door.store("first")
      let carol = UserID(rawValue: 3)
      var writes: [@Sendable () async throws -> Void] = (1...8).map { number in
        { _ = try await door.store(letter(number)) }
      }
      // Refuses at once, and after it has staged something.
      writes.insert({ _ = try await door.mailboxes.createFolder(Door.alice, name: "") }, at: 4)
      writes.insert({ _ = try await door.mailboxes.createFolder(carol, name: "Inbox") }, at: 6)
      let results = await door.inOneBatch(of: writes)
      #expect(results.map(\.refusal) == [nil, nil, nil, nil, .invalid, nil, .conflict, nil, nil, nil])
      #expect(results.count { $0.isSuccess } == 8)
      #expect(try door.mailboxes.users() == [Door.alice])
      try await door.audit([Door.alice])
      try await door.crashed(.dropped) { door in
        #expect(try await door.found("in:anywhere").count == 9)
        try await door.audit([Door.alice])
      }
    }
  }

  @Test func `what one batch has no room for is told to its jobs alone`() async throws {
    try await Door.open(Door.Options(journalFileByteCount: 16 << 10, batchByteCount: 8 << 10)) { door in
      try await door.store("first")
      door.files.plan.byteQuota = 1
      // The first two fill the file that is there, the others need another one.
      let results = await door.inOneBatch(
        of: (1...6).map { number in { _ = try await door.store(letter(number, byteCount: 4_500)) } })
      #expect(results.map(\.refusal) == [nil, nil, .busy, .busy, .busy, .busy])
      #expect(try await door.found("in:anywhere").count == 3)
      try await door.audit([Door.alice])
    }
  }

  @Test func `a mail larger than a journal's file is kept whole`() async throws {
    try await Door.open(Door.Options(journalFileByteCount: 4 << 10)) { door in
      try await door.store("first")
      let id = try await door.store(letter(1, byteCount: 100_000))
      try await door.store("last")
      try await door.crashed(.dropped) { door in
        let row = try #require(try await door.mailboxes.row(Door.alice, id: id))
        #expect(row.trace.utf8.count == 100_000)
        #expect(try await door.found("in:anywhere").count == 3)
        try await door.audit([Door.alice])
      }
    }
  }
}
