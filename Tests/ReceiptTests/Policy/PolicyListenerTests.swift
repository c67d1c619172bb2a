import Bytes
import MailStore
import Receipt
import SMTP
import Testing

/// Policies over real sockets.
@Suite(.timeLimit(.minutes(30)))
struct PolicyListenerTests {
  private let accounts: TestAccounts = ["alice@example.com", "bob@example.com"]

  @Test(arguments: [false, true])
  func `an alias and tags make pairs of what the client named and whose it is`(answersAtOnce: Bool) async throws {
    let receiver = MemoryReceiver(answersAtOnce: answersAtOnce, accounts: accounts)
    try await withListener(receiver: receiver, policy: CurrentPolicy(try teamOf("alice", "bob"))) { server in
      let client = try await server.client()
      let replies = try await client.say(
        "EHLO c", "MAIL FROM:<dan@example.net>", "RCPT TO:<Team@example.com>", "RCPT TO:<alice+x@example.com>",
        "RCPT TO:<nobody@example.com>", "RCPT TO:<alice@example.net>", "RCPT TO:<postmaster>", "DATA")
      #expect(
        replies.map { $0.prefix(9) }.suffix(6) == [
          "250 2.1.5", "250 2.1.5", "550 5.1.1", "550 5.7.1", "250 2.1.5", "354 send ",
        ])
      try await client.send("x\r\n.\r\n")
      #expect(try await client.reply() == "250 2.0.0 queued as 1")
    }
    let envelope = try #require(receiver.mails.first?.envelope)
    #expect(
      envelope.recipients.map(\.address) == [
        "Team@example.com", "Team@example.com", "alice+x@example.com", "postmaster",
      ])
    #expect(envelope.recipients.map(\.user.rawValue) == [1, 2, 1, 1])
    #expect(envelope.addresses == ["Team@example.com", "alice+x@example.com", "postmaster"])
    #expect(envelope.users == [UserID(rawValue: 1), UserID(rawValue: 2)])
  }

  @Test func `a new policy counts from the next transaction of a session that is under way`() async throws {
    let receiver = MemoryReceiver(accounts: accounts)
    let policy = CurrentPolicy()
    try await withListener(receiver: receiver, policy: policy) { server in
      let client = try await server.client()
      #expect(
        try await client.say("EHLO c", "MAIL FROM:<>", "RCPT TO:<alice@example.com>").last == "250 2.1.5 recipient OK")
      policy.replace(with: try teamOf("bob"))
      #expect(try await client.say("RCPT TO:<team@example.com>") == ["550 5.1.1 no such user here"])
      #expect(
        try await client.say("RSET", "MAIL FROM:<>", "RCPT TO:<team@example.com>").last == "250 2.1.5 recipient OK")
      policy.replace(with: ReceiptPolicy())
      #expect(try await client.say("RCPT TO:<TEAM@example.com>") == ["250 2.1.5 recipient OK"])
      #expect(
        try await client.say("EHLO c", "MAIL FROM:<>", "RCPT TO:<team@example.com>").last
          == "550 5.1.1 no such user here")
    }
  }

  @Test(arguments: [Door.Speech.smtp, .lmtp])
  func `a connection from a blocked network hears why, until it is blocked no more`(speech: Door.Speech) async throws {
    var configuration = ReceiptConfiguration.forTests
    configuration.doors = [Door(Door.forTests.address, speech)]
    let here = try Network("127.0.0.0/8")
    let policy = CurrentPolicy(ReceiptPolicy(networks: NetworkPolicy(allowed: [], blocked: [here])))
    try await withListener(configuration, receiver: MemoryReceiver(), policy: policy) { server in
      for _ in 0..<2 {
        let client = try await TestClient.connect(port: server.listener.port())
        // It may be too late to say anything.
        try? await client.send("EHLO c\r\nQUIT\r\n")
        #expect(try await client.reply() == "554 no mail is taken here from your network")
        #expect(try await client.reply() == nil)
      }
      #expect(server.listener.refusals.counts == [.blockedNetwork: 2])
      #expect(server.listener.connectionCount == 0)
      policy.replace(with: ReceiptPolicy(networks: NetworkPolicy(allowed: [here], blocked: [here])))
      let client = try await TestClient.connect(port: server.listener.port())
      #expect(try await client.reply()?.hasPrefix("220 ") == true)
      let hello = speech == .lmtp ? "LHLO c" : "EHLO c"
      #expect(try await client.say(hello, "MAIL FROM:<>", "RSET").last == "250 2.0.0 OK")
      policy.replace(with: ReceiptPolicy(networks: NetworkPolicy(allowed: [], blocked: [here])))
      #expect(try await client.say("MAIL FROM:<>") == ["550 5.7.1 no mail is taken here from your network"])
    }
  }

  @Test func `a blocked network is told so within TLS where TLS is what is spoken`() async throws {
    try await withCertificate { certificate in
      var configuration = ReceiptConfiguration.forTests
      configuration.doors = [Door(Door.forTests.address, .smtpOverTLS)]
      let here = try Network("127.0.0.0/8")
      let policy = CurrentPolicy(ReceiptPolicy(networks: NetworkPolicy(allowed: [], blocked: [here])))
      try await withListener(
        configuration, certificate: try certificate.load(), receiver: MemoryReceiver(), policy: policy
      ) { server in
        let client = try await TestClient.connect(port: server.listener.port())
        try await client.secure(trusting: certificate.files.certificateChain)
        #expect(try await client.reply() == "554 no mail is taken here from your network")
      }
    }
  }

  @Test func `a blocked sender is refused at MAIL, and what was refused is counted by reason`() async throws {
    let receiver = MemoryReceiver(answersAtOnce: true, accounts: accounts)
    let eve = try #require(SenderPattern("@example.net"))
    let policy = CurrentPolicy(ReceiptPolicy(senders: SenderPolicy(blocked: [eve])))
    try await withListener(receiver: receiver, policy: policy) { server in
      let client = try await server.client()
      let replies = try await client.say(
        "EHLO c", "MAIL FROM:<eve@example.net>", "NONSENSE", "MAIL FROM:<>", "RCPT TO:<nobody@example.com>",
        "RCPT TO:<alice@example.org>", "RCPT TO:<alice@example.com>")
      #expect(
        replies.map { $0.prefix(9) }.dropFirst() == [
          "550 5.7.1", "500 5.5.2", "250 2.1.0", "550 5.1.1", "550 5.7.1", "250 2.1.5",
        ])
      #expect(
        server.listener.refusals.counts == [.blockedSender: 1, .commands: 1, .unknownRecipient: 1, .relaying: 1])
    }
  }

  @Test func `address harvesting ends the connection, of a client that is not trusted`() async throws {
    var policy = ReceiptPolicy(limits: LimitPolicy(maxUnknownRecipients: 2))
    for isTrusted in [true, false] {
      if !isTrusted { policy.networks = NetworkPolicy(allowed: []) }
      try await withListener(receiver: MemoryReceiver(accounts: accounts), policy: CurrentPolicy(policy)) { server in
        let client = try await server.client()
        let replies = try await client.say(
          "EHLO c", "MAIL FROM:<>", "RCPT TO:<nobody1@example.com>", "RCPT TO:<nobody2@example.com>", "RSET")
        let last = isTrusted ? "250 2.0.0 OK" : "421 4.7.0 too many unknown recipients"
        #expect(replies.suffix(2) == ["550 5.1.1 no such user here", last])
        if !isTrusted { #expect(try await client.reply() == nil) }
        #expect(server.listener.refusals.counts[.harvesting] == (isTrusted ? nil : 1))
      }
    }
  }

  @Test func `mail that is too long for one domain reaches the other`() async throws {
    let accounts: TestAccounts = ["alice@example.com", "carol@example.org"]
    let receiver = MemoryReceiver(accounts: accounts)
    let recipients = try RecipientPolicy(sizeLimits: ["example.org": 1_024])
    try await withListener(receiver: receiver, policy: CurrentPolicy(ReceiptPolicy(recipients: recipients))) { server in
      let client = try await server.client()
      let replies = try await client.say(
        "EHLO c", "MAIL FROM:<> SIZE=2000", "RCPT TO:<carol@example.org>", "RCPT TO:<alice@example.com>", "DATA")
      #expect(replies.dropFirst(2).prefix(2) == ["552 5.3.4 the limit is 1024 bytes", "250 2.1.5 recipient OK"])
      try await client.send(String(repeating: "x", count: 1_998) + "\r\n.\r\n")
      #expect(try await client.reply() == "250 2.0.0 queued as 1")
      _ = try await client.say("MAIL FROM:<>", "RCPT TO:<Carol@EXAMPLE.org>", "DATA")
      try await client.send(String(repeating: "x", count: 1_998) + "\r\n.\r\n")
      #expect(try await client.reply() == "552 5.3.4 the limit is 1024 bytes")
    }
    #expect(receiver.mails.map { $0.envelope.addresses } == [["alice@example.com"]])
    #expect(receiver.state.openSpools == 0)
  }

  @Test func `a flood of transactions is put off, over real connections`() async throws {
    let policy = ReceiptPolicy(
      networks: NetworkPolicy(allowed: []), limits: LimitPolicy(mailsPerMinute: 5, recipientsPerMinute: 1))
    try await withListener(receiver: MemoryReceiver(accounts: accounts), policy: CurrentPolicy(policy)) { server in
      var answers: [String: Int] = [:]
      for _ in 0..<2 {
        let client = try await server.client()
        _ = try await client.say("EHLO c")
        for _ in 0..<10 { answers[try await client.say("MAIL FROM:<>", "RSET")[0], default: 0] += 1 }
      }
      // It takes twelve seconds for another to be there.
      let count = answers["250 2.1.0 sender OK"] ?? 0
      #expect((5...7).contains(count) && answers["451 4.7.1 too many mails from you, come back later"] == 20 - count)
    }
  }

  private func teamOf(_ names: String...) throws -> ReceiptPolicy {
    let team = try #require(AccountAddress("team@example.com"))
    let members = try names.map { try #require(AccountAddress("\($0)@example.com")) }
    return ReceiptPolicy(recipients: try RecipientPolicy(aliases: [team: members]))
  }
}
