import Bytes
import Index
import MailStore
import Mailboxes
import TestSupport
import Testing

@testable import Ingest

struct QueueWorkersTests {
  private let mail = "Subject: Tides\r\nMessage-ID: <1@example.com>\r\n\r\nThe word is periwinkle.\r\n"

  @Test func `a mail is delivered to each of its recipients with trace fields`() async throws {
    try await withTemporaryDirectory { directory in
      try await TestEngine.open(directory + "/data") { engine in
        try await engine.accept(Array(mail.utf8), for: TestEngine.alice, TestEngine.bob)
        try await engine.drain()
        for user in [TestEngine.alice, TestEngine.bob] {
          let message = try #require(try await engine.found("periwinkle", user: user).first)
          #expect(message.folder.role == .inbox)
          let raw = String(decoding: try await engine.mailboxes.original(of: message.row), as: UTF8.self)
          #expect(raw.hasPrefix("Return-Path: <dan@example.net>\r\nReceived: from mail.example.net"))
          #expect(raw.hasSuffix("\r\n" + mail))
          #expect(!raw.contains("u1@") && !raw.contains("u2@"), "a recipient is named to another")
          #expect(message.row.size == UInt64(raw.utf8.count))
        }
      }
    }
  }

  @Test func `only a lone recipient is named in Received`() async throws {
    try await withTemporaryDirectory { directory in
      try await TestEngine.open(directory + "/data") { engine in
        try await engine.accept(Array(mail.utf8), for: TestEngine.alice)
        try await engine.drain()
        let row = try #require(try await engine.found("periwinkle").first).row
        let raw = String(decoding: try await engine.mailboxes.original(of: row), as: UTF8.self)
        #expect(raw.contains("for <u1@example.com>"))
      }
    }
  }

  @Test func `the same mail sent twice arrives twice`() async throws {
    try await withTemporaryDirectory { directory in
      try await TestEngine.open(directory + "/data") { engine in
        for _ in 0..<2 { try await engine.accept(Array(mail.utf8), for: TestEngine.alice) }
        try await engine.drain()
        #expect(try await engine.found("periwinkle").count == 2)
      }
    }
  }

  @Test func `many mails at once each arrive once`() async throws {
    try await withTemporaryDirectory { directory in
      try await TestEngine.open(directory + "/data") { engine in
        for number in 0..<300 {
          let content = Array((mail + "token\(number)\r\n").utf8)
          try await engine.accept(content, for: TestEngine.alice, TestEngine.bob)
        }
        try await engine.drain(workers: 8)
        for user in [TestEngine.alice, TestEngine.bob] {
          #expect(try await engine.found("periwinkle", user: user).count == 300)
          #expect(try await engine.found("token123", user: user).count == 1)
        }
        #expect(engine.queue.depth() == 0)
      }
    }
  }

  /// How far a worker came before its process was killed.
  enum Progress: CaseIterable {
    case accepted, leased, committedForOne, committedForAll, deletedByOne, finished
  }

  @Test(arguments: Progress.allCases)
  func `killed at any step, a mail is delivered once to each recipient`(progress: Progress) async throws {
    try await withTemporaryDirectory { directory in
      try await TestEngine.open(directory + "/data") { engine in
        try await engine.accept(Array(mail.utf8), for: TestEngine.alice, TestEngine.bob)
        try await work(engine, until: progress)
        try engine.copyAsAfterKill(to: directory + "/killed")
      }
      for _ in 0..<2 {
        try await TestEngine.open(directory + "/killed") { engine in
          try await engine.drain()
          let hasAlice = progress != .deletedByOne
          #expect(try await engine.found("periwinkle in:anywhere").count == (hasAlice ? 1 : 0))
          #expect(try await engine.found("periwinkle in:anywhere", user: TestEngine.bob).count == 1)
          #expect(engine.queue.depth() == 0)
        }
      }
    }
  }

  /// Does by hand what a worker does, up to a step.
  private func work(_ engine: TestEngine, until progress: Progress) async throws {
    guard progress != .accepted else { return }
    let lease = try #require(await engine.queue.lease())
    guard progress != .leased else { return }
    let bytes = try await engine.queue.content(of: lease)
    let extracted = engine.extractor.extract(bytes)
    let message = NewMessage(
      destination: .role(.inbox), flags: [], labels: [], receivedAt: lease.envelope.receivedAt,
      size: UInt64(bytes.count),
      original: try #require(engine.queue.reference(of: lease)), trace: "", contentHash: extracted.contentHash,
      summary: extracted.summary, inReplyTo: [], references: [], record: extracted.record, queueItem: lease.id,
      skipsKnownContent: false)
    let outcome = try await engine.mailboxes.deliver(message, to: TestEngine.alice)
    guard case .stored(let id, _) = outcome else {
      Issue.record("the first delivery answers \(outcome)")
      return
    }
    guard progress != .committedForOne else { return }
    _ = try await engine.mailboxes.deliver(message, to: TestEngine.bob)
    if progress == .deletedByOne {
      _ = try await engine.mailboxes.delete(TestEngine.alice, ids: [id], permanent: true)
    }
    if progress == .finished { await engine.queue.finish(lease) }
  }
}
