import Bytes
import Foundation
import MailStore
import Mailboxes
import TestSupport
import Testing

@testable import Ingest

struct ImporterTests {
  /// Runs `body` with an engine on a fresh data directory and a directory to put mail into.
  private func withEngine(_ body: (TestEngine, String) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
      let mail = directory + "/mail"
      try FileManager.default.createDirectory(atPath: mail, withIntermediateDirectories: true)
      try await TestEngine.open(directory + "/data") { try await body($0, mail) }
    }
  }

  private func write(_ text: String, to path: String) throws {
    let directory = (path as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  private func mail(_ number: Int, fields: String = "") -> String {
    fields + "Subject: Mail \(number)\nMessage-ID: <\(number)@example.com>\n\nThe word is token\(number).\n"
  }

  private func mbox(_ numbers: Range<Int>) -> String {
    numbers.map { MboxText.separator + mail($0) + "\n" }.joined()
  }

  @Test func `every mail is found once, and importing again adds nothing`() async throws {
    try await withEngine { engine, directory in
      try write(mbox(0..<150), to: directory + "/Inbox.mbox")
      try write(mbox(150..<300), to: directory + "/Projects.mbox")
      for expected in [(imported: 300, skipped: 0), (imported: 0, skipped: 300)] {
        let result = try await engine.importer().run(user: TestEngine.alice, paths: [directory], folder: nil) { _ in }
        #expect(result.imported == expected.imported)
        #expect(result.skipped == expected.skipped)
        #expect(result.failed == 0)
        #expect(result.readByteCount == result.totalByteCount)
        #expect(try await engine.found("in:anywhere").count == 300)
      }
      #expect(try await engine.found("token17").map(\.row.summary.subject) == ["Mail 17"])
      #expect(try await engine.found("in:inbox").count == 150)
      #expect(try await engine.found("in:Projects").count == 150)
      #expect(try await engine.found("in:anywhere", user: TestEngine.bob).isEmpty)
    }
  }

  @Test func `the same bytes twice in one import are one message`() async throws {
    try await withEngine { engine, directory in
      try write(mbox(0..<100), to: directory + "/Inbox.mbox")
      try write(mbox(0..<100), to: directory + "/All.mbox")
      let result = try await engine.importer().run(user: TestEngine.alice, paths: [directory], folder: nil) { _ in }
      #expect(result.imported == 100)
      #expect(result.skipped == 100)
      #expect(try await engine.found("in:anywhere").count == 100)
    }
  }

  @Test func `what was deleted for good can be imported again, what lies in the trash adds nothing`() async throws {
    try await withEngine { engine, directory in
      try write(mbox(0..<2), to: directory + "/Inbox.mbox")
      let importer = engine.importer()
      _ = try await importer.run(user: TestEngine.alice, paths: [directory], folder: nil) { _ in }
      let ids = try await engine.found("in:inbox").map(\.row.id)
      _ = try await engine.mailboxes.delete(TestEngine.alice, ids: [ids[0]], permanent: true)
      _ = try await engine.mailboxes.delete(TestEngine.alice, ids: [ids[1]], permanent: false)
      let again = try await importer.run(user: TestEngine.alice, paths: [directory], folder: nil) { _ in }
      #expect(again.imported == 1)
      #expect(again.skipped == 1)
      #expect(try await engine.found("in:anywhere").count == 2)
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5])
  func `cancelled at any moment, an import goes on where it was when it is run again`(seed: UInt64) async throws {
    try await withEngine { engine, directory in
      let count = 1_000
      try write(mbox(0..<count), to: directory + "/Inbox.mbox")
      var generator = SeededGenerator(seed: seed)
      let moment = Int.random(in: 0..<(count - Importer.maxInFlight), using: &generator)
      let first = Task {
        try await engine.importer().run(user: TestEngine.alice, paths: [directory], folder: nil) { progress in
          if progress.imported >= moment { withUnsafeCurrentTask { $0?.cancel() } }
        }
      }
      await #expect(throws: CancellationError.self, "seed \(seed), after \(moment)") { try await first.value }
      let kept = try engine.mailboxes.counts(of: TestEngine.alice).messages
      #expect(kept >= moment && kept < count, "seed \(seed), after \(moment)")
      let second = try await engine.importer().run(user: TestEngine.alice, paths: [directory], folder: nil) { _ in }
      #expect(second.skipped == kept)
      #expect(second.imported == count - kept)
      #expect(try engine.mailboxes.counts(of: TestEngine.alice).messages == count)
    }
  }

  @Test func `failures are counted and told, the rest is imported`() async throws {
    try await withEngine { engine, directory in
      try write(mbox(0..<3), to: directory + "/a.mbox")
      try write(
        MboxText.separator + mail(9) + String(repeating: "x", count: 5_000) + "\n\n" + mbox(3..<5),
        to: directory + "/b.mbox")
      try write("not zstd", to: directory + "/c.mbox.zst")
      try write("", to: directory + "/d.eml")
      let importer = engine.importer(maxByteCount: 2_000)
      let result = try await importer.run(user: TestEngine.alice, paths: [directory], folder: nil) { _ in }
      #expect(result.imported == 5)
      #expect(result.failed == 3)
      #expect(result.failures.count == 3)
      for name in ["b.mbox", "c.mbox.zst", "d.eml"] {
        #expect(result.failures.contains { $0.contains("/\(name): ") }, "\(result.failures)")
      }
    }
  }

  @Test func `marks become flags, labels and folders`() async throws {
    try await withEngine { engine, directory in
      let mails = [
        mail(1, fields: "Status: RO\nX-Status: AF\n"), mail(2),
        mail(3, fields: "X-Gmail-Labels: Trash,Starred,\"Bills, paid\"\n"),
      ]
      try write(mails.map { MboxText.separator + $0 + "\n" }.joined(), to: directory + "/Old.mbox")
      _ = try await engine.importer().run(user: TestEngine.alice, paths: [directory], folder: nil) { _ in }
      let first = try #require(try await engine.found("token1").first)
      #expect(first.row.flags == [.read, .starred, .replied])
      #expect(first.folder.name == "Old")
      let second = try #require(try await engine.found("token2").first)
      #expect(second.row.flags == [])
      let third = try #require(try await engine.found("token3 in:trash").first)
      #expect(third.row.flags == [.read, .starred])
      #expect(third.row.labels == ["Bills, paid"])
      #expect(third.folder.role == .trash)
    }
  }

  @Test func `a Maildir's names go before marks in the header`() async throws {
    try await withEngine { engine, directory in
      for part in ["cur", "new"] {
        try FileManager.default.createDirectory(atPath: directory + "/M/" + part, withIntermediateDirectories: true)
      }
      try write(mail(1, fields: "Status: O\n"), to: directory + "/M/cur/1:2,S")
      try write(mail(2, fields: "Status: RO\nX-Status: F\n"), to: directory + "/M/new/2")
      _ = try await engine.importer().run(user: TestEngine.alice, paths: [directory + "/M"], folder: nil) { _ in }
      #expect(try await engine.found("token1 in:inbox is:read").count == 1)
      #expect(try await engine.found("token2 in:inbox is:unread -is:starred").count == 1)
    }
  }

  @Test func `a mail's time is its topmost Received, else its Date, else its separator`() async throws {
    try await withEngine { engine, directory in
      let received = "Received: by a; Mon, 1 Jan 2024 00:00:00 +0000\nReceived: by b; Sun, 31 Dec 2023 00:00:00 +0000\n"
      let dated = "Date: Tue, 2 Jan 2024 00:00:00 +0000\n"
      let mails = [mail(1, fields: received + dated), mail(2, fields: dated), mail(3)]
      try write(mails.map { MboxText.separator + $0 + "\n" }.joined(), to: directory + "/Inbox.mbox")
      _ = try await engine.importer().run(user: TestEngine.alice, paths: [directory], folder: nil) { _ in }
      let times = try await engine.found("in:inbox").map { $0.row.receivedAt.rawValue / 1_000 }
      #expect(times == [1_795_472_401, 1_704_153_600, 1_704_067_200])
    }
  }

  @Test func `the original comes back byte for byte`() async throws {
    try await withEngine { engine, directory in
      let bytes = Array(mail(1).utf8) + [0x00, 0xFF, 0x0D, 0x0A, 0x0D] + Array(repeating: 0x41, count: 40_000)
      try Data(bytes).write(to: URL(fileURLWithPath: directory + "/a.eml"))
      _ = try await engine.importer().run(user: TestEngine.alice, paths: [directory + "/a.eml"], folder: nil) { _ in }
      let row = try #require(try await engine.found("token1").first).row
      #expect(try await engine.mailboxes.original(of: row) == bytes)
      #expect(row.size == UInt64(bytes.count))
    }
  }

  @Test func `what was imported is there after a kill`() async throws {
    try await withTemporaryDirectory { directory in
      try write(mbox(0..<100), to: directory + "/Inbox.mbox")
      try await TestEngine.open(directory + "/data") { engine in
        _ = try await engine.importer().run(user: TestEngine.alice, paths: [directory + "/Inbox.mbox"], folder: nil) {
          _ in
        }
        try engine.copyAsAfterKill(to: directory + "/killed")
      }
      try await TestEngine.open(directory + "/killed") { engine in
        #expect(try await engine.found("in:anywhere").count == 100)
        let again = try await engine.importer().run(
          user: TestEngine.alice, paths: [directory + "/Inbox.mbox"], folder: nil
        ) { _ in }
        #expect(again.skipped == 100)
      }
    }
  }
}
