import Bytes
import Index
import MailStore
import Query
import TestSupport
import Testing

@testable import Mailboxes

struct MailboxesSuggestionsTests {
  private func queries(_ door: Door, _ query: String, user: UserID = Door.alice) async throws -> [String] {
    try await door.mailboxes.suggestions(user, for: query, limit: 5, deadline: .now + .seconds(60)).map(\.query)
  }

  @Test func `a query is completed from the user's own mail, at once and after a restart`() async throws {
    try await Door.open { door in
      try await door.store("Budget of Q3")
      _ = try await door.mailboxes.createFolder(Door.alice, name: "Bills")
      let expected = ["in:Bills", "subject:\"Budget of Q3\""]
      #expect(try await queries(door, "bu").contains(expected[1]))
      #expect(try await queries(door, "bi").contains(expected[0]))
      #expect(try await queries(door, "bu", user: Door.bob).contains(expected[1]) == false)
      #expect(try await queries(door, "bi", user: Door.bob).contains(expected[0]) == false)
      try await door.reopened { door in
        #expect(!door.shard.index.isLoaded(Door.alice))
        let (subjects, folders) = (try await queries(door, "bu"), try await queries(door, "in:bi"))
        #expect(subjects.contains(expected[1]))
        #expect(folders == ["in:Bills"])
      }
    }
  }

  @Test func `suggestions past their deadline are refused`() async throws {
    try await Door.open { door in
      try await door.store("one")
      let error = await #expect(throws: SearchError.self) {
        try await door.mailboxes.suggestions(Door.alice, for: "on", limit: 5, deadline: .now - .seconds(1))
      }
      #expect(error?.code == .deadlineExceeded)
    }
  }
}
