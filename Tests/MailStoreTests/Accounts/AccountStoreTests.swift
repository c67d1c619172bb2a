import Bytes
import Foundation
import GRDB
import MailStore
import TestSupport
import Testing

struct AccountStoreTests {
  private struct FixedClock: WallClock {
    func now() -> Timestamp { Timestamp(rawValue: 1_700_000_000_000) }
  }

  private func withStore(postmaster: String? = nil, _ body: (AccountStore, String) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/control.sqlite"
      let store = try AccountStore(path: path, clock: FixedClock(), postmaster: postmaster)
      defer { store.close() }
      try body(store, path)
    }
  }

  @Test func `the file is opened with a write-ahead log and full syncs`() throws {
    try withStore { store, _ in
      let pragmas = try store.pragmas()
      #expect(pragmas.journalMode == "wal")
      #expect(pragmas.synchronous == 2)
    }
  }

  @Test func `users and tokens are the same after opening again`() throws {
    try withStore { store, path in
      let (alice, first) = try store.addUser(address: "Alice@Example.com", name: "Alice A.")
      let second = try store.createToken(for: alice.id, label: "laptop")
      store.close()

      let again = try AccountStore(path: path)
      defer { again.close() }
      #expect(try again.pragmas().synchronous == 2)
      #expect(again.users() == [alice])
      #expect(alice.createdAt == Timestamp(rawValue: 1_700_000_000_000))
      #expect(again.tokens(of: alice.id).map(\.label) == [nil, "laptop"])
      #expect(again.authenticate(first) == alice)
      #expect(again.authenticate(second) == alice)
    }
  }

  @Test func `an address is one user whatever its case`() throws {
    try withStore { store, _ in
      let (alice, _) = try store.addUser(address: "Alice@Example.com")
      #expect(store.user(address: "alice@EXAMPLE.COM") == alice)
      #expect(store.user(address: "\"ALICE\"@example.com.") == alice)
      let error = #expect(throws: AccountError.self) { try store.addUser(address: "aLICE@example.com") }
      #expect(error?.code == .exists)
      #expect(store.users().count == 1)
    }
  }

  @Test(arguments: ["", "alice", "@example.com", "alice@", "a b@example.com", "a@b@", "a\u{0}@example.com", "<a@b.c>"])
  func `what is no address is refused`(text: String) throws {
    try withStore { store, _ in
      let error = #expect(throws: AccountError.self) { try store.addUser(address: text) }
      #expect(error?.code == .invalid)
    }
  }

  @Test func `numbers of removed users are never given again`() throws {
    try withStore { store, path in
      let (alice, _) = try store.addUser(address: "alice@example.com")
      let (bob, _) = try store.addUser(address: "bob@example.com")
      try store.removeUser(bob.id)
      store.close()
      let again = try AccountStore(path: path)
      defer { again.close() }
      let (newBob, _) = try again.addUser(address: "bob@example.com")
      #expect(newBob.id > bob.id)
      #expect(again.users().map(\.id) == [alice.id, newBob.id])
    }
  }

  @Test func `removing a user ends their tokens, in memory and in the file`() throws {
    try withStore { store, path in
      let (alice, token) = try store.addUser(address: "alice@example.com")
      let (bob, bobsToken) = try store.addUser(address: "bob@example.com")
      try store.removeUser(alice.id)
      #expect(store.authenticate(token) == nil)
      #expect(store.tokens(of: alice.id).isEmpty)
      #expect(store.user(address: "alice@example.com") == nil)
      #expect(store.authenticate(bobsToken) == bob)
      store.close()
      let count = try DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "SELECT count(*) FROM token") }
      #expect(count == 1)
    }
  }

  @Test func `unknown users and tokens are named in the error`() throws {
    try withStore { store, _ in
      let unknown = UserID(rawValue: 9)
      #expect(throws: AccountError(code: .notFound, message: "there is no user 9")) { try store.removeUser(unknown) }
      #expect(throws: AccountError(code: .notFound, message: "there is no user 9")) {
        try store.createToken(for: unknown)
      }
      #expect(throws: AccountError(code: .notFound, message: "there is no token 3")) {
        try store.revokeToken(TokenID(rawValue: 3))
      }
    }
  }

  @Test func `settings last`() throws {
    try withStore { store, path in
      #expect(store.setting("cursor_key") == nil)
      try store.setSetting("cursor_key", to: "abc")
      try store.setSetting("cursor_key", to: "def")
      #expect(store.setting("cursor_key") == "def")
      store.close()
      let again = try AccountStore(path: path)
      defer { again.close() }
      #expect(again.setting("cursor_key") == "def")
    }
  }

  @Test func `questions are answered from memory while the file is gone`() throws {
    try withStore { store, path in
      let (alice, token) = try store.addUser(address: "alice@example.com")
      store.close()
      try FileManager.default.removeItem(atPath: path)
      #expect(store.authenticate(token) == alice)
      #expect(store.user(address: "alice@example.com") == alice)
      #expect(throws: (any Error).self) { try store.addUser(address: "bob@example.com") }
      #expect(store.users() == [alice], "a change that was not committed is not in memory")
    }
  }

  @Test func `a file of a newer version is refused and left as it is`() throws {
    try withStore { store, path in
      store.close()
      let raw = try DatabaseQueue(path: path)
      try raw.write { try $0.execute(sql: "UPDATE setting SET value = '6' WHERE key = 'schema_version'") }
      try raw.close()
      let error = #expect(throws: AccountError.self) { try AccountStore(path: path) }
      #expect(error?.code == .newerVersion)
      #expect(error?.message.contains("schema 6, this one knows 5") == true)
    }
  }

  @Test func `a file of the first version is brought up to date with all that it holds`() throws {
    try withStore { store, path in
      let (alice, token) = try store.addUser(address: "alice@example.com", name: "Alice")
      store.close()
      let raw = try DatabaseQueue(path: path)
      try raw.write { database in
        try database.execute(sql: "ALTER TABLE user DROP COLUMN time_zone; ALTER TABLE user DROP COLUMN password")
        try database.execute(
          sql:
            "DROP TABLE report; DROP TABLE held; DROP TABLE lesson; DROP TABLE admin_token; DROP TABLE blocked_sender")
        try database.execute(sql: "UPDATE setting SET value = '1' WHERE key = 'schema_version'")
      }
      try raw.close()
      for _ in 0..<2 {
        let again = try AccountStore(path: path)
        defer { again.close() }
        #expect(again.users() == [alice])
        #expect(again.authenticate(token) == alice)
      }
    }
  }

  @Test func `a user's time zone is kept, changed and taken away`() throws {
    try withStore { store, path in
      let (alice, token) = try store.addUser(address: "alice@example.com")
      #expect(alice.timeZone == nil)
      try store.setTimeZone("Asia/Seoul", of: alice.id)
      #expect(store.user(id: alice.id)?.timeZone == "Asia/Seoul")
      #expect(store.authenticate(token)?.timeZone == "Asia/Seoul")
      store.close()
      let again = try AccountStore(path: path)
      defer { again.close() }
      #expect(again.user(address: "alice@example.com")?.timeZone == "Asia/Seoul")
      try again.setTimeZone(nil, of: alice.id)
      #expect(again.users() == [alice])
      try again.removeUser(alice.id)
      #expect(!again.hasUsers(in: "example.com"), "the domain is forgotten with its last user")
      let error = #expect(throws: AccountError.self) { try again.setTimeZone(nil, of: alice.id) }
      #expect(error?.code == .notFound)
    }
  }

  @Test func `a file that is no database is called damaged`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/control.sqlite"
      try Data(repeating: 0x5A, count: 8_192).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: AccountError.self) { try AccountStore(path: path) }
      #expect(error?.code == .corrupt)
      #expect(error?.message.contains(path) == true)
    }
  }

  @Test func `changes from many threads reach memory as they reach the file`() throws {
    try withStore { store, path in
      DispatchQueue.concurrentPerform(iterations: 16) { number in
        guard let (user, _) = try? store.addUser(address: "user\(number)@example.com") else { return }
        _ = try? store.createToken(for: user.id)
        if number.isMultiple(of: 2) { try? store.removeUser(user.id) }
      }
      let inMemory = store.users()
      #expect(inMemory.count == 8)
      store.close()
      let again = try AccountStore(path: path)
      defer { again.close() }
      #expect(again.users() == inMemory)
    }
  }
}
