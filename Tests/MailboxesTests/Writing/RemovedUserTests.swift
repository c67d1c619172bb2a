import Bytes
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

/// Who has a mailbox, and that nothing is written for a user whose account is gone.
@Suite struct RemovedUserTests {
  @Test func `whatever is asked for a user whose account is gone, nobody is found`() async throws {
    try await Door.open { door in
      let letter = Letter(subject: "one")
      let id = try await door.store(letter)
      let (folder, _) = try await door.mailboxes.createFolder(Door.alice, name: "Work")
      let search = try await door.stand("one")
      let hash = UInt64(CRC32C.checksum(letter.original))
      let written = try await door.changes().count
      door.accounts.remove(Door.alice)

      let mailboxes = door.mailboxes
      let requests: [(String, @Sendable () async throws -> Void)] = [
        ("create", { try await mailboxes.createMailbox(Door.alice) }),
        ("deliver", { _ = try await door.deliver(Letter(subject: "two")) }),
        ("messages", { _ = try await mailboxes.messages(Door.alice, contentHash: hash) }),
        ("update", { _ = try await mailboxes.update(Door.alice, ids: [id], MessageUpdate(isRead: true)) }),
        ("delete", { _ = try await mailboxes.delete(Door.alice, ids: [id], permanent: true) }),
        ("create folder", { _ = try await mailboxes.createFolder(Door.alice, name: "Home") }),
        ("rename folder", { _ = try await mailboxes.renameFolder(Door.alice, folder.id, to: "Home") }),
        ("delete folder", { _ = try await mailboxes.deleteFolder(Door.alice, folder.id) }),
        ("save search", { _ = try await door.stand("two") }),
        ("change search", { _ = try await mailboxes.updateSearch(Door.alice, search, SavedSearchUpdate(name: "x")) }),
        ("delete search", { _ = try await mailboxes.deleteSearch(Door.alice, search) }),
      ]
      for (name, request) in requests { #expect(try await refusal(request) == .notFound, "\(name)") }
      #expect(try await door.changes().count == written)
      #expect(try await door.found("in:anywhere") == ["one"])
      try await door.store("his", to: Door.bob)
      try await door.audit()
    }
  }

  @Test func `what waits behind the removal of a mailbox does not make it anew`() async throws {
    try await Door.open { door in
      try await door.store(Letter(subject: "one", item: 1))
      let mailboxes = door.mailboxes
      let results = await door.inOneBatch(
        {
          door.accounts.remove(Door.alice)
          try await mailboxes.removeMailbox(Door.alice)
        },
        { _ = try await door.store(Letter(subject: "late", item: 2)) },
        { try await mailboxes.createMailbox(Door.alice) },
        { _ = try await mailboxes.createFolder(Door.alice, name: "Work") },
        { try await door.forget(1) },
        { _ = try await door.store("his", to: Door.bob) })
      #expect(results.map(\.refusal) == [nil, .notFound, .notFound, .notFound, nil, nil])
      #expect(results.map(\.isSuccess) == [true, false, false, false, true, true])
      func check(_ door: Door) async throws {
        #expect(try door.mailboxes.users() == [Door.bob])
        #expect(try await door.mailboxes.folders(Door.alice).isEmpty)
        #expect(try await door.found("in:anywhere").isEmpty)
        #expect(try await door.found("in:anywhere", user: Door.bob) == ["his"])
        try await door.audit([Door.bob])
      }
      try await check(door)
      try await door.crashed(.dropped) { try await check($0) }
    }
  }

  @Test func `a delivery that waited while the account went away is refused`() async throws {
    try await Door.open { door in
      try await door.store("one")
      let results = await door.inOneBatch(
        { _ = try await door.store("late") },
        {
          door.accounts.remove(Door.alice)
          try await door.mailboxes.removeMailbox(Door.alice)
        })
      #expect(results.map(\.refusal) == [.notFound, nil])
      #expect(try door.mailboxes.users() == [])
    }
  }

  @Test func `everyone who has a mailbox is listed, whatever the shard, the moment it is made`() async throws {
    try await Door.open(Door.Options(shardCount: 3)) { door in
      #expect(try door.mailboxes.users() == [])
      for user in 1...6 as ClosedRange<UInt32> {
        if user.isMultiple(of: 2) {
          try await door.mailboxes.createMailbox(UserID(rawValue: user))
        } else {
          try await door.store("one", to: UserID(rawValue: user))
        }
        #expect(try door.mailboxes.users().map(\.rawValue).sorted() == Array(1...user))
      }
      try await door.mailboxes.removeMailbox(UserID(rawValue: 3))
      #expect(try door.mailboxes.users().map(\.rawValue).sorted() == [1, 2, 4, 5, 6])
    }
  }
}
