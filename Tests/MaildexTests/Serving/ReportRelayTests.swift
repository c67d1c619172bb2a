import Foundation
import TestSupport
import Testing

/// Reports to senders, with one server as the relay of another.
@Suite(.timeLimit(.minutes(60))) struct ReportRelayTests {
  @Test func `a sender elsewhere who asks for it hears by the relay that the mail was delivered`() async throws {
    try await withTemporaryDirectory { directory in
      let relayData = directory + "/relay"
      try await succeed(["user", "add", "sender@example.net", "--data", relayData])
      let relay = try await TestServer.start(relayData)
      try await withServer(environment: ["MAILDEX_BOUNCES_RELAY": relay.smtp]) { server in
        let (hello, answer) = try await Self.send(to: server.smtp)
        #expect(hello.contains("DSN") && answer.hasPrefix("250"), "\(hello) \(answer)")
        try await waitUntil { try await relay.total("from:mailer-daemon", as: "sender@example.net") == 1 }
        let found = try await relay.find("from:mailer-daemon", as: "sender@example.net")
        let id = try #require(found.first?.id)
        let raw = String(decoding: try await relay.received(id, as: "sender@example.net"), as: UTF8.self)
        #expect(raw.contains("Original-Envelope-Id: QQ314159\r\n") && raw.contains("Action: delivered\r\n"), "\(raw)")
        #expect(raw.contains("Original-Recipient: rfc822; A@example.org\r\n"), "\(raw)")
        try await waitUntil {
          let metrics = String(decoding: try await server.get("/metrics").body, as: UTF8.self)
          return metrics.contains("\nmaildex_reports_total{outcome=\"relay\"} 1\n")
            && metrics.contains("\nmaildex_reports_relayed_total{result=\"sent\"} 1\n")
            && metrics.contains("\nmaildex_reports_waiting 0\n")
        }
      }
      await relay.kill()
    }
  }

  @Test func `without a relay DSN is not announced`() async throws {
    try await withServer { server in
      let (hello, answer) = try await Self.send(to: server.smtp)
      #expect(!hello.contains("DSN") && answer.hasPrefix("250"))
      #expect(try await server.total("periwinkle") == 1)
    }
  }

  /// - Returns: the extensions, and the reply to the mail.
  private static func send(to address: String) async throws -> (hello: [String], answer: String) {
    try await Blocking.run {
      let connection = try Connection(to: address)
      func say(_ line: String) throws -> [String] {
        try connection.send(Array("\(line)\r\n".utf8))
        var lines: [String] = []
        repeat { lines.append(try connection.receiveLine()) } while lines.last?.dropFirst(3).first == "-"
        return lines
      }
      _ = try connection.receiveLine()
      let hello = try say("EHLO client.example.net").map { String($0.dropFirst(4)) }
      _ = try say("MAIL FROM:<sender@example.net> ENVID=QQ314159")
      _ = try say("RCPT TO:<alice@example.com> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;A@example.org")
      _ = try say("DATA")
      return (hello, try say("Subject: periwinkle\r\n\r\ntext\r\n.").last ?? "")
    }
  }
}
