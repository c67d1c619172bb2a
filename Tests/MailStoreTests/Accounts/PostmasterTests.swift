import MailStore
import TestSupport
import Testing

struct PostmasterTests {
  private func postmaster(_ configured: String?, users: [String]) throws -> String? {
    try withTemporaryDirectory { directory in
      let store = try AccountStore(path: directory + "/control.sqlite", postmaster: configured)
      defer { store.close() }
      for user in users { _ = try store.addUser(address: user) }
      return store.postmasterUser?.address
    }
  }

  private let users = ["alice@example.com", "bob@example.org"]

  @Test func `postmaster is the first user when nobody is configured`() throws {
    #expect(try postmaster(nil, users: users) == "alice@example.com")
  }

  @Test func `postmaster is the configured user`() throws {
    #expect(try postmaster("Bob@Example.ORG", users: users) == "bob@example.org")
  }

  @Test func `a configured postmaster that is no user falls back to the first`() throws {
    #expect(try postmaster("eve@example.com", users: users) == "alice@example.com")
  }

  @Test func `without users there is no postmaster`() throws {
    #expect(try postmaster(nil, users: []) == nil)
  }

  @Test func `a domain is known while a user has an address in it`() throws {
    try withTemporaryDirectory { directory in
      let store = try AccountStore(path: directory + "/control.sqlite")
      defer { store.close() }
      for user in users + ["carol@Example.com"] { _ = try store.addUser(address: user) }
      #expect(store.domains == ["example.com", "example.org"])
      try store.removeUser(try #require(store.user(address: "alice@example.com")).id)
      #expect(store.hasUsers(in: "example.com"))
      try store.removeUser(try #require(store.user(address: "carol@example.com")).id)
      #expect(!store.hasUsers(in: "example.com") && store.domains == ["example.org"])
    }
  }
}
