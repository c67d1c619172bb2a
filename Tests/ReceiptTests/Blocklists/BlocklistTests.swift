import Bytes
import MailStore
import SMTP
import TestSupport
import Testing

@testable import Receipt

/// Lists of addresses in a real DNS server, asked about clients that come through a proxy on this machine.
@Suite(.timeLimit(.minutes(30)))
struct BlocklistTests {
  private static let taken = "250 2.1.0 sender OK"
  private static let nibbles = "7." + String(repeating: "0.", count: 23) + "8.b.d.0.1.0.0.2"

  /// Its port was free a moment ago; beside other tests it may be taken by now, so it is tried again on another.
  private func nameServer() throws -> NameServer {
    for _ in 0..<5 {
      do { return try startedNameServer() } catch is NameServer.Failure { continue }
    }
    return try startedNameServer()
  }

  private func startedNameServer() throws -> NameServer {
    try NameServer(
      zones: ["zen.example", "soft.example"],
      addresses: [
        "7.2.0.192.zen.example": "127.0.0.2", "\(Self.nibbles).zen.example": "127.0.0.4",
        "8.2.0.192.zen.example": "127.255.255.254", "9.2.0.192.zen.example": "192.0.2.1",
        "9.2.0.192.soft.example": "127.0.0.9", "10.2.0.192.zen.example": "127.0.0.20",
      ], texts: ["7.2.0.192.zen.example": "see https://zen.example/192.0.2.7"])
  }

