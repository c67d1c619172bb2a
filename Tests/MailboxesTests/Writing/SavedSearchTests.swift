import Bytes
import MailStore
import Query
import TestSupport
import Testing

@testable import Mailboxes

/// Searches that are saved, changed and deleted.
@Suite struct SavedSearchTests {
  private func save(
    _ name: String, _ query: String = "lunch", notifies: Bool = false, in door: Door, of user: UserID = Door.alice
  ) async throws -> SavedSearch {
    try await door.mailboxes.createSearch(user, name: name, query: query, notifies: notifies).0
  }

  private func expectRefusal(
    _ code: MailboxError.Code, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: @Sendable () async throws -> Void
  ) async throws {
    let found = try await refusal(body)
    #expect(found == code, sourceLocation: sourceLocation)
  }

  private func all(_ door: Door, _ user: UserID = Door.alice) async throws -> [SavedSearch] {
    try await door.mailboxes.savedSearches(user, after: nil, limit: 10_000)
  }

  @Test func `a search keeps its id whatever is changed, also over a restart`() async throws {
    try await Door.open { door in
      let first = try await save("First", "from:bob newer_than:2d", in: door)
      let second = try await save("Second", notifies: true, in: door)
      #expect(first.id.createdAt == ManualClock.start)
      let (renamed, sequence) = try await door.mailboxes.updateSearch(
        Door.alice, first.id, SavedSearchUpdate(name: "Third", notifies: true))
      #expect(renamed.id == first.id)
      #expect(renamed.query == "from:bob newer_than:2d")
      #expect(sequence.rawValue == 3)
      // Nothing is nothing to tell of.
      let (same, unchanged) = try await door.mailboxes.updateSearch(
        Door.alice, first.id, SavedSearchUpdate(name: "Third"))
      #expect(same == renamed)
      #expect(unchanged == sequence)
      try await door.reopened { door in
        let searches = try await all(door)
        #expect(Set(searches.map(\.name)) == ["Third", "Second"])
        #expect(searches.first { $0.name == "Second" } == second)
        #expect(try await door.mailboxes.deleteSearch(Door.alice, second.id).rawValue == 4)
        #expect(try await door.mailboxes.savedSearch(Door.alice, id: second.id) == nil)
        #expect(
          try await door.changes().map(\.kind) == [.searchSaved, .searchSaved, .searchSaved, .searchRemoved])
      }
    }
  }

  @Test func `what was saved survives a crash, and another user sees none of it`() async throws {
    try await Door.open { door in
      let search = try await save("First", in: door)
      try await door.crashed(.dropped) { door in
        #expect(try await all(door) == [search])
        #expect(try await all(door, Door.bob) == [])
        #expect(try await door.mailboxes.savedSearch(Door.bob, id: search.id) == nil)
        let mailboxes = door.mailboxes
        let requests: [@Sendable () async throws -> Void] = [
          { _ = try await mailboxes.updateSearch(Door.bob, search.id, SavedSearchUpdate(name: "x")) },
          { _ = try await mailboxes.deleteSearch(Door.bob, search.id) },
          { _ = try await mailboxes.deleteSearch(Door.alice, SavedSearchID(rawValue: 1)) },
        ]
        for request in requests { try await expectRefusal(.notFound, request) }
        #expect(try await all(door) == [search])
      }
    }
  }

  @Test func `a name is one search's`() async throws {
    try await Door.open { door in
      let first = try await save("First", in: door)
      let second = try await save("Second", in: door)
      let mailboxes = door.mailboxes
      try await expectRefusal(.conflict) { _ = try await save("First", in: door) }
      try await expectRefusal(.conflict) {
        _ = try await mailboxes.updateSearch(Door.alice, second.id, SavedSearchUpdate(name: "First"))
      }
      try await expectRefusal(.invalid) { _ = try await save("", in: door) }
      try await expectRefusal(.invalid) { _ = try await save("a\u{0}b", in: door) }
      try await expectRefusal(.invalid) { _ = try await save(String(repeating: "x", count: 256), in: door) }
      _ = try await save("First", in: door, of: Door.bob)
      _ = try await mailboxes.deleteSearch(Door.alice, first.id)
      _ = try await save("First", in: door)
    }
  }

  @Test func `a query that cannot be understood is refused with its position, and nothing is saved`() async throws {
    try await Door.open { door in
      let search = try await save("First", in: door)
      let mailboxes = door.mailboxes
      let error = await #expect(throws: QueryError.self) { try await save("Second", "a (b", in: door) }
      #expect(error?.position ?? 0 > 0)
      await #expect(throws: QueryError.self) {
        try await mailboxes.updateSearch(Door.alice, search.id, SavedSearchUpdate(query: "before:yesteryear"))
      }
      let long = String(repeating: "word ", count: 2_000)
      try await expectRefusal(.invalid) { _ = try await save("Long", long, in: door) }
      try await expectRefusal(.invalid) { _ = try await save("NUL", "a\u{0}b", in: door) }
      #expect(try await all(door) == [search])
    }
  }

  @Test func `what would be asked of too much is refused where it would announce, and kept where it would not`()
    async throws
  {
    try await Door.open { door in
      let words = (0...64).map { "word\($0)" }.joined(separator: " ")
      let mailboxes = door.mailboxes
      try await expectRefusal(.invalid) { _ = try await save("Many", words, notifies: true, in: door) }
      let quiet = try await save("Many", words, in: door)
      try await expectRefusal(.invalid) {
        _ = try await mailboxes.updateSearch(Door.alice, quiet.id, SavedSearchUpdate(notifies: true))
      }
      // Of those that are asked of every mail there may be a thousand words.
      let parts = (0..<50).map { "*part\($0)x*" }.joined(separator: " ")
      var saved: [SavedSearch] = []
      for number in 0..<20 {
        saved.append(try await save("Parts \(number)", parts, notifies: true, in: door))
      }
      try await expectRefusal(.invalid) { _ = try await save("One more", "*part*", notifies: true, in: door) }
      _ = try await save("A word tells", "budget *part*", notifies: true, in: door)
      // A search may be changed within what it has taken.
      _ = try await mailboxes.updateSearch(Door.alice, saved[0].id, SavedSearchUpdate(query: "*another*"))
      _ = try await save("One more", "*part*", notifies: true, in: door)
      // Others have their own.
      _ = try await save("Parts", parts, notifies: true, in: door, of: Door.bob)
    }
  }

  @Test func `there are only so many of them`() async throws {
    try await Door.open { door in
      let shard = door.shard
      let count = try await shard.perform { transaction in
        for number in 0..<ShardTransaction.maxSearches {
          let notifies = number < ShardTransaction.maxNotifyingSearches
          _ = try transaction.createSearch("\(number)", query: "word\(number)", notifies: notifies, of: Door.alice)
        }
        return try transaction.view.searchCounts(Door.alice)
      }
      #expect(count.all == 5_000 && count.notifying == 1_000)
      try await expectRefusal(.invalid) { _ = try await save("one more", in: door) }
      let quiet = try #require(try await all(door).first { !$0.notifies })
      let mailboxes = door.mailboxes
      try await expectRefusal(.invalid) {
        _ = try await mailboxes.updateSearch(Door.alice, quiet.id, SavedSearchUpdate(notifies: true))
      }
      _ = try await mailboxes.deleteSearch(Door.alice, quiet.id)
      try await expectRefusal(.invalid) { _ = try await save("loud", notifies: true, in: door) }
      _ = try await save("one more", in: door)
      #expect(Set(try await all(door).map(\.id)).count == 5_000)
    }
  }

  @Test func `a removed mailbox takes its searches along`() async throws {
    try await Door.open { door in
      _ = try await save("First", notifies: true, in: door)
      try await door.store("lunch")
      try await door.mailboxes.removeMailbox(Door.alice)
      #expect(try await all(door) == [])
    }
  }
}
