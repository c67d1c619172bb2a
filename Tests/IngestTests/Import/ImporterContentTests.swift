import Bytes
import Foundation
import MailStore
import Mailboxes
import TestSupport
import Testing

@testable import Ingest

/// An import knows mail by its bytes; their hash only leads to those that may be the same.
@Suite struct ImporterContentTests {
  private let mail = Array("Subject: Tides\nMessage-ID: <1@example.com>\n\nThe word is periwinkle.\n".utf8)
  private let other = Array("Subject: Impostor\nMessage-ID: <2@example.com>\n\nThe word is limpet.\n".utf8)

  /// Runs `body` with an engine, and the path of a file that holds the mail.
  private func withMail(_ body: (TestEngine, String) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
      try Data(mail).write(to: URL(fileURLWithPath: directory + "/a.eml"))
      try await TestEngine.open(directory + "/data") { try await body($0, directory + "/a.eml") }
    }
  }

  /// Delivers the other mail with the content hash of the mail to import.
  private func deliverImpostor(_ engine: TestEngine, original: BlobReference) async throws {
    let extracted = engine.extractor.extract(other)
    let message = NewMessage(
      destination: .role(.inbox), flags: [], labels: [], receivedAt: Timestamp(rawValue: 1_795_472_401_000),
      size: UInt64(other.count), original: original, trace: "", contentHash: MailExtractor.contentHash(of: mail),
      summary: extracted.summary, inReplyTo: [], references: [], record: extracted.record, queueItem: nil,
      skipsKnownContent: false)
    guard case .stored = try await engine.mailboxes.deliver(message, to: TestEngine.alice) else {
      Issue.record("the impostor was not stored")
      return
    }
  }

  private func importMail(_ engine: TestEngine, _ path: String) async throws -> [Int] {
    let result = try await engine.importer().run(user: TestEngine.alice, paths: [path], folder: nil) { _ in }
    #expect(result.failures == [])
    return [result.imported, result.skipped]
  }

  @Test func `a mail whose hash is known and whose bytes are not is imported, and known from then on`() async throws {
    try await withMail { engine, path in
      try await deliverImpostor(engine, original: try await engine.originals.store(other))
      #expect(try await importMail(engine, path) == [1, 0])
      #expect(try await engine.found("periwinkle").count == 1)
      #expect(try await engine.found("limpet").count == 1)
      #expect(try await importMail(engine, path) == [0, 1])
      #expect(try await engine.found("in:anywhere").count == 2)
    }
  }

  enum Loss: CaseIterable {
    case missing, damaged
  }

  @Test(arguments: Loss.allCases)
  func `a known mail whose original is lost counts as the same`(loss: Loss) async throws {
    try await withMail { engine, path in
      let stored = try await engine.originals.store(other)
      let lost =
        switch loss {
        case .missing: BlobReference(pack: 99, offset: 4_096, byteCount: 100)
        // In the middle of a frame no frame begins.
        case .damaged: BlobReference(pack: stored.pack, offset: stored.offset + 8, byteCount: stored.byteCount - 8)
        }
      try await deliverImpostor(engine, original: lost)
      #expect(try await importMail(engine, path) == [0, 1])
      #expect(try await engine.found("in:anywhere").map(\.row.summary.subject) == ["Impostor"])
    }
  }

  @Test func `what one user has is imported for another`() async throws {
    try await withMail { engine, path in
      #expect(try await importMail(engine, path) == [1, 0])
      let result = try await engine.importer().run(user: TestEngine.bob, paths: [path], folder: nil) { _ in }
      #expect(result.imported == 1)
    }
  }
}
