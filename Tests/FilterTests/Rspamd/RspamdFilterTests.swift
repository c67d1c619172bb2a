import MailStore
import Testing

@testable import Filter

/// Against Debian's rspamd.
@Suite(.serialized, .timeLimit(.minutes(5))) struct RspamdFilterTests {
  private func scored(_ score: Int) -> [UInt8] { Mails.text("Hello", fields: "X-Test-Score: \(score)\r\n") }

  private func with<Result>(_ body: (RspamdFilter) async throws -> Result) async throws -> Result {
    try await RspamdServer.with { scanner, controller in
      var options = RspamdOptions()
      (options.endpoint, options.learningEndpoint) = (.unix(path: scanner), .unix(path: controller))
      options.password = "secret"
      let filter = RspamdFilter(options)
      do {
        let result = try await body(filter)
        await filter.shutdown()
        return result
      } catch {
        await filter.shutdown()
        throw error
      }
    }
  }

  @Test func `rspamd weighs mails, by the thresholds that it has, and knows the session`() async throws {
    try await with { filter in
      let good = try await filter.check(Mails.filtered(Mails.text("Hello"), user: "bob"))
      #expect(good.action == .deliver && good.reason.isEmpty)
      #expect(good.symbols.map(\.name).contains("TEST_ENVELOPE"))
      for (score, action) in [(5, FilterAction.defer), (7, .spam), (20, .quarantine)] {
        let finding = try await filter.check(Mails.filtered(scored(score), user: "bob"))
        #expect(finding.action == action)
        #expect(finding.score == Double(score))
        #expect(finding.symbols.contains(MailVerdict.Symbol(name: "TEST_SCORE", score: Double(score))))
        #expect(finding.headers == [FilterHeader(name: "X-Spam", value: "Yes")])
        #expect(finding.reason.contains("TEST_SCORE (\(score)) [asked]"))
      }
    }
  }

  @Test func `the envelope reaches rspamd's rules`() async throws {
    try await RspamdServer.with { scanner, _ in
      let client = RspamdClient()
      let headers = RspamdRequest.headers(Mails.filtered([], user: "bob"), password: nil)
      let answer = try await client.post("/checkv2", to: .unix(path: scanner), headers: headers, body: scored(1))
      let symbols = try RspamdAnswer(answer.body).symbols
      await client.shutdown()
      #expect(
        symbols.first { $0.name == "TEST_ENVELOPE" }?.options == [
          "from=alice@example.net", "recipients=2", "ip=192.0.2.7", "helo=mx.example.net", "user=bob", "queue=17",
        ])
    }
  }

  @Test func `reports are learned, those that it knows too, and what has too few words is no error`() async throws {
    try await with { filter in
      let words = (0..<40).map { "cheap\($0) pills\($0)" }.joined(separator: " ")
      try await filter.learn(Mails.text(words), as: .spam)
      try await filter.learn(Mails.text(words), as: .spam)
      try await filter.learn(
        Mails.text("Dear Bob, the harbour opens on Monday and closes on Friday, as always"), as: .ham)
      try await filter.learn(Mails.text("x"), as: .ham)
    }
  }

  @Test func `what is too large is not shown to it`() async throws {
    var options = RspamdOptions()
    (options.endpoint, options.maxByteCount) = (.unix(path: "/nowhere/rspamd"), 10)
    let filter = RspamdFilter(options)
    #expect(try await filter.check(Mails.filtered(scored(20))).symbols.map(\.name) == ["RSPAMD_TOO_LARGE"])
    try await filter.learn(scored(20), as: .spam)
    await filter.shutdown()
  }
}
