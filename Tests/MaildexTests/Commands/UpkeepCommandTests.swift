import Foundation
import Testing

@Suite(.timeLimit(.minutes(60))) struct UpkeepCommandTests {
  private let alice = ["--user", "alice@example.com"]

  @Test(arguments: [true, false])
  func `stats, reindex and verify end with their counts, beside a server and alone`(isServing: Bool) async throws {
    try await withServer { server in
      let data = ["--data", server.data]
      #expect(try await server.send(mail(subject: "Kelp", text: "forest"), to: "alice@example.com").hasPrefix("250"))
      #expect(try await server.find("forest").count == 1)
      if !isServing { #expect(await server.stop().status == 0) }

      if isServing {
        let stats = try await succeed(["stats"] + data).outputLines
        #expect(stats.first == "users=1 queue=0 queue_oldest_seconds=0 documents_waiting=0 documents_given_up=0")
        let line = /^shard=\d+ users=\d+ runs=\d+ .*segments=\d+ .*needs_reindex=false/
        #expect(stats.dropFirst().allSatisfy { $0.contains(line) })
        #expect(
          stats.dropFirst().allSatisfy { $0.contains(/backlog_users=\d+ .*compaction_written=\d+ delivery_delay=0/) })
        let metrics = String(decoding: try await server.get("/metrics").body, as: UTF8.self)
        for name in [
          "maildex_queue_depth 0\n", "maildex_queue_mails{standing=\"deferred\"} 0\n",
          "maildex_queue_attempts_total 1\n",
          "maildex_queue_ready{class=\"prompt\"} 0\n", "maildex_queue_oldest_seconds 0\n", "maildex_queue_pressure 0\n",
          "maildex_queue_set_aside_total 0\n", "maildex_search_seconds_bucket{le=\"+Inf\"} ",
          "maildex_index_unflushed_bytes{shard=\"0\"} ",
          "maildex_index_compaction_backlog_runs{shard=\"0\"} ",
          "maildex_index_compaction_written_bytes_total{shard=\"0\"} ",
          "maildex_index_compaction_steps_total{shard=\"0\",kind=\"invert\"} ",
          "maildex_delivery_delay_seconds{shard=\"0\"} 0\n",
        ] { #expect(metrics.contains(name), "\(name)") }
        let user = try await succeed(["stats"] + alice + data).outputLines
        #expect(
          user.contains { $0.contains(/^index number=1 documents=1 covered=0 pending=1 .*text_bytes=\d+/) }, "\(user)")
        #expect(user.first?.hasPrefix("user=alice@example.com messages=1 unread=1 threads=1 bytes=") == true, "\(user)")
      }

      for options in isServing ? [["--all"], alice, ["--from-source", "--jobs", "2"]] : [["--all"]] {
        let line = try await succeed(["reindex"] + options + data).outputLines.last ?? ""
        #expect(line.contains(/^reindexed=1 users=1 seconds=\d+\.\d+ bytes=\d+$/), "\(options): \(line)")
      }
      let found = try await succeed(["search"] + alice + ["forest"] + data).outputLines.last
      #expect(found == "total=1 shown=1")
      let verified = try await succeed(["verify"] + data).outputLines
      #expect(verified.count == 1)
      #expect(verified[0].contains(/^verified files=\d+ messages=1 bytes=\d+ problems=0$/), "\(verified)")
    }
  }
  @Test(arguments: [true, false])
  func `a damaged file of the index is named, mended and printed, beside a server and alone`(isServing: Bool)
    async throws
  {
    try await withServer { server in
      let data = ["--data", server.data]
      #expect(try await server.send(mail(subject: "Kelp", text: "forest"), to: "alice@example.com").hasPrefix("250"))
      #expect(try await server.find("forest").count == 1)
      try await succeed(["reindex"] + data)
      let run = try #require(Self.files(server.data, suffix: ".run").first)
      let whole = try await succeed(["dump", run]).outputLines
      #expect(whole[0].hasPrefix("run number ") && whole.contains { $0.contains(": document 1, ") }, "\(whole)")
      var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: run)))
      bytes[bytes.count / 2] ^= 1
      // In place: a server has the file open.
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: run))
      try handle.write(contentsOf: Data(bytes))
      try handle.close()
      if !isServing { #expect(await server.stop().status == 0) }

      let dumped = try await MaildexProcess.run(["dump", run])
      #expect(dumped.status == 1 && dumped.outputLines.contains { $0.hasPrefix("damaged: at byte ") }, "\(dumped)")
      let verified = try await MaildexProcess.run(["verify"] + data)
      #expect(verified.status == 1 && verified.output.contains(run), "\(verified)")
      let repaired = try await succeed(["verify", "--repair"] + data).outputLines
      #expect(
        repaired.contains { $0.hasPrefix("repaired: index of shard ") && $0.contains("quarantined: ") }, "\(repaired)")
      #expect(repaired.last?.hasSuffix("problems=0") == true, "\(repaired)")
      #expect(try await succeed(["verify", "--repair"] + data).outputLines.count == 1)
      #expect(try await succeed(["search"] + alice + ["forest"] + data).outputLines.last == "total=1 shown=1")
      for file in Self.files(server.data, suffix: ".journal") + Self.files(server.data, suffix: "manifest")
        + Self.files(server.data, suffix: ".sqlite") + Self.files(server.data, suffix: ".seg")
      {
        #expect(try await !succeed(["dump", file]).outputLines.isEmpty, "\(file)")
      }
    }
  }

  private static func files(_ directory: String, suffix: String) -> [String] {
    let names = FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(suffix) && !$0.contains("quarantine") }.sorted().map { "\(directory)/\($0)" }
  }
}
