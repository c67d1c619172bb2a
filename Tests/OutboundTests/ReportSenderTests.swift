import Bytes
import Foundation
import MailStore
import SMTP
import ServiceLifecycle
import TestSupport
import Testing

@testable import Outbound

@Suite(.timeLimit(.minutes(10))) struct ReportSenderTests {
  private final class Clock: WallClock {
    private let time = Locked<Int64>(1_000_000)

    func now() -> Timestamp { Timestamp(rawValue: time.withLock { $0 }) }
    func advance(by milliseconds: Int64) { time.withLock { $0 += milliseconds } }
  }

  private struct Scene {
    let outbox: ReportOutbox
    let clock: Clock
    let directory: String
    let threads: BlockingThreads

    func sender(_ send: @escaping ReportSender.Send) -> ReportSender {
      ReportSender(
        outbox: outbox, threads: threads, clock: clock, logger: TestRelay.logger, pause: { await Task.yield() },
        send: send)
    }
  }

  private func withOutbox(_ body: (Scene) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
      let accounts = try AccountStore(path: directory + "/control.sqlite")
      let threads = BlockingThreads(name: "test", threads: 1)
      defer {
        threads.close()
        accounts.close()
      }
      let outbox = try ReportOutbox(sharing: accounts)
      let clock = Clock()
      #expect(
        try outbox.add(
          name: "a@mx", recipient: "dan@example.net", needsUTF8: false, bytes: Array("text\r\n".utf8), at: clock.now()))
      try await body(Scene(outbox: outbox, clock: clock, directory: directory, threads: threads))
    }
  }

  @Test func `what the relay has taken is gone from the outbox`() async throws {
    try await withOutbox { scene throws in
      let sent = Locked<[SMTPClientSession.Mail]>([])
      let sender = scene.sender { mail in
        sent.withLock { $0.append(mail) }
        return .accepted
      }
      #expect(try await sender.sendNext())
      #expect(try await !sender.sendNext())
      #expect(sent.withLock { $0.map(\.recipient) } == ["dan@example.net"])
      #expect(scene.outbox.depth == 0 && sender.counts == [.sent: 1])
    }
  }

  @Test func `later means later, and longer each time, and not for ever`() async throws {
    try await withOutbox { scene throws in
      let sender = scene.sender { _ in .deferred("451 later") }
      #expect(try await sender.sendNext())
      #expect(try await !sender.sendNext())
      scene.clock.advance(by: 60_000)
      #expect(try await sender.sendNext())
      scene.clock.advance(by: 60_000)
      #expect(try await !sender.sendNext())
      var tries = 2
      while scene.outbox.depth > 0 {
        scene.clock.advance(by: 14_400_000)
        if try await sender.sendNext() { tries += 1 }
      }
      #expect(tries == ReportSender.maxTries && sender.counts == [.postponed: ReportSender.maxTries - 1, .givenUp: 1])
    }
  }

  @Test func `a refusal is the end`() async throws {
    try await withOutbox { scene throws in
      let sender = scene.sender { _ in .refused("550 no") }
      #expect(try await sender.sendNext())
      #expect(scene.outbox.depth == 0 && sender.counts == [.givenUp: 1])
    }
  }

  @Test func `delays double from a minute to four hours`() {
    #expect((0..<10).map { ReportSender.delay(after: $0) / 60_000 } == [1, 2, 4, 8, 16, 32, 64, 128, 240, 240])
    let total = (0..<ReportSender.maxTries - 1).map { ReportSender.delay(after: $0) }.reduce(0, +)
    #expect(total / 3_600_000 == 116)
  }

  /// Killed while the relay has the mail and the outbox has it still.
  @Test func `a crash after the relay took it sends it again under its name, and loses none`() async throws {
    try await withOutbox { scene throws in
      let copy = scene.directory + "/copy"
      let directory = scene.directory
      let sender = scene.sender { _ in
        try? FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        where name.hasPrefix("control") {
          try? FileManager.default.copyItem(atPath: directory + "/" + name, toPath: copy + "/" + name)
        }
        return .accepted
      }
      #expect(try await sender.sendNext())
      let accounts = try AccountStore(path: copy + "/control.sqlite")
      defer { accounts.close() }
      let again = try ReportOutbox(sharing: accounts)
      #expect(again.depth == 1)
      #expect(try again.next()?.name == "a@mx")
    }
  }

  @Test func `it works until it is stopped, with a real relay`() async throws {
    try await withOutbox { scene throws in
      try await TestRelay.withRelay { relay, port throws in
        let client = RelayClient(
          to: RelayAddress(host: "127.0.0.1", port: port, wantsTLS: true), hostName: "mx.example.com")
        let sender = scene.sender { await client.send($0) }
        let group = ServiceGroup(services: [sender], logger: TestRelay.logger)
        let running = Task { try await group.run() }
        while scene.outbox.depth > 0 { await Task.yield() }
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(relay.mails.map(\.content) == [Array("text\r\n".utf8)])
      }
    }
  }
}
