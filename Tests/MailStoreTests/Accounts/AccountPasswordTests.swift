import Bytes
import Foundation
import GRDB
import MailStore
import TestSupport
import Testing

struct AccountPasswordTests {
  private let verifier: PasswordVerifier

  init() throws {
    verifier = try #require(
      try PasswordVerifier(password: Array("pencil".utf8), salt: Array(1...16), iterationCount: 4_096))
  }

  private func withAlice(_ body: (AccountStore, UserRecord, String) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/control.sqlite"
      let store = try AccountStore(path: path)
      defer { store.close() }
      let (alice, _) = try store.addUser(address: "Alice@example.com")
      try body(store, alice, path)
    }
  }

  private func found(_ store: AccountStore, _ address: String) throws -> PasswordVerifier? {
    store.userWithPassword(at: try #require(AccountAddress(address)))?.password
  }

  @Test func `a password is kept, replaced and taken away, in memory and in the file`() throws {
    try withAlice { store, alice, path in
      #expect(try found(store, "alice@example.com") == nil)
      try store.setPassword(verifier, of: alice.id)
      #expect(try found(store, "ALICE@example.com") == verifier)
      #expect(try found(store, "alice+x@example.com") == nil)
      for expected in [verifier, PasswordVerifier(decoyFor: "x", key: [1]), nil] {
        try store.setPassword(expected, of: alice.id)
        let again = try AccountStore(path: path)
        #expect(try found(again, "alice@example.com") == expected)
        again.close()
      }
    }
  }

  @Test func `a password goes with its user, and a new one of that address has none`() throws {
    try withAlice { store, alice, _ in
      try store.setPassword(verifier, of: alice.id)
      try store.removeUser(alice.id)
      #expect(try found(store, "alice@example.com") == nil)
      _ = try store.addUser(address: "alice@example.com")
      #expect(try found(store, "alice@example.com") == nil)
      let error = #expect(throws: AccountError.self) { try store.setPassword(verifier, of: alice.id) }
      #expect(error?.code == .notFound)
    }
  }

  @Test func `the file does not hold the password`() throws {
    try withAlice { store, alice, path in
      try store.setPassword(verifier, of: alice.id)
      store.close()
      let directory = URL(fileURLWithPath: path).deletingLastPathComponent()
      for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
        let bytes = try Data(contentsOf: directory.appendingPathComponent(name))
        #expect(bytes.range(of: Data("pencil".utf8)) == nil, "\(name)")
      }
    }
  }

  @Test func `a password that cannot be read is damage, told with its user`() throws {
    try withAlice { store, alice, path in
      store.close()
      let raw = try DatabaseQueue(path: path)
      try raw.write { try $0.execute(sql: "UPDATE user SET password = 'SCRAM-SHA-256$1:x$y:z'") }
      try raw.close()
      let error = #expect(throws: AccountError.self) { try AccountStore(path: path) }
      #expect(error?.code == .corrupt && error?.message.contains("user \(alice.id)") == true)
    }
  }
}
