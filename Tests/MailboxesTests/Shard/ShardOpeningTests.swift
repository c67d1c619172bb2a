import Bytes
import Foundation
import Index
import MailStore
import TestSupport
import Testing

@testable import Mailboxes

/// Opening a shard brings both views up to its journal, whatever they hold.
@Suite struct ShardOpeningTests {
  enum Loss: CaseIterable {
    case view, index, both

    var takesView: Bool { self != .index }
    var takesIndex: Bool { self != .view }
  }

  @Test(arguments: Loss.allCases) func `a view that is gone is made again from the journal`(loss: Loss) async throws {
    try await Door.open(Door.Options(journalFileByteCount: 1 << 20)) { door in
      let first = try await door.store(Letter(subject: "one", item: 1))
      try await door.store(Letter(subject: "two", references: ["one"], flags: .starred, labels: ["a"], item: 2))
      let (folder, _) = try await door.mailboxes.createFolder(Door.alice, name: "Work")
      _ = try await door.mailboxes.update(Door.alice, ids: [first], MessageUpdate(folder: folder.id))
      let gone = try await door.store("gone")
      _ = try await door.mailboxes.delete(Door.alice, ids: [gone], permanent: true)
      try await door.store("his", to: Door.bob)
      let rows = try door.shard.read(for: Door.alice) { try $0.rows(Door.alice, [1, 2].map(DocID.init(rawValue:))) }
      let changes = try await door.changes()
      door.close()
      if loss.takesView {
        for ending in ["", "-wal", "-shm"] {
          try? FileManager.default.removeItem(atPath: door.path + "/shards/00/mail.sqlite" + ending)
        }
      }
      let index = door.path + "/shards/00/index"
      if loss.takesIndex { for name in try door.files.list(index) { try door.files.remove(index + "/" + name) } }
      try await door.reopened(.kept) { door in
        let found = try door.shard.read(for: Door.alice) { try $0.rows(Door.alice, [1, 2].map(DocID.init(rawValue:))) }
        #expect(found == rows)
        #expect(try await door.changes() == changes)
        #expect(try await door.found("in:work") == ["one"])
        #expect(try await door.found("label:a is:starred") == ["two"])
        try await door.audit()
      }
    }
  }

  @Test func `a view that is ahead of its journal is refused with a word on what is wrong`() async throws {
    try await Door.open { door in
      try await door.store("one")
      door.close()
      try await door.reopened(.kept) { door in
        for number in 2...4 { try await door.store("mail \(number)") }
        _ = try await door.folder(.inbox)
      }
      // The journal of a backup, under a view of today.
      let error = await #expect(throws: StoreError.self) { try await door.reopened(.kept) { _ in } }
      #expect(error?.code == .corrupt)
      #expect(error?.message.contains("journal") == true)
    }
  }

  @Test(arguments: [Loss.view, .index])
  func `a journal that ends before what one view holds is refused, and nothing is changed`(loss: Loss) async throws {
    try await Door.open { door in
      for number in 1...3 { try await door.store("mail \(number)") }
      door.close()
      let shard = door.path + "/shards/00"
      if loss.takesView {
        for ending in ["", "-wal", "-shm"] {
          try? FileManager.default.removeItem(atPath: shard + "/mail.sqlite" + ending)
        }
      }
      if loss.takesIndex {
        for name in try door.files.list(shard + "/index") { try door.files.remove(shard + "/index/" + name) }
      }
      for name in try door.journalFiles() { try door.files.remove(shard + "/journal/" + name) }
      let files = door.files.reopened(.kept)
      let error = #expect(throws: StoreError.self) { try Door(door.path, files, door.archive) }
      #expect(error?.code == .corrupt)
      #expect(error?.message.contains("journal") == true)
      #expect(files.steps.allSatisfy { $0.kind == .createDirectory }, "\(files.steps)")
    }
  }
}
