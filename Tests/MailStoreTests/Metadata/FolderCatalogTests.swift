import Bytes
import MailStore
import TestSupport
import Testing

@Suite struct FolderCatalogTests {
  private let user = UserID(rawValue: 1)

  @Test func `a folder is found by its number, its name and its role`() throws {
    try withTemporaryDirectory { directory in
      let fixture = try ViewFixture(directory)
      #expect(try fixture.view.folders(user).isEmpty)
      let inbox = Sample.folder(1, name: "Inbox", role: .inbox)
      let work = Sample.folder(9, name: "Work")
      try fixture.apply([.folderCreated(work), .folderCreated(inbox)])
      let folders = try fixture.view.folders(user)
      #expect(folders.rows == [inbox, work] && folders.count == 2 && !folders.isEmpty)
      #expect(folders[inbox.id] == inbox && folders[FolderID(rawValue: 2)] == nil)
      #expect(folders.folder(.inbox) == inbox && folders.folder(.trash) == nil)
      #expect(folders.folder(named: "Work") == work)
      for name in ["work", "Wor", "Works", ""] { #expect(folders.folder(named: name) == nil, "\(name)") }
      fixture.view.close()
    }
  }

  @Test func `what was asked before a change stays as it was`() throws {
    try withTemporaryDirectory { directory in
      let fixture = try ViewFixture(directory)
      try fixture.apply([.folderCreated(Sample.folder(1, name: "Work"))])
      let before = try fixture.view.folders(user)
      try fixture.apply([.folderRenamed(FolderID(rawValue: 1), name: "Home")])
      #expect(before.folder(named: "Work") != nil && before.folder(named: "Home") == nil)
      #expect(try fixture.view.folders(user).folder(named: "Home") != nil)
      fixture.view.close()
    }
  }

  /// The names are few, so that they come again; one is written in two ways that are equal.
  private static let names = ["a", "b", "\u{E9}", "e\u{301}", "c"]

  /// Makes, renames and removes folders, commits, rolls back and removes mailboxes.
  private func change(_ fixture: ViewFixture, using random: inout SeededGenerator) throws {
    let folders = try fixture.view.folders(user).rows
    let folder = folders.randomElement(using: &random)?.id ?? FolderID(rawValue: 0)
    let name = Self.names.randomElement(using: &random) ?? ""
    switch Int.random(in: 0..<40, using: &random) {
    case 0..<16:
      let role = FolderRole.allCases.randomElement(using: &random)
      let number = try fixture.view.nextFolderID(user).rawValue
      try fixture.apply([
        .folderCreated(Sample.folder(number, name: name, role: Bool.random(using: &random) ? role : nil))
      ])
    case 16..<24 where !folders.isEmpty: try fixture.apply([.folderRenamed(folder, name: name)])
    case 24..<32 where !folders.isEmpty: try fixture.apply([.folderRemoved(folder)])
    case 32..<35: try fixture.view.commit()
    case 35..<38: fixture.view.abandon()
    case 38:
      // Half of it is done when it turns out not to fit.
      let bodies = [
        ChangeBody.folderCreated(Sample.folder(5_000_000, name: name)), .folderRemoved(folder), .folderRemoved(folder),
      ]
      #expect(throws: StoreError.self) { try fixture.apply(bodies) }
      fixture.view.abandon()
    case 39: try fixture.apply([.mailboxRemoved])
    default: break
    }
  }

  @Test(arguments: 0..<8) func `look-ups are those of a walk over the rows, whatever was done and undone`(seed: Int)
    throws
  {
    try withTemporaryDirectory { directory in
      let fixture = try ViewFixture(directory)
      var random = SeededGenerator(seed: UInt64(seed))
      for step in 0..<300 {
        try change(fixture, using: &random)
        let rows = try fixture.view.readUncommitted { try $0.folderSummaries(user) }.map(\.row)
        let folders = try fixture.view.folders(user)
        try #require(folders.rows == rows, "seed \(seed), step \(step)")
        for name in Self.names {
          try #require(
            folders.folder(named: name) == rows.first { $0.name == name }, "seed \(seed), step \(step), \(name)")
        }
        for role in FolderRole.allCases {
          try #require(folders.folder(role) == rows.first { $0.role == role }, "seed \(seed), step \(step), \(role)")
        }
      }
      fixture.view.close()
    }
  }
}
