import Bytes
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

/// Rows, pages of folders, threads and originals through the door.
@Suite struct MailboxesReadingTests {
  @Test func `a folder's list is newest first, by pages, and tells unread from read`() async throws {
    try await Door.open { door in
      var ids: [MessageID] = []
      for number in 1...5 { ids.append(try await door.store(Letter(subject: "\(number)", minute: Int64(number % 3)))) }
      _ = try await door.mailboxes.update(Door.alice, ids: [ids[1], ids[4]], MessageUpdate(isRead: true))
      let inbox = try await door.folder(.inbox)
      #expect(inbox.total == 5 && inbox.unread == 3)
      func page(_ limit: Int, isRead: Bool? = nil, after row: MessageRow? = nil) async throws -> [MessageRow] {
        try await door.mailboxes.folderPage(
          Door.alice, folder: inbox.row.id, isRead: isRead, limit: limit,
          after: row.map { FolderCursor(receivedAt: $0.receivedAt, docID: $0.docID) })
      }
      let first = try await page(2)
      #expect(first.map(\.summary.subject) == ["5", "2"])
      #expect(try await page(9, after: first[1]).map(\.summary.subject) == ["4", "1", "3"])
      #expect(try await page(9, isRead: false).map(\.summary.subject) == ["4", "1", "3"])
      #expect(try await page(9, isRead: true).map(\.summary.subject) == ["5", "2"])
    }
  }

  @Test func `a message is read by its whole id, and by its owner only`() async throws {
    try await Door.open { door in
      let id = try await door.store("hers")
      try await door.store("his", to: Door.bob)
      #expect(try await door.mailboxes.row(Door.alice, id: id)?.summary.subject == "hers")
      #expect(try await door.mailboxes.row(Door.bob, id: id) == nil)
      let guessed = MessageID(high: id.high, low: id.low ^ 1 << 40)
      #expect(guessed.docID == id.docID)
      #expect(try await door.mailboxes.row(Door.alice, id: guessed) == nil)
      #expect(try await door.mailboxes.thread(Door.bob, id: id) == nil)
      #expect(try await door.mailboxes.thread(Door.alice, id: guessed) == nil)
    }
  }

  @Test func `an original comes back byte for byte behind its trace fields`() async throws {
    try await Door.open { door in
      let letter = Letter(subject: "one", body: "\u{0}\r\n.\r\n")
      let reference = try await door.archive.originals.store(letter.original)
      var message = letter.message(storedAt: reference, Door.analyzers)
      message.trace = "Received: here\r\n"
      guard case .stored(let id, _) = try await door.mailboxes.deliver(message, to: Door.alice) else { return }
      let row = try #require(try await door.mailboxes.row(Door.alice, id: id))
      #expect(try await door.mailboxes.original(of: row) == Array("Received: here\r\n".utf8) + letter.original)
      #expect(try await door.mailboxes.attachment(of: row, partPath: "2") == nil)
    }
  }

  @Test func `a thread keeps its name when the message that founded it goes`() async throws {
    try await Door.open { door in
      let first = try await door.store("one")
      let second = try await door.store(Letter(subject: "two", references: ["one"], minute: 1))
      let thread = try #require(try await door.mailboxes.thread(Door.alice, id: first))
      #expect(thread.id == first && thread.rows.map(\.id) == [first, second])
      _ = try await door.mailboxes.delete(Door.alice, ids: [first], permanent: true)
      #expect(try await door.mailboxes.thread(Door.alice, id: first)?.rows.map(\.id) == [second])
      #expect(try await door.search("two").hits.first?.message.thread == first)
      _ = try await door.mailboxes.delete(Door.alice, ids: [second], permanent: true)
      #expect(try await door.mailboxes.thread(Door.alice, id: first) == nil)
    }
  }

  @Test func `a thread is told as a whole and its messages by pages`() async throws {
    try await Door.open { door in
      let first = try await door.store(Letter(subject: "one", flags: .read))
      for number in 2...5 {
        try await door.store(
          Letter(subject: "\(number)", from: "p\(number % 2)@example.net", references: ["one"], minute: Int64(number)))
      }
      let page = try #require(try await door.mailboxes.thread(Door.alice, id: first, limit: 2))
      #expect(page.subject == "one" && page.total == 5 && page.unread == 4 && page.hasMore)
      #expect(page.participants.map(\.address) == ["dan@example.net", "p0@example.net", "p1@example.net"])
      #expect(page.rows.map(\.summary.subject) == ["one", "2"])
      let cursor = FolderCursor(receivedAt: page.rows[1].receivedAt, docID: page.rows[1].docID)
      let rest = try #require(try await door.mailboxes.thread(Door.alice, id: first, limit: 3, after: cursor))
      #expect(rest.rows.map(\.summary.subject) == ["3", "4", "5"] && !rest.hasMore && rest.total == 5)
    }
  }

  @Test func `a user without a mailbox has nothing, and asking makes none`() async throws {
    try await Door.open { door in
      let folders = try await door.mailboxes.folders(Door.alice)
      #expect(folders.isEmpty)
      #expect(try await door.found("in:anywhere").isEmpty)
      #expect(try await door.changes().isEmpty)
      #expect(try door.mailboxes.statistics().map(\.users) == [0])
    }
  }
}
