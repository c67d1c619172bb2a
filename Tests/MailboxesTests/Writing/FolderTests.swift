import Bytes
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

@Suite struct FolderTests {
  @Test func `a mailbox begins with a folder for each role, once`() async throws {
    try await Door.open { door in
      for _ in 0..<2 { try await door.mailboxes.createMailbox(Door.alice) }
      let folders = try await door.mailboxes.folders(Door.alice)
      #expect(folders.map(\.row.name) == ["Inbox", "Sent", "Drafts", "Archive", "Spam", "Trash"])
      #expect(folders.map(\.row.role) == FolderRole.allCases)
      #expect(Set(folders.map(\.row.publicID)).count == 6)
    }
  }

  @Test func `a folder is made, renamed and deleted`() async throws {
    try await Door.open { door in
      let (folder, created) = try await door.mailboxes.createFolder(Door.alice, name: "Work/Bills")
      let (renamed, sequence) = try await door.mailboxes.renameFolder(Door.alice, folder.id, to: "Work/Paid")
      #expect(sequence == created.next)
      #expect(renamed.publicID == folder.publicID && renamed.name == "Work/Paid")
      let (_, same) = try await door.mailboxes.renameFolder(Door.alice, folder.id, to: "Work/Paid")
      #expect(same == sequence)
      #expect(try await door.mailboxes.deleteFolder(Door.alice, folder.id) == sequence.next)
      #expect(try await door.mailboxes.folders(Door.alice).count == 6)
      let (next, _) = try await door.mailboxes.createFolder(Door.alice, name: "Work/Bills")
      #expect(next.id > folder.id, "the number of a deleted folder is given again")
    }
  }

