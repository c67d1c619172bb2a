import Foundation
import Testing

@Suite(.timeLimit(.minutes(60))) struct SearchCommandTests {
  @Test func `a search prints its hits, newest first, as text or JSON, no more than asked for`() async throws {
    try await withServer { server in
      let data = server.data
      let inbox = Checkout.file("Fixtures/Mailbox/alice@example.com/Inbox.mbox").path
      try await succeed(["import", "--user", "alice@example.com", "--data", data, inbox])
      let search = ["search", "--user", "alice@example.com", "--data", data]

      let all = try await succeed(search + ["in:inbox", "--limit", "500"]).outputLines
      let total = all.count - 1
      #expect(total > 20)
      #expect(all.last == "total=\(total) shown=\(total)")
      let dates = all.dropLast().map { $0.prefix(20) }
      #expect(dates == dates.sorted(by: >))
      #expect(try await succeed(search + ["in:inbox"]).outputLines.last == "total=\(total) shown=20")

      let printed = try await succeed(search + ["in:inbox", "--json", "--limit", "2"]).output
      let json = try #require(try JSONSerialization.jsonObject(with: Data(printed.utf8)) as? [String: Any])
      #expect(json["total"] as? Int == total)
      let hits = try #require(json["hits"] as? [[String: Any]])
      #expect(hits.count == 2)
      let message = try #require(hits[0]["message"] as? [String: Any])
      #expect(all[0].contains(try #require(message["id"] as? String)))
      #expect(json["next_cursor"] is String)
    }
  }

  @Test func `a search takes another order, and tells of a word that would find more`() async throws {
    try await withServer { server in
      let inbox = Checkout.file("Fixtures/Mailbox/alice@example.com/Inbox.mbox").path
      try await succeed(["import", "--user", "alice@example.com", "--data", server.data, inbox])
      let search = ["search", "--user", "alice@example.com", "--data", server.data, "--limit", "500"]
      let newest = try await succeed(search + ["in:inbox"]).outputLines
      let smallest = try await succeed(search + ["in:inbox", "--sort", "size"]).outputLines
      let relevant = try await succeed(search + ["in:inbox", "--sort", "relevance"]).outputLines
      #expect(smallest != newest)
      for other in [smallest, relevant] { #expect(other.sorted() == newest.sorted()) }
      #expect(try await succeed(search + ["torqeu"]).outputLines == ["did you mean: torque", "total=0 shown=0"])
      #expect(try await !succeed(search + ["torque"]).outputLines.contains { $0.hasPrefix("did you mean") })
    }
  }

  @Test func `a search explains itself, and why a message is a hit or not`() async throws {
    try await withServer { server in
      let inbox = Checkout.file("Fixtures/Mailbox/alice@example.com/Inbox.mbox").path
      try await succeed(["import", "--user", "alice@example.com", "--data", server.data, inbox])
      let search = ["search", "--user", "alice@example.com", "--data", server.data]
      let plain = try await succeed(search + ["torque wrench"]).outputLines
      let explained = try await succeed(search + ["--explain", "torque wrench"]).outputLines
      #expect(explained.starts(with: plain.dropLast()) && explained.last == plain.last)
      #expect(Set(explained).isSuperset(of: ["plan", "slices", "read", "time"]), "\(explained)")
      #expect(
        explained.contains { $0.contains(/^  parse_us=\d+ analyze_us=\d+ bind_us=\d+ page_us=\d+ .*total_us=\d+$/) })
      let id = try #require(plain[0].split(separator: " ").map { String($0) }.first { $0.count == 36 })
      let hit = try await succeed(search + ["--why", id, "torque wrench"]).outputLines
      #expect(hit.last == "hit=yes message=\(id)", "\(hit)")
      let form = try await succeed(search + ["--why", id, "torque wrenches"]).outputLines
      #expect(form.last == "hit=yes message=\(id)" && form.contains { $0.contains("forms of wrench") }, "\(form)")
      let none = try await succeed(search + ["--why", id, "torque \"wrenches\""]).outputLines
      #expect(none.last == "hit=no message=\(id)" && none.contains { $0.contains("stands nowhere in") }, "\(none)")
      let line = try await fail(search + ["--why", "nobody@example.com", "torque"])
      #expect(line.contains("no message of this mailbox has the id or Message-ID nobody@example.com"), "\(line)")
    }
  }

  @Test func `facets are printed after the hits, and known by name only`() async throws {
    try await withServer { server in
      let data = server.data
      let inbox = Checkout.file("Fixtures/Mailbox/alice@example.com/Inbox.mbox").path
      try await succeed(["import", "--user", "alice@example.com", "--data", data, inbox])
      let search = ["search", "--user", "alice@example.com", "--data", data, "--limit", "1"]

      let lines = try await succeed(search + ["--facets", "folder,size", ""]).outputLines
      let total = try #require(lines.last?.split(separator: " ").first?.dropFirst("total=".count))
      #expect(lines[1].hasPrefix("folder \(total) ") && lines[1].hasSuffix(" (Inbox)"), "\(lines)")
      #expect(lines[2].hasPrefix("size "), "\(lines)")

      let printed = try await succeed(search + ["--json", "--facets", "from", ""]).output
      let json = try #require(try JSONSerialization.jsonObject(with: Data(printed.utf8)) as? [String: Any])
      let facets = try #require(json["facets"] as? [String: [[String: Any]]])
      let first = try #require(facets["from"]?.first)
      let address = try #require(first["value"] as? String)
      let narrowed = try await succeed(search + ["sender:\(address)"]).outputLines
      #expect(narrowed.last == "total=\(try #require(first["count"] as? Int)) shown=1")

      let refused = try await MaildexProcess.run(search + ["--facets", "form", ""])
      #expect(refused.status == 64 && refused.errorLines.joined().contains("from, folder, month"), "\(refused)")
    }
  }

  @Test func `a query that cannot be parsed is shown with the place where it goes wrong`() async throws {
    try await withMailbox { data in
      let result = try await MaildexProcess.run(
        ["search", "--user", "alice@example.com", "--data", data, "one (two"])
      #expect(result.status == 1, "\(result)")
      #expect(result.errorLines.dropFirst() == ["  one (two", "      ^"] || result.errorLines.count == 3, "\(result)")
    }
  }
}
