import Bytes
import Foundation
import GRDB
import MailStore
import TestSupport
import Testing

struct AccountTokenTests {
  private func withAlice(_ body: (AccountStore, UserRecord, String) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/control.sqlite"
      let store = try AccountStore(path: path, randomBytes: { count in Array(repeating: 0xFB, count: count) })
      defer { store.close() }
      let (alice, _) = try store.addUser(address: "alice@example.com")
      try body(store, alice, path)
    }
  }

  @Test func `a token is mdx_ and base64url of the random bytes`() throws {
    try withTemporaryDirectory { directory in
      let store = try AccountStore(
        path: directory + "/control.sqlite", randomBytes: { count in Array(repeating: 0xFB, count: count) })
      defer { store.close() }
      let (_, token) = try store.addUser(address: "alice@example.com")
      #expect(token == "mdx_-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s")
    }
  }

  @Test func `tokens differ and each can be revoked alone`() throws {
    try withTemporaryDirectory { directory in
      let store = try AccountStore(path: directory + "/control.sqlite")
      defer { store.close() }
      let (alice, first) = try store.addUser(address: "alice@example.com")
      let second = try store.createToken(for: alice.id, label: "phone")
      #expect(first != second)
      let phone = try #require(store.tokens(of: alice.id).last)
      #expect(phone.label == "phone")
      try store.revokeToken(phone.id)
      #expect(store.authenticate(second) == nil)
      #expect(store.authenticate(first) == alice)
    }
  }

  @Test func `only the hash of a token is in the file`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/control.sqlite"
      let store = try AccountStore(path: path)
      let (_, token) = try store.addUser(address: "alice@example.com")
      store.close()
      let secret = Data(token.dropFirst(4).utf8)
      for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: directory + "/" + name))
        #expect(bytes.range(of: secret) == nil, "\(name) holds the token")
      }
      let hash = try DatabaseQueue(path: path).read { try Data.fetchOne($0, sql: "SELECT hash FROM token") }
      #expect(hash?.count == 32)
    }
  }

  @Test(arguments: [
    "", "mdx_", "Bearer", "mdx_-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_S", String(repeating: "a", count: 1 << 20),
  ])
  func `what is no token names nobody`(text: String) throws {
    try withAlice { store, alice, _ in
      #expect(store.authenticate(text) == nil)
      #expect(store.authenticate("mdx_-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s") == alice)
    }
  }
}
