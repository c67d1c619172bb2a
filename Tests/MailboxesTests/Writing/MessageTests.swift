import Bytes
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

/// Changes and deletions of messages, one or many in a call.
@Suite struct MessageTests {
  /// Some messages of alice, and one of bob as a stranger's.
  private func withMessages(
    _ count: Int, _ body: (Door, [MessageID], MessageID) async throws -> Void
  ) async throws {
    try await Door.open { door in
      var ids: [MessageID] = []
      for number in 1...count { ids.append(try await door.store("mail \(number)")) }
      let stranger = try await door.store("his", to: Door.bob)
      try await body(door, ids, stranger)
      try await door.audit()
    }
  }

  @Test func `only what an update names is changed, and the rows after it are answered`() async throws {
    try await withMessages(2) { door, ids, _ in
      let archive = try await door.folder(.archive).row.id
      _ = try await door.mailboxes.update(
        Door.alice, ids: [ids[0]], MessageUpdate(isRead: true, labels: ["b", "a", "b"]))
      let answer = try await door.mailboxes.update(
        Door.alice, ids: ids, MessageUpdate(isStarred: true, isReplied: true, folder: archive))
      #expect(answer.rows.map(\.id) == ids)
      #expect(answer.rows.map(\.flags) == [[.read, .starred, .replied], [.starred, .replied]])
      #expect(answer.rows.map(\.labels) == [["a", "b"], []])
      #expect(answer.rows.allSatisfy { $0.folder == archive })
      #expect(try await door.mailboxes.row(Door.alice, id: ids[0]) == answer.rows[0])
      #expect(try await door.found("in:archive is:starred is:replied").count == 2)
      let unread = try await door.mailboxes.update(Door.alice, ids: ids, MessageUpdate(isRead: false, labels: []))
      #expect(unread.rows.allSatisfy { !$0.flags.contains(.read) && $0.labels.isEmpty })
    }
  }

  @Test func `what changes nothing takes no number`() async throws {
    try await withMessages(1) { door, ids, _ in
      let before = try await door.mailboxes.update(Door.alice, ids: ids, MessageUpdate(isRead: true))
      let same = try await door.mailboxes.update(Door.alice, ids: ids, MessageUpdate(isRead: true))
      #expect(same.sequence == before.sequence && same.rows == before.rows)
      let none = try await door.mailboxes.update(Door.alice, ids: [], MessageUpdate(isRead: false))
      #expect(none.sequence == before.sequence && none.rows.isEmpty)
      let nothing = try await door.mailboxes.delete(Door.alice, ids: [], permanent: true)
      #expect(nothing.sequence == before.sequence)
    }
  }

  enum Stranger: CaseIterable {
    case anotherUsers, guessed, gone
  }

  @Test(arguments: Stranger.allCases)
  func `with one id that is not the user's nothing of a batch is done`(stranger: Stranger) async throws {
    try await withMessages(4) { door, ids, his in
      _ = try await door.mailboxes.delete(Door.alice, ids: [ids[3]], permanent: true)
      let odd: MessageID
      switch stranger {
      case .anotherUsers: odd = his
      case .guessed: odd = MessageID(high: ids[2].high, low: ids[2].low ^ 1 << 40)
      case .gone: odd = ids[3]
      }
      let last = try await door.changes().count
      let batch = [ids[0], odd, ids[1]]
      let mailboxes = door.mailboxes
      let read = MessageUpdate(isRead: true)
      let update = try await refusal { try await mailboxes.update(Door.alice, ids: batch, read) }
      #expect(update == .notFound)
      for permanent in [false, true] {
        let code = try await refusal { try await mailboxes.delete(Door.alice, ids: batch, permanent: permanent) }
        #expect(code == .notFound)
      }
      #expect(try await door.changes().count == last)
      #expect(try await door.found("is:unread in:inbox").count == 3)
      #expect(try await door.found("is:unread", user: Door.bob).count == 1)
    }
  }

  @Test func `an id named twice counts once`() async throws {
    try await withMessages(2) { door, ids, _ in
      let last = UInt64(try await door.changes().count)
      let twice = [ids[0], ids[1], ids[0]]
      let read = try await door.mailboxes.update(Door.alice, ids: twice, MessageUpdate(isRead: true))
      #expect(read.rows.map(\.id) == ids && read.sequence.rawValue == last + 2)
      let trashed = try await door.mailboxes.delete(Door.alice, ids: twice, permanent: false)
      #expect(trashed.rows.map(\.id) == ids && trashed.sequence.rawValue == last + 4)
      let gone = try await door.mailboxes.delete(Door.alice, ids: twice, permanent: true)
      #expect(gone.rows.map(\.id) == ids && gone.sequence.rawValue == last + 6)
      #expect(try await door.folder(.trash).total == 0)
    }
  }

  @Test func `a deleted message goes to the trash and stays there until it is deleted for good`() async throws {
    try await withMessages(2) { door, ids, _ in
      let first = try await door.mailboxes.delete(Door.alice, ids: [ids[0]], permanent: false)
      let again = try await door.mailboxes.delete(Door.alice, ids: [ids[0]], permanent: false)
      #expect(again.sequence == first.sequence)
      #expect(try await door.found("in:trash") == ["mail 1"])
      _ = try await door.mailboxes.delete(Door.alice, ids: ids, permanent: true)
      #expect(try await door.mailboxes.row(Door.alice, id: ids[0]) == nil)
      #expect(try await door.found("in:anywhere").isEmpty)
      try await door.store("after")
      let row = try #require(try await door.search("after").hits.first?.message.row)
      #expect(row.docID.rawValue == 3, "the number of a deleted message is given again")
    }
  }

  @Test func `more messages than are changed in place are changed at once`() async throws {
    try await Door.open(Door.Options(journalFileByteCount: 1 << 20)) { door in
      let letter = Letter(subject: "many")
      let original = try await door.archive.originals.store(letter.original)
      let message = letter.message(storedAt: original, Door.analyzers)
      _ = try await door.found("in:anywhere")
      let ids = try await door.shard.perform { transaction in
        try (0..<300).compactMap { _ -> MessageID? in
          guard case .stored(let id, _) = try transaction.deliver(message, to: Door.alice, ownAddresses: []) else {
            return nil
          }
          return id
        }
      }
      _ = try await door.mailboxes.update(Door.alice, ids: ids, MessageUpdate(isRead: true))
      #expect(try await door.search("is:read many", limit: 1).total == 300)
      #expect(try await door.folder(.inbox).unread == 0)
      _ = try await door.mailboxes.delete(Door.alice, ids: ids, permanent: true)
      #expect(try await door.search("in:anywhere").total == 0)
      try await door.audit([Door.alice])
    }
  }
}
