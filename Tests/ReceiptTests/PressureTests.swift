import MailStore
import Receipt
import SMTP
import Testing

/// Who is served while the queue fills up, over real sockets.
@Suite(.timeLimit(.minutes(30)))
struct PressureTests {
  private static let goAway = "421 too much mail waits here, come back later"
  private static let full = "452 4.3.1 too much mail waits here, try later"
  private static let welcome = "220 mx.example.com ESMTP Maildex"

  private let receiver = MemoryReceiver(answersAtOnce: true)
  /// This machine is a stranger.
  private let strangers = CurrentPolicy(ReceiptPolicy(networks: NetworkPolicy(allowed: [])))

  private func setPressure(_ pressure: Double) { receiver.change { $0.pressure = pressure } }

  private func configuration(seed: UInt64 = 5, proxies: [String] = []) throws -> ReceiptConfiguration {
    var configuration = ReceiptConfiguration.forTests
    configuration.pressureSeed = seed
    configuration.proxies = try proxies.map { try Network($0) }
    return configuration
  }

  /// What so many connections hear, one after the other.
  private func greetings(
    _ count: Int, seed: UInt64 = 5, policy: CurrentPolicy, header: String = ""
  ) async throws -> [String] {
    let heard = Heard()
    let configuration = try configuration(seed: seed, proxies: header.isEmpty ? [] : ["127.0.0.0/8"])
    try await withListener(configuration, receiver: receiver, policy: policy) { server in
      for _ in 0..<count {
        let client = try await TestClient.connect(port: server.listener.port())
        if !header.isEmpty { try await client.send(header) }
        await heard.add(try await client.reply() ?? "closed")
        // Who is sent away was hung up on.
        try? await client.close()
      }
      let refused = await heard.replies.filter { $0 == Self.goAway }.count
      #expect(server.listener.refusals.counts[.queue, default: 0] == refused)
    }
    return await heard.replies
  }

  private actor Heard {
    private(set) var replies: [String] = []
    func add(_ reply: String) { replies.append(reply) }
  }

  @Test(arguments: [(0.0, 0...0), (0.89, 0...0), (0.95, 10...30), (0.98, 25...39), (1.0, 40...40)])
  func `the fuller the queue the more connections are sent away`(pressure: Double, expected: ClosedRange<Int>)
    async throws
  {
    setPressure(pressure)
    let replies = try await greetings(40, policy: strangers)
    #expect(expected.contains(replies.filter { $0 == Self.goAway }.count), "\(replies)")
    #expect(Set(replies).isSubset(of: [Self.goAway, Self.welcome]))
  }

  @Test func `which connections are sent away one seed decides`() async throws {
    setPressure(0.95)
    let first = try await greetings(30, seed: 6, policy: strangers)
    #expect(try await greetings(30, seed: 6, policy: strangers) == first)
    #expect(try await greetings(30, seed: 7, policy: strangers) != first)
  }

  @Test func `trusted clients are never sent away, and a proxy's are who they are`() async throws {
    setPressure(1)
    #expect(try await greetings(5, policy: CurrentPolicy()).allSatisfy { $0 == Self.welcome })
    let header = "PROXY TCP4 192.0.2.7 198.51.100.25 56324 25\r\n"
    #expect(try await greetings(5, policy: CurrentPolicy(), header: header).allSatisfy { $0 == Self.goAway })
  }

  @Test func `a stranger hears at MAIL that the queue is full, and may come in again later`() async throws {
    try await withListener(try configuration(), receiver: receiver, policy: strangers) { server in
      let client = try await server.client()
      #expect(try await client.say("EHLO c", "MAIL FROM:<a@example.org>", "RSET")[1] == "250 2.1.0 sender OK")
      setPressure(0.98)
      let replies = try await client.say("MAIL FROM:<a@example.org>", "RCPT TO:<bob@example.com>", "DATA")
      #expect(replies[0] == Self.full)
      #expect(replies.dropFirst().allSatisfy { $0.hasPrefix("503 ") }, "\(replies)")
      #expect(server.listener.refusals.counts[.queue] == 1)
      setPressure(0.5)
      #expect(try await client.beginData().last?.hasPrefix("354 ") == true)
    }
  }

  @Test(arguments: [Door.Speech.smtp, .lmtp])
  func `the last places are for trusted clients and LMTP, until there is none`(speech: Door.Speech) async throws {
    var configuration = try configuration()
    configuration.doors = [Door(Door.forTests.address, speech)]
    let policy = speech == .lmtp ? strangers : CurrentPolicy()
    let hello = speech == .lmtp ? "LHLO c" : "EHLO c"
    setPressure(0.999)
    try await withListener(configuration, receiver: receiver, policy: policy) { server in
      let client = try await server.client()
      #expect(try await client.say(hello, "MAIL FROM:<>", "RSET")[1] == "250 2.1.0 sender OK")
      setPressure(1)
      #expect(try await client.say("MAIL FROM:<>")[0] == Self.full)
    }
  }

  @Test func `an account that submits mail is served to the last, wherever it comes from`() async throws {
    let accounts: TestAccounts = ["alice@example.com"]
    var configuration = try configuration()
    configuration.doors = [Door(Door.forTests.address, .submissionOverTLS)]
    setPressure(0.999)
    try await withCertificate { [configuration] certificate in
      let trusted = certificate.files.certificateChain
      try await withListener(
        configuration, certificate: certificate.load(), receiver: receiver,
        authenticator: TestAuthenticator(accounts: accounts), policy: strangers
      ) { server in
        let client = try await TestClient.connect(port: server.listener.port())
        try await client.secure(trusting: trusted)
        #expect(try await client.reply() == Self.welcome)
        _ = try await client.say("EHLO c", authPlain("alice@example.com", "pencil"))
        #expect(try await client.say("MAIL FROM:<alice@example.com>", "RSET")[0] == "250 2.1.0 sender OK")
        setPressure(1)
        #expect(try await client.say("MAIL FROM:<alice@example.com>")[0] == Self.full)
      }
    }
  }
}
