import MailStore
import Receipt
import SMTP
import Testing

/// Mail is submitted over real sockets.
@Suite(.timeLimit(.minutes(30)))
struct SubmissionTests {
  private let receiver: MemoryReceiver
  private let authenticator: TestAuthenticator

  init() {
    let accounts: TestAccounts = ["alice@example.com", "bob@example.com"]
    receiver = MemoryReceiver(answersAtOnce: true, accounts: accounts)
    authenticator = TestAuthenticator(accounts: accounts)
  }

  @Test(arguments: [Door.Speech.submission, .submissionOverTLS])
  func `an account submits mail as itself, with its tags and by its aliases, and as nobody else`(
    speech: Door.Speech
  ) async throws {
    let team = try #require(AccountAddress("team@example.com"))
    let members = try [#require(AccountAddress("alice@example.com"))]
    let recipients = try RecipientPolicy(
      aliases: [team: members], catchAll: ["example.com": try #require(AccountAddress("alice@example.com"))])
    try await withDoor(speech, policy: ReceiptPolicy(recipients: recipients)) { _, _, connect in
      let client = try await connect()
      #expect(try await client.say("EHLO c", authPlain("Alice@example.com", "pencil")).last?.prefix(9) == "235 2.7.0")
      for sender in ["alice@example.com", "ALICE+news@Example.com", "team@example.com", "team+x@example.com", ""] {
        #expect(try await client.say("MAIL FROM:<\(sender)>", "RSET")[0] == "250 2.1.0 sender OK", "\(sender)")
      }
      for sender in ["bob@example.com", "alice@example.org", "caught@example.com", "postmaster@example.org"] {
        let answer = try await client.say("MAIL FROM:<\(sender)>")[0]
        #expect(answer == "553 5.7.1 that sender's address is none of yours", "\(sender)")
      }
      let replies = try await client.say(
        "MAIL FROM:<alice@example.com>", "RCPT TO:<dan@example.net>", "RCPT TO:<bob@example.com>", "DATA")
      #expect(replies.map { $0.prefix(9) } == ["250 2.1.0", "550 5.7.1", "250 2.1.5", "354 send "])
      try await client.send("x\r\n.\r\n")
      #expect(try await client.reply() == "250 2.0.0 queued as 1")
    }
    #expect(receiver.mails.map(\.envelope.protocolName) == ["ESMTPSA"])
    #expect(receiver.mails.map(\.envelope.reversePath) == ["alice@example.com"])
  }

  @Test func `SCRAM-SHA-256 has a new nonce each time, and lets in who has the password`() async throws {
    try await withDoor { server, _, connect in
      var nonces: Set<String> = []
      for _ in 0..<3 {
        let client = try await connect()
        _ = try await client.say("EHLO c")
        nonces.insert(try await client.say("AUTH SCRAM-SHA-256 biwsbj11c2VyLHI9eA==")[0])
        #expect(try await client.say("*") == ["501 5.7.0 authentication cancelled"])
        #expect(
          try await SCRAMClient.authenticate(client, as: "bob@example.com") == "235 2.7.0 authentication succeeded")
      }
      #expect(nonces.count == 3)
      let stranger = try await connect()
      _ = try await stranger.say("EHLO c")
      let answer = try await SCRAMClient.authenticate(stranger, as: "nobody@example.com")
      #expect(answer == "535 5.7.8 authentication credentials invalid")
      #expect(server.listener.authentications.count(.scramSHA256, .success) == 3)
      #expect(server.listener.authentications.count(.scramSHA256, .cancelled) == 3)
      #expect(server.listener.authentications.count(.scramSHA256, .failure) == 1)
      #expect(server.listener.refusals.counts[.authentication] == 4)
    }
  }

  @Test func `nothing put behind STARTTLS in clear logs anybody in`() async throws {
    try await withDoor(isSecured: false) { _, certificate, connect in
      let client = try await connect()
      _ = try await client.say("EHLO c", authPlain("alice@example.com", "pencil"))
      try await client.send("STARTTLS\r\nEHLO m\r\n\(authPlain("alice@example.com", "pencil"))\r\nMAIL FROM:<>\r\n")
      #expect(try await client.reply() == "220 2.0.0 ready for TLS")
      try await client.secure(trusting: certificate)
      #expect(try await client.say("EHLO c", "MAIL FROM:<>").last == "530 5.7.0 authentication required")
      #expect(!client.hasUnread)
    }
  }

  @Test func `failed logins of a network are slow, and then end the connection, whatever the password`() async throws {
    let policy = ReceiptPolicy(networks: NetworkPolicy(allowed: []), limits: LimitPolicy(failedLogins: 3))
    try await withDoor(policy: policy, firstDelay: .milliseconds(20)) { server, _, connect in
      let client = try await connect()
      _ = try await client.say("EHLO c")
      let start = ContinuousClock.now
      for name in ["alice", "bob", "eve"] {
        #expect(try await client.say(authPlain("\(name)@example.com", "x"))[0].prefix(9) == "535 5.7.8")
      }
      #expect(ContinuousClock.now - start >= .milliseconds(20 + 40 + 80))
      for existing in [client, try await connect()] {
        _ = try await existing.say("EHLO c")
        #expect(
          try await existing.say(authPlain("alice@example.com", "pencil"))
            == ["421 4.7.0 too many failed logins, come back later"])
        #expect(try await existing.reply() == nil)
      }
      #expect(server.listener.authentications.count(.plain, .failure) == 3)
      #expect(server.listener.authentications.count(.plain, .throttled) == 2)
    }
  }

  @Test func `an account that is guessed at is not looked at, others are, and trusted networks may guess no more`()
    async throws
  {
    let policy = ReceiptPolicy(limits: LimitPolicy(failedLogins: 1, failedLoginsOfAccount: 2))
    try await withDoor(policy: policy) { _, _, connect in
      let client = try await connect()
      _ = try await client.say("EHLO c")
      for _ in 0..<2 { _ = try await client.say(authPlain("alice@example.com", "x")) }
      let refusal = "454 4.7.0 temporary authentication failure, try later"
      #expect(try await client.say(authPlain("ALICE@example.com", "pencil")) == [refusal])
      #expect(try await SCRAMClient.authenticate(client, as: "alice@example.com") == refusal)
      #expect(try await client.say(authPlain("bob@example.com", "pencil"))[0].prefix(9) == "235 2.7.0")
    }
  }

  @Test func `when nobody can tell, the client is to come back`() async throws {
    let troubled = TestAuthenticator(accounts: authenticator.accounts, isInTrouble: true)
    try await withDoor(authenticator: troubled) { _, _, connect in
      let client = try await connect()
      _ = try await client.say("EHLO c")
      #expect(try await client.say(authPlain("alice@example.com", "pencil"))[0].prefix(9) == "454 4.7.0")
      #expect(try await client.say("NOOP") == ["250 2.0.0 OK"])
    }
  }

  @Test func `mails and recipients count for the account, wherever it comes from`() async throws {
    let policy = ReceiptPolicy(
      networks: NetworkPolicy(allowed: []), limits: LimitPolicy(mailsPerMinute: 2, recipientsPerMinute: 1))
    try await withDoor(policy: policy) { _, _, connect in
      let first = ["250 2.1.0", "250 2.1.5", "450 4.7.1", "250 2.0.0", "250 2.1.0"]
      let second = ["451 4.7.1", "503 5.5.1", "503 5.5.1", "250 2.0.0", "451 4.7.1"]
      for (name, expected) in [("alice", first), ("alice", second), ("bob", first)] {
        let client = try await connect()
        _ = try await client.say("EHLO c", authPlain("\(name)@example.com", "pencil"))
        let replies = try await client.say(
          "MAIL FROM:<>", "RCPT TO:<bob@example.com>", "RCPT TO:<alice@example.com>", "RSET", "MAIL FROM:<>")
        #expect(replies.map { String($0.prefix(9)) } == expected)
      }
    }
  }

  /// Runs `body` with what makes connections to a door, within TLS unless told otherwise.
  private func withDoor(
    _ speech: Door.Speech = .submission, policy: ReceiptPolicy = ReceiptPolicy(), firstDelay: Duration = .zero,
    isSecured: Bool = true, authenticator: TestAuthenticator? = nil,
    _ body:
      @Sendable (
        RunningListener, _ certificate: String, @Sendable () async throws -> TestClient
      ) async throws -> Void
  ) async throws {
    var configuration = ReceiptConfiguration.forTests
    configuration.doors = [Door(Door.forTests.address, speech)]
    configuration.firstLoginDelay = firstDelay
    try await withCertificate { certificate in
      let trusted = certificate.files.certificateChain
      try await withListener(
        configuration, certificate: certificate.load(), receiver: receiver,
        authenticator: authenticator ?? self.authenticator, policy: CurrentPolicy(policy)
      ) { server in
        try await body(server, trusted) {
          let client = try await TestClient.connect(port: server.listener.port())
          if speech == .submissionOverTLS { try await client.secure(trusting: trusted) }
          _ = try await client.reply()
          if speech == .submission, isSecured {
            _ = try await client.say("EHLO c", "STARTTLS")
            try await client.secure(trusting: trusted)
          }
          return client
        }
      }
    }
  }
}
