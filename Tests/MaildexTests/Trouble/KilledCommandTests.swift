import Foundation
import Testing

/// kill -9 in the middle of a long command: what is seen of its work from outside says when.
@Suite(.timeLimit(.minutes(60))) struct KilledCommandTests {
  private static let user = ["--user", "alice@example.com"]

  @Test func `an import that is killed loses and doubles nothing when it is run again`() async throws {
    try await withMailbox { data in
      let command = try importCommand(data, count: 2_000)
      let process = try MaildexProcess(command)
      try await waitUntil { try journals(of: data, hold: "Serial 99") }
      process.send(SIGKILL)
      #expect(await process.result().status == SIGKILL)
      try await expectWholeAfterRunningAgain(command, data, count: 2_000)
    }
  }

  @Test func `an import whose server is killed says so, and goes on when it is run again`() async throws {
    try await withServer { server in
      let command = try importCommand(server.data, count: 2_000)
      let process = try MaildexProcess(command)
      try await waitUntil { try journals(of: server.data, hold: "Serial 99") }
      await server.kill()
      let result = await process.result()
      #expect(result.status == 1 && result.errorLines.count == 1, "\(result)")
      #expect(result.errors.contains("run it again to resume"), "\(result)")
      try await expectWholeAfterRunningAgain(command, server.data, count: 2_000)
    }
  }

  @Test(arguments: [false, true])
  func `a reindex that is killed leaves the index as it was, and is done when it is run again`(
    isServing: Bool
  ) async throws {
    try await withServer { server in
      let data = ["--data", server.data]
      let count = 2_000
      try await succeed(try importCommand(server.data, count: count))
      #expect(await server.stop().status == 0)
      let before = try indexFiles(server.data)
      #expect(!before.isEmpty)

      let second = isServing ? try await TestServer.start(server.data) : nil
      let process = try MaildexProcess(["reindex", "--all", "--from-source"] + data)
      try await waitUntil { !((try? indexFiles(server.data)) ?? before).isSubset(of: before) }
      if let second { await second.kill() } else { process.send(SIGKILL) }
      #expect(await process.result().status == (isServing ? 1 : SIGKILL))

      let third = try await TestServer.start(server.data)
      #expect(try await third.total("halyard") == count)
      let last = try await succeed(["reindex", "--all", "--from-source"] + data).outputLines.last ?? ""
      #expect(last.hasPrefix("reindexed=\(count) users=1 "), "\(last)")
      #expect(try await third.total("halyard") == count)
      try await succeed(["verify"] + data)
      #expect(await third.stop().status == 0)
    }
  }

  private func importCommand(_ data: String, count: Int) throws -> [String] {
    var mbox: [UInt8] = []
    for number in 0..<count {
      mbox += Array("From dan@example.net Thu Jan  2 03:04:05 2025\n".utf8)
      mbox += mail(subject: "Serial \(number)", text: "halyard number\(number)") + Array("\n".utf8)
    }
    try write(mbox, to: data + "-old.mbox")
    return ["import"] + Self.user + ["--data", data, "--folder", "Old", data + "-old.mbox"]
  }

  /// Beside a server, which reads what the kill left only once.
  private func expectWholeAfterRunningAgain(_ command: [String], _ data: String, count: Int) async throws {
    let server = try await TestServer.start(data)
    let last = try await succeed(command).outputLines.last ?? ""
    let counts = try #require(last.firstMatch(of: /imported=(\d+) skipped=(\d+) failed=0/), "\(last)")
    let imported = try #require(Int(counts.1))
    let skipped = try #require(Int(counts.2))
    #expect(imported + skipped == count && imported > 0 && skipped > 0, "\(last)")
    let stats = try await succeed(["stats"] + Self.user + ["--data", data]).outputLines
    #expect(stats.contains("folder=Old total=\(count) unread=\(count)"), "\(stats)")
    #expect(try await server.total("halyard") == count)
    try await succeed(["verify", "--data", data])
    #expect(await server.stop().status == 0)
  }

  /// The files of all shards' indexes, manifests and all.
  private func indexFiles(_ data: String) throws -> Set<String> {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: data + "/shards")
    return Set(paths.filter { $0.contains("/index/") })
  }

  /// Whether a change with this text has been written; what was written before it is durable or about to be.
  private func journals(of data: String, hold text: String) throws -> Bool {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: data + "/shards")
    return try paths.filter { $0.contains("/journal/") }.contains { path in
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: data + "/shards/" + path))
      return try file.read(upToCount: 1 << 20)?.range(of: Data(text.utf8)) != nil
    }
  }
}
