import Bytes
import Foundation
import MailStore
import SMTP
import TestSupport
import Testing

@testable import Receipt

/// Greylisting over real sockets, through a proxy on this machine, for this machine itself is never put off.
@Suite(.timeLimit(.minutes(30)))
struct GreylistTests {
  private static let putOff = "451 4.7.1 greylisted: you are new here, come back in a while"
  private static let taken = "250 2.1.5 recipient OK"
  private let clock = SteppedClock()

  @Test func `a stranger is put off, comes back, and stays known over a restart`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/greylist.sqlite"
      let policy = greylisting()
      let first = try Greylist(path: path, policy: policy, clock: clock, logger: .forTests)
      #expect(!FileManager.default.fileExists(atPath: path))
      try await withListener(try proxied(), receiver: MemoryReceiver(), policy: policy, greylist: first) {
        server async throws in
        #expect(try await rcpt(server, from: "192.0.2.7") == Self.putOff)
        clock.advance(seconds: 59)
        #expect(try await rcpt(server, from: "192.0.2.8") == Self.putOff, "another of its network")
        #expect(try await rcpt(server, from: "192.0.3.8") == Self.putOff)
        #expect(server.listener.refusals.counts[.greylisted] == 3)
      }
      await first.write()
      clock.advance(seconds: 1)
      let second = try Greylist(path: path, policy: policy, clock: clock, logger: .forTests)
      #expect(second.count == 2)
      try await withListener(try proxied(), receiver: MemoryReceiver(), policy: policy, greylist: second) {
        server async throws in
        #expect(try await rcpt(server, from: "192.0.2.9") == Self.taken)
        #expect(try await rcpt(server, from: "192.0.3.9") == Self.putOff)
        #expect(
          try await rcpt(server, from: "192.0.2.9", sender: "Dan@Example.NET", to: "BOB@example.com") == Self.taken)
        #expect(try await rcpt(server, from: "192.0.2.9", sender: "eve@example.net") == Self.putOff)
        #expect(try await rcpt(server, from: "192.0.2.9", to: "carol@example.com") == Self.putOff)
        #expect(try await rcpt(server, from: "192.0.2.9", to: "nobody@example.com").hasPrefix("550 5.1.1"))
      }
    }
  }

  @Test func `servers of one IPv6 site are one`() async throws {
    try await withGreylist { greylist, policy in
      try await withListener(try proxied(), receiver: MemoryReceiver(), policy: policy, greylist: greylist) {
        server async throws in
        #expect(try await rcpt(server, from: "2001:db8::1") == Self.putOff)
        clock.advance(seconds: 60)
        #expect(try await rcpt(server, from: "2001:db8::9:2") == Self.taken)
        #expect(try await rcpt(server, from: "2001:db8:0:1::1") == Self.putOff)
      }
    }
  }

  @Test func `this machine, trusted networks and LMTP are never put off, nor anybody where it is off`() async throws {
    try await withGreylist { greylist, current in
      for speech in [Door.Speech.smtp, .lmtp] {
        try await withListener(
          try proxied(speech), receiver: MemoryReceiver(), policy: current, greylist: greylist
        ) { server async throws in
          #expect(try await rcpt(server, from: "127.0.0.1") == Self.taken)
          if speech == .lmtp { #expect(try await rcpt(server, from: "192.0.2.7", hello: "LHLO c") == Self.taken) }
        }
      }
      #expect(greylist.count == 0)
      var policy = current.value
      policy.networks = NetworkPolicy(allowed: [try Network("192.0.2.0/24")])
      current.replace(with: policy)
      try await withListener(try proxied(), receiver: MemoryReceiver(), policy: current, greylist: greylist) {
        server async throws in
        #expect(try await rcpt(server, from: "192.0.2.7") == Self.taken)
        #expect(try await rcpt(server, from: "198.51.100.7") == Self.putOff)
        var off = current.value
        off.greylisting.isEnabled = false
        current.replace(with: off)
        #expect(try await rcpt(server, from: "198.51.100.8", sender: "new@example.net") == Self.taken)
      }
    }
  }

  @Test func `a hundred strangers' recipients end no session`() async throws {
    try await withGreylist { greylist, policy in
      try await withListener(try proxied(), receiver: MemoryReceiver(), policy: policy, greylist: greylist) {
        server async throws in
        let client = try await connected(server, from: "192.0.2.7")
        _ = try await client.say("EHLO c", "MAIL FROM:<>")
        for number in 0..<150 { #expect(try await client.say("RCPT TO:<user\(number)@example.com>") == [Self.putOff]) }
        #expect(try await client.say("RSET", "MAIL FROM:<>").last == "250 2.1.0 sender OK")
      }
    }
  }

  @Test func `a damaged file is begun anew, and one that cannot be written changes no answer`() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/greylist.sqlite"
      try Data(repeating: 7, count: 5_000).write(to: URL(fileURLWithPath: path))
      let policy = greylisting()
      let greylist = try Greylist(path: path, policy: policy, clock: clock, logger: .forTests)
      let client = try #require(IPAddress("192.0.2.7"))
      #expect(!greylist.takes("", "alice@example.com", from: client, by: policy.value.greylisting))
      await greylist.write()
      #expect(try Greylist(path: path, policy: policy, clock: clock, logger: .forTests).count == 1)
      let nowhere = try Greylist(path: directory + "/no/file", policy: policy, clock: clock, logger: .forTests)
      #expect(!nowhere.takes("", "alice@example.com", from: client, by: policy.value.greylisting))
      await nowhere.write()
      clock.advance(seconds: 60)
      #expect(nowhere.takes("", "alice@example.com", from: client, by: policy.value.greylisting))
    }
  }

  // MARK: - Support

  private func greylisting() -> CurrentPolicy {
    CurrentPolicy(ReceiptPolicy(greylisting: GreylistPolicy(isEnabled: true)))
  }

  private func withGreylist(_ body: (Greylist, CurrentPolicy) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
      let policy = greylisting()
      let path = directory + "/greylist.sqlite"
      try await body(try Greylist(path: path, policy: policy, clock: clock, logger: .forTests), policy)
    }
  }

  private func proxied(_ speech: Door.Speech = .smtp) throws -> ReceiptConfiguration {
    var configuration = ReceiptConfiguration.forTests
    configuration.doors = [Door(Door.forTests.address, speech)]
    configuration.proxies = [try Network("127.0.0.0/8")]
    return configuration
  }

  private func connected(_ server: RunningListener, from address: String) async throws -> TestClient {
    try await TestClient.proxied(port: server.listener.port(), from: address)
  }

  /// The answer to a recipient, in a connection of its own.
  private func rcpt(
    _ server: RunningListener, from address: String, sender: String = "dan@example.net", to: String = "bob@example.com",
    hello: String? = nil
  ) async throws -> String {
    let client = try await connected(server, from: address)
    let isLMTP = try await client.say("LHLO c")[0].hasPrefix("250")
    if !isLMTP { _ = try await client.say(hello ?? "EHLO c") }
    let answer = try await client.say("MAIL FROM:<\(sender)>", "RCPT TO:<\(to)>")[1]
    try await client.close()
    return answer
  }
}

/// The time of day, as a test says.
final class SteppedClock: WallClock {
  private let time = Locked(Int64(1_767_348_672_000))
  func now() -> Timestamp { Timestamp(rawValue: time.withLock { $0 }) }
  func advance(seconds: Int64) { time.withLock { $0 += seconds * 1_000 } }
}
