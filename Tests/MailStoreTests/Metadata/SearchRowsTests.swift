import Bytes
import GRDB
import MailStore
import TestSupport
import Testing

/// Saved searches as rows, and what clients hear of them.
@Suite struct SearchRowsTests {
  private let user = UserID(rawValue: 1)

  private func withView(_ body: (ViewFixture) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let fixture = try ViewFixture(directory)
      try fixture.apply([.folderCreated(Sample.folder(1, name: "Inbox", role: .inbox))])
      try body(fixture)
      fixture.view.close()
    }
  }

  @Test func `a search is saved, changed, listed in the order of ids and removed`() throws {
    try withView { fixture throws in
      let (first, second) = (Sample.search(7, notifies: true), Sample.search(9, query: "日本"))
      try fixture.apply([.searchSaved(second), .searchSaved(first)])
      var changed = first
      changed.name = "Renamed"
      changed.query = "newer_than:2d"
      changed.notifies = false
      try fixture.apply([.searchSaved(changed)])
      try fixture.view.commit()
      try fixture.view.read { reader throws in
        #expect(try reader.searches(user, after: nil, limit: 10) == [changed, second])
        #expect(try reader.searches(user, after: first.id, limit: 10) == [second])
        #expect(try reader.searches(user, after: nil, limit: 1) == [changed])
        #expect(try reader.search(user, first.id) == changed)
        #expect(try reader.search(user, named: "Renamed") == changed)
        #expect(try reader.search(user, named: first.name) == nil)
        #expect(try reader.notifyingSearches(user) == [])
        #expect(try reader.searchCounts(user).all == 2)
        #expect(try reader.searchCounts(user).notifying == 0)
      }
      try fixture.apply([.searchRemoved(second.id)])
      #expect(try fixture.view.search(user, second.id) == nil)
    }
  }

  @Test func `each user has only their own, and none when the mailbox is removed`() throws {
    try withView { fixture throws in
      let other = UserID(rawValue: 2)
      try fixture.apply([.searchSaved(Sample.search(7, notifies: true))])
      try fixture.apply([.searchSaved(Sample.search(7, query: "other", notifies: true))], user: 2)
      #expect(try fixture.view.notifyingSearches(user).map(\.query) == ["lunch"])
      #expect(try fixture.view.notifyingSearches(other).map(\.query) == ["other"])
      try fixture.apply([.mailboxRemoved])
      #expect(try fixture.view.searchCounts(user).all == 0)
      #expect(try fixture.view.searchCounts(other).all == 1)
    }
  }

  @Test func `clients hear of what was saved, matched and removed, with its ids`() throws {
    try withView { fixture throws in
      let (first, second) = (Sample.search(7, notifies: true), Sample.search(.max, notifies: true))
      try fixture.apply([.searchSaved(first), .searchSaved(second)])
      try fixture.apply([
        Sample.added(Sample.row(doc: 1)), .messageMatched(DocID(rawValue: 1), searches: [first.id, second.id]),
      ])
      try fixture.apply([.searchRemoved(first.id)])
      try fixture.view.commit()
      var changes = try fixture.view.read { try $0.changes(user, since: .zero, limit: 100) }
      #expect(
        changes.map(\.kind) == [
          .folderCreated, .searchSaved, .searchSaved, .messageAdded, .messageMatched, .searchRemoved,
        ])
      #expect(changes.map(\.sequence.rawValue) == [1, 2, 3, 4, 5, 6])
      #expect(changes.map(\.searches) == [[], [first.id], [second.id], [], [first.id, second.id], [first.id]])
      #expect(changes[4].messageID == Sample.id(user: 1, doc: 1))
      #expect(changes[4].folder.rawValue == 1)
      #expect(changes[4].thread?.rawValue == 1)
      #expect(changes[1].docID == nil && changes[1].messageID == nil && changes[1].thread == nil)
      // What was announced stays, though the message cannot be named any more.
      try fixture.apply([.messageRemoved(DocID(rawValue: 1))])
      try fixture.view.commit()
      changes = try fixture.view.read { try $0.changes(user, since: .zero, limit: 100) }
      #expect(changes[4].messageID == nil)
      #expect(changes[4].searches == [first.id, second.id])
    }
  }

  @Test(arguments: [
    ("a name twice", ChangeBody.searchSaved(Sample.search(8, name: "Search 7"))),
    ("a search that is not there", .searchRemoved(SavedSearchID(rawValue: 8))),
    ("a message that is not there", .messageMatched(DocID(rawValue: 1), searches: [SavedSearchID(rawValue: 7)])),
  ])
  func `a record that was not made for these rows is refused`(reason: String, body: ChangeBody) throws {
    try withView { fixture throws in
      try fixture.apply([.searchSaved(Sample.search(7))])
      #expect(throws: StoreError.self, "\(reason)") { try fixture.apply([body]) }
    }
  }

  @Test func `a file of the first version gets the tables and keeps its rows`() throws {
    try withTemporaryDirectory { directory in
      let old = try ViewFixture(directory)
      try old.apply([.folderCreated(Sample.folder(1, name: "Inbox", role: .inbox))])
      try old.apply([Sample.added(Sample.row(doc: 1))])
      try old.view.commit()
      old.view.close()
      try DatabaseQueue(path: old.path).write {
        try $0.execute(
          sql: """
            ALTER TABLE message DROP COLUMN verdict; DROP TABLE search; DROP TABLE document_retry;
            ALTER TABLE user DROP COLUMN bytes; PRAGMA user_version = 1
            """)
      }
      let fixture = try ViewFixture(directory)
      #expect(fixture.view.appliedSequence.rawValue == 2)
      #expect(try fixture.view.row(user, DocID(rawValue: 1)) == Sample.row(doc: 1))
      try fixture.apply([.searchSaved(Sample.search(7))])
      #expect(try fixture.view.searchCounts(user).all == 1)
      try fixture.apply([.documentsMissed(DocID(rawValue: 1), nil)])
      fixture.view.close()
    }
  }

  @Test func `ids in a change row that are no ids are damage and no trap`() throws {
    try withView { fixture throws in
      try fixture.apply([.searchSaved(Sample.search(7))])
      try fixture.view.commit()
      try DatabaseQueue(path: fixture.path).write {
        try $0.execute(sql: "UPDATE change SET public_id = x'0102' WHERE seq = 2")
      }
      let error = #expect(throws: StoreError.self) {
        try fixture.view.read { try $0.changes(user, since: .zero, limit: 100) }
      }
      #expect(error?.code == .corrupt)
    }
  }
}
