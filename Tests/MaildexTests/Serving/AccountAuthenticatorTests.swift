import Bytes
import Logging
import MailStore
import SMTP
import TestSupport
import Testing

@testable import maildex

struct AccountAuthenticatorTests {
  private func withAccounts(_ body: (AccountStore, AccountAuthenticator) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
      let store = try AccountStore(path: directory + "/control.sqlite")
      defer { store.close() }
      let threads = BlockingThreads(name: "passwords", threads: 1)
      defer { threads.close() }
      let (alice, _) = try store.addUser(address: "alice@example.com")
      _ = try store.addUser(address: "bob@example.com")
      let verifier = try #require(
        try PasswordVerifier(password: Array("pencil".utf8), salt: Array(1...16), iterationCount: 4_096))
      try store.setPassword(verifier, of: alice.id)
      try await body(store, AccountAuthenticator(accounts: store, threads: threads, logger: Logger(label: "test")))
    }
  }

  @Test func `a password lets its account act for itself, by whatever spelling, and for nobody else`() async throws {
    try await withAccounts { _, authenticator in
      let password = Array("pencil".utf8)
      for own in [nil, "alice@example.com", "ALICE@EXAMPLE.COM"] as [String?] {
        let claim = SASLClaim(name: "alice@example.com", authorizationName: own)
        let identity = try await authenticator.verify(claim, password: password)
        #expect(identity?.name == "alice@example.com", "\(own ?? "none")")
      }
      for other in ["bob@example.com", "carol@example.com", "", "nobody"] {
        let claim = SASLClaim(name: "alice@example.com", authorizationName: other)
        let identity = try await authenticator.verify(claim, password: password)
        #expect(identity == nil, "\(other)")
        #expect(authenticator.secret(for: claim).identity == nil, "\(other)")
      }
      let wrong = try await authenticator.verify(SASLClaim(name: "alice@example.com"), password: Array("pen".utf8))
      #expect(wrong == nil)
    }
  }

  @Test func `whom the client would act for changes no salt, so that none tells who is there`() async throws {
    try await withAccounts { _, authenticator in
      for name in ["alice@example.com", "bob@example.com", "carol@example.com", "no address"] {
        let alone = authenticator.secret(for: SASLClaim(name: name)).secret
        let acting = authenticator.secret(for: SASLClaim(name: name, authorizationName: "x@example.com")).secret
        #expect(alone.salt == acting.salt && alone.iterationCount == acting.iterationCount, "\(name)")
      }
    }
  }
}
