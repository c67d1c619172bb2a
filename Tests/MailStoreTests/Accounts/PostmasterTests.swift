import MailStore
import TestSupport
import Testing

struct PostmasterTests {
  private func recipient(_ address: String, postmaster: String?, users: [String]) throws -> String? {
    try withTemporaryDirectory { directory in
      let store = try AccountStore(path: directory + "/control.sqlite", postmaster: postmaster)
      defer { store.close() }
      for user in users { _ = try store.addUser(address: user) }
      return store.user(forRecipient: address)?.address
    }
  }

  private let users = ["alice@example.com", "bob@example.org"]

  @Test(arguments: ["postmaster", "Postmaster", "POSTMASTER@example.com", "postmaster@EXAMPLE.ORG"])
  func `mail for postmaster goes to the first user when nobody is configured`(address: String) throws {
    #expect(try recipient(address, postmaster: nil, users: users) == "alice@example.com")
  }

  @Test(arguments: ["postmaster", "postmaster@example.com"])
  func `mail for postmaster goes to the configured user`(address: String) throws {
    #expect(try recipient(address, postmaster: "Bob@Example.ORG", users: users) == "bob@example.org")
  }

  @Test func `a configured postmaster that is no user falls back to the first`() throws {
    #expect(try recipient("postmaster", postmaster: "eve@example.com", users: users) == "alice@example.com")
  }

  @Test func `postmaster of a domain without users is unknown`() throws {
    #expect(try recipient("postmaster@example.net", postmaster: nil, users: users) == nil)
  }

  @Test func `a user called postmaster gets the mail for that address`() throws {
    let users = users + ["postmaster@example.org"]
    #expect(try recipient("postmaster@example.org", postmaster: nil, users: users) == "postmaster@example.org")
    #expect(try recipient("postmaster@example.com", postmaster: nil, users: users) == "alice@example.com")
  }

  @Test func `without users there is no postmaster`() throws {
    #expect(try recipient("postmaster", postmaster: nil, users: []) == nil)
  }

  @Test(arguments: ["alice", "alice@example.net", "alice@example.com@example.com", "", "@"])
  func `other unknown recipients stay unknown`(address: String) throws {
    #expect(try recipient(address, postmaster: nil, users: users) == nil)
  }
}
