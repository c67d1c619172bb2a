import Bytes
import Foundation
import MailStore
import Mailboxes
import TestSupport
import Testing

@testable import Ingest

/// Mails that the door refuses fail alone.
@Suite struct ImporterRefusalTests {
  private func mail(_ number: Int) -> String {
    "Subject: Mail \(number)\nMessage-ID: <\(number)@example.com>\n\nThe word is token\(number).\n"
  }

  private func mbox(_ numbers: Range<Int>) -> String {
    numbers.map { MboxText.separator + mail($0) + "\n" }.joined()
  }

  /// Runs `body` with an engine on a fresh data directory and a directory to put mail into.
  private func withEngine(_ body: (TestEngine, String) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
      try FileManager.default.createDirectory(atPath: directory + "/mail", withIntermediateDirectories: true)
      try await TestEngine.open(directory + "/data") { try await body($0, directory + "/mail") }
    }
  }

  private func write(_ text: String, to path: String) throws {
    let directory = (path as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  private func makeMaildir(_ path: String) throws {
    for part in ["cur", "new"] {
      try FileManager.default.createDirectory(atPath: path + "/" + part, withIntermediateDirectories: true)
    }
  }

  private func expectRefused(_ result: ImportProgress, _ count: Int) {
    #expect(result.failed == count)
    #expect(result.failures.count == min(count, ImportProgress.maxFailures))
    for failure in result.failures {
      #expect(failure.hasPrefix("Mail ") && failure.contains("a folder's name is"), "\(failure)")
    }
  }

  @Test func `a folder's name with control characters fails its mails, the rest is imported`() async throws {
    try await withEngine { engine, directory in
      try write(mbox(0..<2), to: directory + "/line\nbreak.mbox")
      try write(mbox(2..<5), to: directory + "/Projects.mbox")
      let result = try await engine.importer().run(user: TestEngine.alice, paths: [directory], folder: nil) { _ in }
      #expect(result.imported == 3 && result.skipped == 0)
      expectRefused(result, 2)
      #expect(Set(result.failures.map { $0.prefix(7) }) == ["Mail 0:", "Mail 1:"])
      #expect(result.readByteCount == result.totalByteCount)
      #expect(try await engine.found("in:anywhere").count == 3)
      #expect(try await engine.mailboxes.folders(TestEngine.alice).count == 7)
    }
  }

  @Test func `a nested folder whose name is too long fails its mails, the rest is imported`() async throws {
    try await withEngine { engine, directory in
      let outer = String(repeating: "x", count: 150)
      try makeMaildir(directory + "/" + outer)
      try makeMaildir(directory + "/" + outer + "/." + outer)
      try write(mail(1), to: directory + "/" + outer + "/cur/1:2,S")
      try write(mail(2), to: directory + "/" + outer + "/." + outer + "/cur/2:2,S")
      let result = try await engine.importer().run(user: TestEngine.alice, paths: [directory], folder: nil) { _ in }
      #expect(result.imported == 1)
      expectRefused(result, 1)
      #expect(try await engine.found("in:\(outer)").map(\.row.summary.subject) == ["Mail 1"])
    }
  }

  @Test func `when every mail is refused the reasons told are bounded`() async throws {
    try await withEngine { engine, directory in
      try write(mbox(0..<30), to: directory + "/a.mbox")
      let name = String(repeating: "x", count: 300)
      let result = try await engine.importer().run(user: TestEngine.alice, paths: [directory], folder: name) { _ in }
      #expect(result.imported == 0)
      expectRefused(result, 30)
      let again = try await engine.importer().run(user: TestEngine.alice, paths: [directory], folder: "x") { _ in }
      #expect(again.imported == 30 && again.failed == 0)
    }
  }

  @Test func `an import for a user who is gone ends`() async throws {
    try await withEngine { engine, directory in
      try write(mbox(0..<3), to: directory + "/a.mbox")
      engine.accounts.remove(TestEngine.alice)
      let error = await #expect(throws: MailboxError.self) {
        try await engine.importer().run(user: TestEngine.alice, paths: [directory], folder: nil) { _ in }
      }
      #expect(error?.code == .notFound)
    }
  }
}
