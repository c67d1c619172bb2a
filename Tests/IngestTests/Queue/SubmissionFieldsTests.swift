import Bytes
import MailStore
import Mailboxes
import TestSupport
import Testing

@testable import Ingest

/// What a submitted mail is given where it lacks it (RFC 6409 §8).
struct SubmissionFieldsTests {
  private let bare = "Subject: Tides\r\n\r\nThe word is periwinkle.\r\n"
  private let date = "Date: Tue, 24 Nov 2026 00:00:01 +0000"

  @Test(arguments: ["ESMTPSA", "UTF8SMTPSA"])
  func `date and identifier stand behind the trace, and the mail as it came behind them`(protocolName: String)
    async throws
  {
    try await delivered(bare, by: protocolName) { engine, message, raw in
      let id = try #require(message.row.summary.messageID)
      #expect(id.wholeMatch(of: /1795478401000\.\d+@mx\.example\.com/) != nil, "\(id)")
      #expect(raw.hasSuffix(" +0000\r\n\(date)\r\nMessage-ID: <\(id)>\r\n\(bare)"), "\(raw)")
      #expect(message.row.summary.date == Timestamp(rawValue: 1_795_478_401_000))
      #expect(message.row.size == UInt64(raw.utf8.count))
      #expect(try await engine.found("rfc822msgid:\(id)").count == 1)
      #expect(try await engine.found("header:date:2026").count == 1)
      for isFromSource in [false, true] {
        _ = try await Reindexer(
          mailboxes: engine.mailboxes, extractor: engine.extractor, threads: engine.threads, isBusy: { false },
          pause: {}
        ).run(user: nil, jobs: 1, isFromSource: isFromSource) { _ in }
        #expect(try await engine.found("rfc822msgid:\(id)").count == 1, "from source: \(isFromSource)")
      }
    }
  }

  @Test func `an answer to a mail without an identifier joins its thread`() async throws {
    try await delivered(bare, by: "ESMTPSA") { engine, message, _ in
      let id = try #require(message.row.summary.messageID)
      let answer = "Subject: quite another\r\nMessage-ID: <2@example.net>\r\nIn-Reply-To: <\(id)>\r\n\r\nmarmalade\r\n"
      try await engine.accept(Array(answer.utf8), for: TestEngine.alice)
      try await engine.drain([TestEngine.alice])
      #expect(try await engine.found("marmalade").first?.row.thread == message.row.thread)
    }
  }

  @Test(arguments: [
    ("date: nonsense\r\nMESSAGE-ID: <\r\n", ""),
    ("Date: Mon, 02 Jan 2023 10:11:12 +0100\r\nMessage-Id: <1@example.com>\r\n", ""),
    ("Message-ID: <1@example.com>\r\n", "Date: Tue, 24 Nov 2026 00:00:01 +0000\r\n"),
  ])
  func `what is there is left as it is, however it is written`(fields: String, added: String) async throws {
    try await delivered(fields + bare, by: "ESMTPSA") { _, message, raw in
      #expect(raw.contains("; Tue, 24 Nov 2026 00:00:01 +0000\r\n\(added)\(fields)Subject:"), "\(raw)")
    }
  }

  @Test(arguments: ["ESMTP", "ESMTPS", "SMTP", "LMTP", "UTF8SMTPS"])
  func `mail of other servers gets nothing`(protocolName: String) async throws {
    try await delivered(bare, by: protocolName) { _, message, raw in
      #expect(raw.hasSuffix("; Tue, 24 Nov 2026 00:00:01 +0000\r\n\(bare)"))
      #expect(message.row.summary.messageID == nil && message.row.summary.date == nil)
    }
  }

  private func delivered(
    _ mail: String, by protocolName: String,
    _ body: (TestEngine, NamedMessage, _ raw: String) async throws -> Void
  ) async throws {
    try await withTemporaryDirectory { directory in
      try await TestEngine.open(directory + "/data") { engine in
        let envelope = InboundEnvelope(
          receivedAt: Timestamp(rawValue: 1_795_478_401_000), clientAddress: "192.0.2.1", heloName: "laptop",
          protocolName: protocolName, reversePath: "bob@example.com",
          recipients: [InboundRecipient(address: "u1@example.com", user: TestEngine.alice)], needsUTF8: false,
          is8Bit: false)
        _ = try await engine.queue.accept(envelope, .inline(Array(mail.utf8)))
        try await engine.drain([TestEngine.alice])
        let message = try #require(try await engine.found("periwinkle").first)
        try await body(
          engine, message, String(decoding: try await engine.mailboxes.original(of: message.row), as: UTF8.self))
      }
    }
  }
}
