import Bytes
import MailStore
import Receipt
import SMTP
import Testing

/// Quotas over real sockets.
@Suite(.timeLimit(.minutes(30)))
struct QuotaTests {
  private let accounts: TestAccounts = ["alice@example.com", "bob@example.com"]
  private let alice = UserID(rawValue: 1)
  private let bob = UserID(rawValue: 2)

  @Test(arguments: [false, true])
  func `a recipient who is full is put off, and others get the mail`(answersAtOnce: Bool) async throws {
    let receiver = try receiver(alice: 1_000, bob: 999, answersAtOnce: answersAtOnce)
    try await withListener(receiver: receiver, policy: try policy(1_000)) { server in
      let client = try await server.client()
      let replies = try await client.say(
        "EHLO c", "MAIL FROM:<>", "RCPT TO:<alice@example.com>", "RCPT TO:<bob@example.com>", "DATA")
      #expect(
        replies.dropFirst(2) == [
          "452 4.2.2 mailbox full, try later", "250 2.1.5 recipient OK", "354 send the mail, end with CR LF . CR LF",
        ])
      try await client.send("x\r\n.\r\n")
      #expect(try await client.reply() == "250 2.0.0 queued as 1")
      #expect(server.listener.refusals.counts == [.overQuota: 1])
    }
    #expect(receiver.mails.map(\.envelope.users) == [[bob]])
  }

  @Test func `what a mail has by its SIZE must fit, to the byte`() async throws {
    let receiver = try receiver(alice: 400, bob: 0)
    try await withListener(receiver: receiver, policy: try policy(1_000)) { server in
      let client = try await server.client()
      for (size, code) in [(600, "250"), (601, "452")] {
        let replies = try await client.say("EHLO c", "MAIL FROM:<> SIZE=\(size)", "RCPT TO:<alice@example.com>")
        #expect(replies.last?.prefix(3) == code[...])
      }
      let replies = try await client.say("RSET", "MAIL FROM:<> SIZE=9999999", "RCPT TO:<alice@example.com>", "RSET")
      #expect(replies[2].hasPrefix("452 4.2.2"))
      receiver.change { $0.holdings[alice] = nil }
      let gone = try await client.say("MAIL FROM:<> SIZE=601", "RCPT TO:<alice@example.com>")
      #expect(gone.last == "250 2.1.5 recipient OK")
    }
  }

  @Test func `LMTP answers for each recipient`() async throws {
    var configuration = ReceiptConfiguration.forTests
    configuration.doors = [Door(Door.forTests.address, .lmtp)]
    try await withListener(
      configuration, receiver: try receiver(alice: 5_000, bob: 0), policy: try policy(1_000)
    ) { server in
      let client = try await server.client()
      let replies = try await client.say(
        "LHLO c", "MAIL FROM:<>", "RCPT TO:<alice@example.com>", "RCPT TO:<bob@example.com>", "DATA")
      #expect(replies.map { $0.prefix(3) }.dropFirst(2) == ["452", "250", "354"])
      try await client.send("x\r\n.\r\n")
      #expect(try await client.reply() == "250 2.0.0 queued as 1")
      #expect(try await client.say("NOOP") == ["250 2.0.0 OK"])
    }
  }

  @Test func `an alias waits for all of its accounts`() async throws {
    let receiver = try receiver(alice: 1_000, bob: 0)
    let current = try policy(1_000)
    var policy = current.value
    let members = try ["alice@example.com", "bob@example.com"].map { try #require(AccountAddress($0)) }
    policy.recipients = try RecipientPolicy(aliases: [try #require(AccountAddress("team@example.com")): members])
    current.replace(with: policy)
    try await withListener(receiver: receiver, policy: current) { server in
      let client = try await server.client()
      let first = try await client.say("EHLO c", "MAIL FROM:<>", "RCPT TO:<team@example.com>")
      #expect(first.last == "452 4.2.2 mailbox full, try later")
      try receiver.change { $0.holdings[alice] = try holding("alice@example.com", 0) }
      #expect(try await client.say("RCPT TO:<team@example.com>") == ["250 2.1.5 recipient OK"])
    }
  }

  @Test func `an account's own limit, or none, goes before the usual one`() throws {
    let quota = QuotaPolicy(
      usual: .bytes(10),
      ofAccounts: [
        try #require(AccountAddress("alice@example.com")): .bytes(20),
        try #require(AccountAddress("Bob@EXAMPLE.com")): .none,
      ])
    #expect(quota.limit(of: try #require(AccountAddress("ALICE@example.com"))) == .bytes(20))
    #expect(quota.limit(of: try #require(AccountAddress("bob@example.com"))) == .none)
    #expect(quota.limit(of: try #require(AccountAddress("carol@example.com"))) == .bytes(10))
  }

  private func policy(_ limit: UInt64) throws -> CurrentPolicy {
    CurrentPolicy(ReceiptPolicy(quota: QuotaPolicy(usual: .bytes(limit))))
  }

  private func holding(_ address: String, _ byteCount: UInt64) throws -> AccountHolding {
    AccountHolding(try #require(AccountAddress(address)), byteCount: byteCount)
  }

  private func receiver(alice: UInt64, bob: UInt64, answersAtOnce: Bool = true) throws -> MemoryReceiver {
    let receiver = MemoryReceiver(answersAtOnce: answersAtOnce, accounts: accounts)
    let holdings = [
      self.alice: try holding("alice@example.com", alice), self.bob: try holding("bob@example.com", bob),
    ]
    receiver.change { $0.holdings = holdings }
    return receiver
  }
}
