import Logging
import MailStore
import NIOCore
import NIOEmbedded
import SMTP
import Testing

@testable import Receipt

/// Clients of several networks, on loops whose time the test turns.
struct ClientLimitsTests {
  private let policy: CurrentPolicy
  private let shared: SMTPConnectionHandler.Shared
  private let loop = EmbeddedEventLoop()

  init() throws {
    policy = CurrentPolicy(ReceiptPolicy(limits: LimitPolicy(mailsPerMinute: 2, recipientsPerMinute: 3)))
    let configuration = ReceiptConfiguration.forTests
    shared = SMTPConnectionHandler.Shared(
      configuration: configuration, session: configuration.session(at: .forTests, hasCertificate: false),
      certificate: nil, receiver: MemoryReceiver(answersAtOnce: true), policy: policy, clock: FixedClock(),
      jobs: JobQueue(), connections: ConnectionTable(maxConnections: 9, maxConnectionsPerClient: 9),
      refusals: RefusalCounter(), rates: ClientRates(), logger: .forTests)
  }

  @Test func `mails are counted for a network, over all its connections, and come again with time`() throws {
    let first = try client("192.0.2.7")
    let second = try client("::ffff:192.0.2.7")
    #expect(try first.begin() == "250 2.1.0 sender OK")
    #expect(try second.begin() == "250 2.1.0 sender OK")
    #expect(try first.begin() == "451 4.7.1 too many mails from you, come back later")
    #expect(try client("192.0.2.8").begin() == "250 2.1.0 sender OK")
    loop.advanceTime(by: .seconds(29))
    #expect(try second.begin() == "451 4.7.1 too many mails from you, come back later")
    loop.advanceTime(by: .seconds(2))
    #expect(try second.begin() == "250 2.1.0 sender OK")
    #expect(try first.begin() == "451 4.7.1 too many mails from you, come back later")
    #expect(shared.refusals.counts == [.mailRate: 3])
  }

  @Test func `an IPv6 client is its whole 64-bit network`() throws {
    #expect(try client("2001:db8::1").begin() == "250 2.1.0 sender OK")
    #expect(try client("2001:db8::2").begin() == "250 2.1.0 sender OK")
    #expect(try client("2001:db8::3").begin().hasPrefix("451 4.7.1"))
    #expect(try client("2001:db8:0:1::3").begin() == "250 2.1.0 sender OK")
  }

  @Test func `recipients are counted, known or not, and those that are refused for it are not`() throws {
    let client = try client("192.0.2.7")
    _ = try client.begin()
    #expect(try client.say("RCPT TO:<bob@example.com>") == "250 2.1.5 recipient OK")
    #expect(try client.say("RCPT TO:<nobody@example.com>") == "550 5.1.1 no such user here")
    #expect(try client.say("RCPT TO:<carol@example.com>") == "250 2.1.5 recipient OK")
    for _ in 0..<5 {
      #expect(
        try client.say("RCPT TO:<dave@example.com>") == "450 4.7.1 too many recipients from you, come back later")
    }
    loop.advanceTime(by: .seconds(21))
    #expect(try client.say("RCPT TO:<dave@example.com>") == "250 2.1.5 recipient OK")
  }

  @Test func `who is trusted meets no limits, and a new policy counts from the next transaction`() throws {
    let here = try client("127.0.0.1")
    let relay = try client("192.0.2.25")
    for _ in 0..<5 { #expect(try here.begin() == "250 2.1.0 sender OK") }
    for _ in 0..<2 { #expect(try relay.begin() == "250 2.1.0 sender OK") }
    #expect(try relay.begin().hasPrefix("451"))
    policy.replace(
      with: ReceiptPolicy(
        networks: NetworkPolicy(allowed: [try Network("192.0.2.25")]),
        limits: LimitPolicy(mailsPerMinute: 1, maxUnknownRecipients: 1)))
    for _ in 0..<5 { #expect(try relay.begin() == "250 2.1.0 sender OK") }
    #expect(try relay.say("RCPT TO:<nobody@example.com>") == "550 5.1.1 no such user here")
    #expect(try relay.say("NOOP") == "250 2.0.0 OK")
    #expect(try here.begin() == "250 2.1.0 sender OK")
    #expect(try here.begin().hasPrefix("451"), "it is not among those who are allowed any more")
  }

  @Test func `blocked senders cost no share`() throws {
    let eve = try #require(SenderPattern("eve@example.net"))
    policy.replace(
      with: ReceiptPolicy(senders: SenderPolicy(blocked: [eve]), limits: LimitPolicy(mailsPerMinute: 1)))
    let client = try client("192.0.2.7")
    for _ in 0..<3 { #expect(try client.begin(from: "eve@example.net").hasPrefix("550 5.7.1")) }
    #expect(try client.begin() == "250 2.1.0 sender OK")
  }

  @Test func `a name without its domain is refused where that is wanted, and not of one who is trusted`() throws {
    policy.replace(with: ReceiptPolicy(hello: .fullyQualified))
    let client = try client("192.0.2.7")
    #expect(try client.begin() == "503 5.5.1 say EHLO first")
    #expect(try client.say("EHLO c.example.org") == "250 ENHANCEDSTATUSCODES")
    #expect(try client.begin() == "250 2.1.0 sender OK")
    #expect(try self.client("::1").begin() == "250 2.1.0 sender OK")
    #expect(shared.refusals.counts[.helloName] == 1)
  }

  private func client(_ address: String) throws -> EmbeddedClient { try EmbeddedClient(address, shared, loop) }
}

private struct EmbeddedClient {
  private let channel: EmbeddedChannel

  /// Connected, greeted, and past EHLO.
  init(_ address: String, _ shared: SMTPConnectionHandler.Shared, _ loop: EmbeddedEventLoop) throws {
    channel = EmbeddedChannel(
      handler: SMTPConnectionHandler(shared: shared, client: ClientAddress(IPAddress(address))), loop: loop)
    let remote = try SocketAddress(ipAddress: address, port: 1)
    channel.remoteAddress = remote
    try channel.connect(to: remote).wait()
    _ = try say("EHLO c")
  }

  /// A new transaction; the answer to MAIL.
  func begin(from sender: String = "alice@example.org") throws -> String {
    _ = try say("RSET")
    return try say("MAIL FROM:<\(sender)>")
  }

  /// The last line of the answer.
  func say(_ line: String) throws -> String {
    try channel.writeInbound(ByteBuffer(string: line + "\r\n"))
    var text = ""
    while let buffer = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
    return text.split(separator: "\r\n").last.map(String.init) ?? ""
  }
}
