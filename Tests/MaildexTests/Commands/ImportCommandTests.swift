import Bytes
import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(60))) struct ImportCommandTests {
  /// What the last line says, but for the seconds.
  private func counts(_ arguments: [String], data: String, user: String = "alice@example.com") async throws -> String {
    let result = try await succeed(["import", "--user", user, "--data", data] + arguments)
    let line = try #require(
      result.outputLines.last?.wholeMatch(of: /(imported=\d+ skipped=\d+ failed=\d+) seconds=\d+\.\d+/), "\(result)")
    return String(line.1)
  }

  private func folders(_ data: String) async throws -> [String] {
    let lines = try await succeed(["stats", "--user", "alice@example.com", "--data", data]).outputLines
    return lines.filter { $0.hasPrefix("folder=") && !$0.contains(" total=0 ") }.sorted()
  }

  @Test func `mbox, compressed mbox, Maildir and single mails are imported, and again add nothing`() async throws {
    try await withServer { server in
      let data = server.data
      let files = data + "-files"
      let mbox = mail(subject: "Box", text: "reef") + Array("\r\n".utf8)
      let separator = Array("From dan@example.net Thu Jan  2 03:04:05 2025\r\n".utf8)
      let second = mail(subject: "Box 2", text: "lagoon") + Array("\r\n".utf8)
      try write(separator + mbox + separator + second, to: files + "/Travel.mbox")
      let packed = separator + mail(subject: "Packed", text: "atoll")
      try write(Zstd.compress(packed), to: files + "/Archive.mbox.zst")
      try write(mail(subject: "New", text: "shoal"), to: files + "/maildir/new/1.a.host")
      try write(mail(subject: "Read", text: "strait"), to: files + "/maildir/cur/2.b.host:2,S")
      try write([], to: files + "/maildir/tmp/unfinished")
      try write(mail(subject: "Alone", text: "inlet"), to: files + "/alone.eml")

      let paths = ["/Travel.mbox", "/Archive.mbox.zst", "/maildir", "/alone.eml"].map { files + $0 }
      #expect(try await counts(paths, data: data) == "imported=6 skipped=0 failed=0")
      #expect(try await counts(paths, data: data) == "imported=0 skipped=6 failed=0")
      #expect(
        try await folders(data) == [
          "folder=Archive total=1 unread=1", "folder=Inbox total=3 unread=2", "folder=Travel total=2 unread=2",
        ])
      let found = try await succeed(["search", "--user", "alice@example.com", "--data", data, "reef OR atoll OR inlet"])
      #expect(found.outputLines.last == "total=3 shown=3")
    }
  }

  @Test func `into a folder that is named, without a server`() async throws {
    try await withMailbox { data in
      let file = data + "-one.eml"
      try write(mail(subject: "Alone", text: "inlet"), to: file)
      #expect(try await counts(["--folder", "Old mail", file], data: data) == "imported=1 skipped=0 failed=0")
      #expect(try await folders(data) == ["folder=Old mail total=1 unread=1"])
    }
  }

  @Test func `a mail over the limit fails by name, and those around it are imported`() async throws {
    try await withMailbox { data in
      try write(mail(subject: "Large", text: String(repeating: "word ", count: 1_000)), to: data + "-mails/large.eml")
      try write(mail(subject: "Small", text: "word"), to: data + "-mails/small.eml")
      let result = try await MaildexProcess.run(
        ["import", "--user", "alice@example.com", "--data", data, data + "-mails"],
        environment: ["MAILDEX_SMTP_MAX_MESSAGE_SIZE": "2048"])
      #expect(result.status == 1, "\(result)")
      #expect(result.output.hasPrefix("imported=1 skipped=0 failed=1 seconds="))
      #expect(result.errorLines.count == 2 && result.errors.contains("large.eml"), "\(result)")
    }
  }

  @Test func `what is not there, or an unknown user, is refused in one line`() async throws {
    try await withServer { server in
      let data = server.data
      let missing = data + "-nowhere.mbox"
      let line = try await fail(["import", "--user", "alice@example.com", "--data", data, missing])
      #expect(line.contains(missing))
      let stranger = try await fail(["import", "--user", "carol@example.com", "--data", data, missing])
      #expect(stranger.contains("add one with 'maildex user add carol@example.com'"))
    }
  }
}

/// Makes the file and the directories above it.
func write(_ bytes: [UInt8], to path: String) throws {
  let url = URL(fileURLWithPath: path)
  try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
  try Data(bytes).write(to: url)
}
