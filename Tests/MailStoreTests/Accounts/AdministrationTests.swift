import Bytes
import MailStore
import TestSupport
import Testing

@Suite struct AdministrationTests {
  private func withStore(_ body: (String) throws -> Void) throws {
    try withTemporaryDirectory { try body($0 + "/control.sqlite") }
  }

  @Test func `an operator's token is no user's, and a user's is no operator's`() throws {
    try withStore { path in
      let accounts = try AccountStore(path: path)
      let (_, userToken) = try accounts.addUser(address: "alice@example.com")
      let token = try accounts.createAdminToken(label: "monitoring")
      #expect(token.hasPrefix("mdx_admin_") && accounts.isAdministrator(token))
      #expect(accounts.authenticate(token) == nil && !accounts.isAdministrator(userToken))
      for text in ["", "mdx_admin_", token + "x", String(token.dropLast()), String(repeating: "a", count: 10_000)] {
        #expect(!accounts.isAdministrator(text))
      }
      accounts.close()
      let again = try AccountStore(path: path)
      defer { again.close() }
      #expect(again.isAdministrator(token))
      let record = try #require(again.adminTokens().first)
      #expect(record.label == "monitoring")
      try again.revokeAdminToken(record.id)
      #expect(!again.isAdministrator(token) && again.adminTokens().isEmpty)
      #expect(throws: AccountError.self) { try again.revokeAdminToken(record.id) }
    }
  }

  @Test func `a user's blocked senders are the user's own and outlive a restart`() throws {
    try withStore { path in
      let accounts = try AccountStore(path: path)
      let alice = try accounts.addUser(address: "alice@example.com").user.id
      let bob = try accounts.addUser(address: "bob@example.com").user.id
      let patterns = try ["eve@example.net", "@spam.example", ".spam.example"].map { try #require(SenderPattern($0)) }
      for pattern in patterns { try accounts.block(pattern, for: alice) }
      try accounts.block(patterns[0], for: alice)
      accounts.close()
      let again = try AccountStore(path: path)
      defer { again.close() }
      #expect(
        again.blockedSenders(of: alice).map(\.description) == [".spam.example", "@spam.example", "eve@example.net"])
      #expect(again.blocks("EVE@example.net", for: alice) && again.blocks("x@mx.spam.example", for: alice))
      #expect(!again.blocks("eve@example.net", for: bob) && !again.blocks("", for: alice))
      try again.unblock(patterns[0], for: alice)
      #expect(!again.blocks("eve@example.net", for: alice))
      #expect(throws: AccountError.self) { try again.unblock(patterns[0], for: alice) }
      #expect(throws: AccountError.self) { try again.block(patterns[0], for: UserID(rawValue: 99)) }
      try again.removeUser(alice)
      #expect(again.blockedSenders(of: alice).isEmpty)
    }
  }

  @Test func `nobody blocks without end`() throws {
    try withStore { path in
      let accounts = try AccountStore(path: path)
      defer { accounts.close() }
      let alice = try accounts.addUser(address: "alice@example.com").user.id
      for number in 0..<AccountStore.maxBlockedSenders {
        try accounts.block(try #require(SenderPattern("@d\(number).example")), for: alice)
      }
      let error = #expect(throws: AccountError.self) {
        try accounts.block(try #require(SenderPattern("@more.example")), for: alice)
      }
      #expect(error?.code == .invalid)
      try accounts.block(try #require(SenderPattern("@d7.example")), for: alice)
    }
  }
}