  @Test func `a client on a list is refused at MAIL, with the list's name and reason`() async throws {
    let server = try nameServer()
    defer { server.stop() }
    try await withListener(
      try proxied(server.address), receiver: MemoryReceiver(), policy: asking(.init(zone: "zen.example"))
    ) {
      listener async throws in
      #expect(
        try await mail(listener, from: "192.0.2.7")
          == "550 5.7.1 your address is listed by zen.example: see https://zen.example/192.0.2.7")
      #expect(try await mail(listener, from: "2001:db8::7") == "550 5.7.1 your address is listed by zen.example")
      #expect(try await mail(listener, from: "192.0.2.77") == Self.taken)
      #expect(try await mail(listener, from: "2001:db8::8") == Self.taken)
      #expect(listener.listener.refusals.counts[.dnsbl] == 2)
      #expect(
        listener.listener.blocklistAnswers.counts == [
          .init("zen.example", .listed): 2, .init("zen.example", .notListed): 2,
        ])
    }
  }

  @Test func `a list's errors, answers that are none and codes that were not asked for count for nothing`() async throws
  {
    let server = try nameServer()
    defer { server.stop() }
    let codes = try ["127.0.0.2-11"].map { try #require(BlocklistPolicy.Codes($0)) }
    let policy = asking(.init(zone: "zen.example", codes: codes))
    try await withListener(try proxied(server.address), receiver: MemoryReceiver(), policy: policy) {
      listener async throws in
      for last in [8, 9, 10] { #expect(try await mail(listener, from: "192.0.2.\(last)") == Self.taken) }
      #expect(try await mail(listener, from: "192.0.2.7").hasPrefix("550 5.7.1"))
    }
  }

  @Test func `a list may defer, or add to a sum`() async throws {
    let server = try nameServer()
    defer { server.stop() }
    let current = asking(.init(zone: "soft.example", action: .defer))
    try await withListener(try proxied(server.address), receiver: MemoryReceiver(), policy: current) {
      listener async throws in
      #expect(try await mail(listener, from: "192.0.2.9") == "451 4.7.1 your address is listed by soft.example")
      var policy = current.value
      policy.blocklists.lists[0].action = .score
      current.replace(with: policy)
      #expect(try await mail(listener, from: "192.0.2.9") == Self.taken)
      policy.blocklists.threshold = 1
      current.replace(with: policy)
      #expect(try await mail(listener, from: "192.0.2.9") == "550 5.7.1 your address is listed by soft.example")
    }
  }

  @Test func `an answer is kept, so that the same client is not asked about again`() async throws {
    let server = try nameServer()
    defer { server.stop() }
    let policy = asking(.init(zone: "zen.example"))
    try await withListener(try proxied(server.address), receiver: MemoryReceiver(), policy: policy) {
      listener async throws in
      let first = try await mail(listener, from: "192.0.2.7")
      server.stop()
      #expect(try await mail(listener, from: "192.0.2.7") == first)
      #expect(try await mail(listener, from: "192.0.2.10") == Self.taken, "nobody answers any more")
      #expect(listener.listener.blocklistAnswers.counts[.init("zen.example", .unavailable)] == 1)
    }
  }

  @Test func `a server that says nothing is waited for until the time is over, once for a connection`() async throws {
    let server = try SilentServer()
    let policy = asking(.init(zone: "zen.example"), .init(zone: "soft.example"), timeout: .milliseconds(200))
    try await withListener(try proxied(server.address), receiver: MemoryReceiver(), policy: policy) {
      listener async throws in
      let client = try await connected(listener, from: "192.0.2.7")
      let replies = try await client.say("EHLO c", "MAIL FROM:<>", "RSET", "MAIL FROM:<>", "RCPT TO:<bob@example.com>")
      #expect(replies.dropFirst() == [Self.taken, "250 2.0.0 OK", Self.taken, "250 2.1.5 recipient OK"])
      #expect(
        listener.listener.blocklistAnswers.counts == [
          .init("zen.example", .unavailable): 1, .init("soft.example", .unavailable): 1,
        ])
    }
  }

  @Test func `a shutdown waits for no answer of DNS`() async throws {
    let server = try SilentServer()
    let policy = asking(.init(zone: "zen.example"), timeout: .seconds(3_600))
    let clock = ContinuousClock()
    let start = clock.now
    var configuration = try proxied(server.address)
    configuration.shutdownTimeout = .seconds(1)
    try await withListener(configuration, receiver: MemoryReceiver(), policy: policy) { listener async throws in
      let client = try await connected(listener, from: "192.0.2.7")
      _ = try await client.say("EHLO c")
      try await client.send("MAIL FROM:<>\r\n")
    }
    #expect(clock.now - start < .seconds(300), "and not an hour")
  }

  @Test func `this machine, trusted networks and LMTP are not asked about`() async throws {
    let server = try SilentServer()
    for speech in [Door.Speech.smtp, .lmtp] {
      let current = asking(.init(zone: "zen.example"), timeout: .seconds(3_600))
      try await withListener(
        try proxied(server.address, speech), receiver: MemoryReceiver(), policy: current
      ) { listener async throws in
        #expect(try await mail(listener, from: "127.0.0.1") == Self.taken)
        if speech == .lmtp { #expect(try await mail(listener, from: "192.0.2.7") == Self.taken) }
        var policy = current.value
        policy.networks = NetworkPolicy(allowed: [try Network("192.0.2.0/24")])
        current.replace(with: policy)
        #expect(try await mail(listener, from: "192.0.2.7") == Self.taken)
        #expect(listener.listener.blocklistAnswers.counts == [:])
      }
    }
  }

  // MARK: - The resolver alone

  @Test func `every question is answered once, by closing too`() async throws {
    let server = try SilentServer()
    let resolver = try DNSResolver(servers: [server.address])
    let outcomes = Locked([DNSResolver.Outcome]())
    let count = DNSResolver.maxPending + 10
    for number in 0..<count {
      resolver.ask(
        DNSResolver.Question(name: "\(number).x.example", type: .a) { outcome in
          outcomes.withLock { $0.append(outcome) }
        })
    }
    resolver.close()
    resolver.close()
    resolver.ask(
      DNSResolver.Question(name: "x.example", type: .a) { outcome in outcomes.withLock { $0.append(outcome) } })
    #expect(outcomes.withLock { $0 } == Array(repeating: .unavailable, count: count + 1))
  }

  @Test(arguments: [
    "", ".", "..", "a..b", String(repeating: "x", count: 64) + ".example", String(repeating: "x.", count: 200),
  ])
  func `a name that is none is unavailable, or has nothing`(name: String) async throws {
    let server = try nameServer()
    defer { server.stop() }
    let resolver = try DNSResolver(servers: [server.address])
    defer { resolver.close() }
    let outcome = await withCheckedContinuation { continuation in
      resolver.ask(DNSResolver.Question(name: name, type: .a) { continuation.resume(returning: $0) })
    }
    if case .answer(let message) = outcome { #expect(message.addresses.isEmpty) }
  }

  // MARK: - Support

  private func asking(_ lists: BlocklistPolicy.List..., timeout: Duration = .seconds(60)) -> CurrentPolicy {
    CurrentPolicy(ReceiptPolicy(blocklists: BlocklistPolicy(lists: lists, timeout: timeout)))
  }

  private func proxied(_ nameServer: String, _ speech: Door.Speech = .smtp) throws -> ReceiptConfiguration {
    var configuration = ReceiptConfiguration.forTests
    configuration.doors = [Door(Door.forTests.address, speech)]
    configuration.proxies = [try Network("127.0.0.0/8")]
    configuration.nameServers = [nameServer]
    return configuration
  }

  private func connected(_ server: RunningListener, from address: String) async throws -> TestClient {
    try await TestClient.proxied(port: server.listener.port(), from: address)
  }

  /// The answer to MAIL, in a connection of its own.
  private func mail(_ server: RunningListener, from address: String) async throws -> String {
    let client = try await connected(server, from: address)
    if !(try await client.say("LHLO c")[0].hasPrefix("250")) { _ = try await client.say("EHLO c") }
    let answer = try await client.say("MAIL FROM:<dan@example.net>")[0]
    try await client.close()
    return answer
  }
}