  @Test(arguments: [
    "", "a\u{0}b", "line\nbreak", "\u{7F}", String(repeating: "x", count: 256), String(repeating: "회", count: 86),
  ])
  func `a name that is none is refused`(name: String) async throws {
    try await Door.open { door in
      let (folder, _) = try await door.mailboxes.createFolder(Door.alice, name: "Work")
      #expect(try await refusal { try await door.mailboxes.createFolder(Door.alice, name: name) } == .invalid)
      #expect(
        try await refusal { try await door.mailboxes.renameFolder(Door.alice, folder.id, to: name) } == .invalid)
      #expect(try await door.mailboxes.folders(Door.alice).last?.row.name == "Work")
    }
  }

  @Test(arguments: ["a", String(repeating: "x", count: 255), String(repeating: "회", count: 85), "a/b c", " "])
  func `any other text is a name`(name: String) async throws {
    try await Door.open { door in
      let (folder, _) = try await door.mailboxes.createFolder(Door.alice, name: name)
      #expect(folder.name == name)
    }
  }

  @Test func `a name is taken once in a mailbox, and is free in another`() async throws {
    try await Door.open { door in
      let (work, _) = try await door.mailboxes.createFolder(Door.alice, name: "Work")
      let (home, _) = try await door.mailboxes.createFolder(Door.alice, name: "Home")
      for name in ["Work", "Inbox"] {
        let created = try await refusal { try await door.mailboxes.createFolder(Door.alice, name: name) }
        let renamed = try await refusal { try await door.mailboxes.renameFolder(Door.alice, home.id, to: name) }
        #expect(created == .conflict && renamed == .conflict)
      }
      _ = try await door.mailboxes.createFolder(Door.bob, name: "Work")
      _ = try await door.mailboxes.deleteFolder(Door.alice, work.id)
      _ = try await door.mailboxes.createFolder(Door.alice, name: "Work")
    }
  }

  @Test func `a mailbox holds a thousand folders and no more`() async throws {
    try await Door.open { door in
      try await door.mailboxes.createMailbox(Door.alice)
      try await door.shard.perform { transaction in
        for number in 7...ShardTransaction.maxFolders {
          _ = try transaction.createFolder("folder \(number)", of: Door.alice)
        }
      }
      #expect(try await door.mailboxes.folders(Door.alice).count == ShardTransaction.maxFolders)
      #expect(try await refusal { try await door.mailboxes.createFolder(Door.alice, name: "more") } == .invalid)
    }
  }

  @Test(arguments: FolderRole.allCases) func `a folder with a role stays, but may be renamed`(role: FolderRole)
    async throws
  {
    try await Door.open { door in
      try await door.mailboxes.createMailbox(Door.alice)
      let folder = try await door.folder(role).row
      #expect(try await refusal { try await door.mailboxes.deleteFolder(Door.alice, folder.id) } == .conflict)
      _ = try await door.mailboxes.renameFolder(Door.alice, folder.id, to: "Box")
      #expect(try await door.folder(role).row.name == "Box")
    }
  }

  @Test func `another user's folder is not found, whatever is asked of it`() async throws {
    try await Door.open { door in
      let (folder, _) = try await door.mailboxes.createFolder(Door.alice, name: "Work")
      let id = try await door.store("his", to: Door.bob)
      let mailboxes = door.mailboxes
      #expect(try await refusal { try await mailboxes.renameFolder(Door.bob, folder.id, to: "Mine") } == .notFound)
      #expect(try await refusal { try await mailboxes.deleteFolder(Door.bob, folder.id) } == .notFound)
      let move = MessageUpdate(folder: folder.id)
      #expect(try await refusal { try await mailboxes.update(Door.bob, ids: [id], move) } == .notFound)
      #expect(try await mailboxes.folders(Door.alice).last?.row.name == "Work")
      #expect(try await door.folder(.inbox, of: Door.bob).total == 1)
    }
  }

  @Test func `the messages of a deleted folder go to the trash`() async throws {
    try await Door.open { door in
      for number in 1...3 {
        try await door.store(Letter(subject: "\(number)", flags: number == 1 ? .read : [], destination: .named("Work")))
      }
      try await door.store("other")
      let work = try #require(try await door.mailboxes.folders(Door.alice).last)
      #expect(work.total == 3 && work.unread == 2)
      _ = try await door.mailboxes.deleteFolder(Door.alice, work.row.id)
      let trash = try await door.folder(.trash)
      #expect(trash.total == 3 && trash.unread == 2)
      #expect(try await door.found("in:trash").sorted() == ["1", "2", "3"])
      #expect(try await door.found("").sorted() == ["other"])
      try await door.audit([Door.alice])
    }
  }

  @Test func `a full folder is deleted in one step`() async throws {
    try await Door.open(Door.Options(journalFileByteCount: 4 << 20)) { door in
      let letter = Letter(subject: "many", destination: .named("Work"))
      let original = try await door.archive.originals.store(letter.original)
      let message = letter.message(storedAt: original, Door.analyzers)
      try await door.shard.perform { transaction in
        for _ in 0..<1_100 { _ = try transaction.deliver(message, to: Door.alice, ownAddresses: []) }
      }
      let work = try #require(try await door.mailboxes.folders(Door.alice).last)
      #expect(work.total == 1_100)
      let syncs = door.journalSyncCount
      _ = try await door.mailboxes.deleteFolder(Door.alice, work.row.id)
      #expect(door.journalSyncCount == syncs + 1)
      #expect(try await door.folder(.trash).total == 1_100)
      #expect(try await door.search("in:trash", limit: 1).total == 1_100)
    }
  }

  @Test func `a removed mailbox leaves nothing, also after a crash`() async throws {
    try await Door.open { door in
      for number in 1...3 { try await door.store(Letter(subject: "mail \(number)", item: UInt64(number))) }
      try await door.store("his", to: Door.bob)
      door.shard.maintain()
      try await door.store("unflushed")
      try await door.mailboxes.removeMailbox(Door.alice)
      func check(_ door: Door) async throws {
        #expect(try await door.found("in:anywhere").isEmpty)
        #expect(try await door.mailboxes.folders(Door.alice).isEmpty)
        #expect(try await door.changes().isEmpty)
        #expect(try door.mailboxes.counts(of: Door.alice) == MailboxCounts())
        #expect(try await door.found("in:anywhere", user: Door.bob) == ["his"])
      }
      try await check(door)
      try await door.crashed(.dropped) { try await check($0) }
    }
  }
}
