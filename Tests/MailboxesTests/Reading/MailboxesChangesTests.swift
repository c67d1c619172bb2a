import Bytes
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

/// `changes()`: what a client that was away hears of.
@Suite(.timeLimit(.minutes(30))) struct MailboxesChangesTests {
  @Test func `each change has the next number, a row and the public names of what it holds`() async throws {
    try await Door.open { door in
      let id = try await door.store("one")
      let inbox = try await door.folder(.inbox).row
      _ = try await door.mailboxes.update(Door.alice, ids: [id], MessageUpdate(isRead: true))
      let (folder, _) = try await door.mailboxes.createFolder(Door.alice, name: "Work")
      _ = try await door.mailboxes.delete(Door.alice, ids: [id], permanent: true)
      let changes = try await door.mailboxes.changes(
        Door.alice, since: .zero, limit: 100, timeout: .zero)
      #expect(changes.map(\.row.sequence.rawValue) == Array(1...10))
      let kinds = changes.map(\.row.kind)
      #expect(kinds.prefix(6).allSatisfy { $0 == .folderCreated })
      #expect(kinds.suffix(4) == [.messageAdded, .messageUpdated, .folderCreated, .messageRemoved])
      #expect(changes[6].folder == inbox && changes[6].thread == id)
      #expect(changes[8].folder == folder)
      #expect(changes[9].row.messageID == id)
    }
  }

  @Test func `a page begins after since and ends at the limit`() async throws {
    try await Door.open { door in
      for number in 1...5 { try await door.store("mail \(number)") }
      let page = try await door.mailboxes.changes(
        Door.alice, since: SequenceNumber(rawValue: 7), limit: 2, timeout: .zero)
      #expect(page.map(\.row.sequence.rawValue) == [8, 9])
      #expect(try await door.changes(since: 11).isEmpty)
      #expect(try await door.changes(Door.bob).isEmpty)
    }
  }

  @Test func `a number that is ahead of everything is refused at once`() async throws {
    try await Door.open { door in
      try await door.store("one")
      let code = try await refusal {
        try await door.mailboxes.changes(
          Door.alice, since: SequenceNumber(rawValue: 8), limit: 10, timeout: .seconds(3_600)
        ).count
      }
      #expect(code == .invalid)
    }
  }

  @Test func `a batch of messages takes a number for each`() async throws {
    try await Door.open { door in
      var ids: [MessageID] = []
      for number in 1...3 { ids.append(try await door.store("mail \(number)")) }
      let answer = try await door.mailboxes.update(Door.alice, ids: ids, MessageUpdate(isStarred: true))
      #expect(answer.sequence.rawValue == 12)
      #expect(try await door.changes(since: 9).map(\.messageID) == ids)
    }
  }

  @Test func `a poll waits for the next change and answers with it`() async throws {
    try await Door.open { door in
      try await door.store("one")
      let known = try await door.changes().count
      try await withThrowingTaskGroup(of: [NamedChange].self) { group in
        group.addTask {
          try await door.mailboxes.changes(
            Door.alice, since: SequenceNumber(rawValue: UInt64(known)), limit: 10, timeout: .seconds(3_600))
        }
        await waitUntil { door.mailboxes.board.waiterCount(of: Door.alice) == 1 }
        try await door.store("for another", to: Door.bob)
        #expect(door.mailboxes.board.waiterCount(of: Door.alice) == 1)
        let id = try await door.store("two")
        #expect(try await group.next()?.map(\.row.messageID) == [id])
      }
      #expect(door.mailboxes.board.waiterCount(of: Door.alice) == 0)
    }
  }

  @Test func `a poll in vain ends with nothing when its time is up`() async throws {
    try await Door.open { door in
      try await door.store("one")
      let none = try await door.mailboxes.changes(
        Door.alice, since: SequenceNumber(rawValue: 7), limit: 10, timeout: .milliseconds(3))
      #expect(none.isEmpty)
      #expect(door.mailboxes.board.waiterCount(of: Door.alice) == 0)
    }
  }

  @Test func `after a restart a poll goes on from the client's number`() async throws {
    try await Door.open { door in
      try await door.store("one")
      try await door.reopened { door in
        try await withThrowingTaskGroup(of: [NamedChange].self) { group in
          group.addTask {
            try await door.mailboxes.changes(
              Door.alice, since: SequenceNumber(rawValue: 7), limit: 10, timeout: .seconds(3_600))
          }
          await waitUntil { door.mailboxes.board.waiterCount(of: Door.alice) == 1 }
          let id = try await door.store("two")
          #expect(try await group.next()?.map(\.row.messageID) == [id])
        }
      }
    }
  }
}
