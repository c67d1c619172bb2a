import Foundation
import Testing

/// Documents from the mail's arrival to the mark on the hit, by the real processes.
@Suite(.timeLimit(.minutes(60))) struct DocumentSearchTests {
  private func marks(_ query: String, _ server: TestServer) async throws -> [String] {
    let text = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    let answer = try await server.get("/v1/search?highlight=true&q=\(text)")
    let hits = try #require(answer.json["hits"] as? [[String: Any]], "\(answer)")
    return try hits.flatMap { hit in
      let highlights = try #require(hit["highlights"] as? [String: Any])
      return try #require(highlights["attachments"] as? [[String: Any]]).map { attachment in
        let pieces = try #require(attachment["text"] as? [[String: Any]])
        let matches = pieces.filter { $0["match"] as? Bool == true }.compactMap { $0["text"] as? String }
        return "\(attachment["filename"] ?? "-"): \(matches.joined(separator: " "))"
      }
    }
  }

  @Test func `words of documents are found, and the hit says in which`() async throws {
    try await withServer { server in
      let names = [
        "minutes.docx", "budget.xlsx", "slides.pptx", "plan.odt", "book.epub", "letter.pdf", "hangul.pdf", "letter.rtf",
        "report.hwpx", "files.7z", "korean.zip",
      ]
      let mail = try DocumentMail.make(subject: "Papers", attaching: names)
      #expect(try await server.send(mail, to: "alice@example.com").hasPrefix("250"))
      try await waitUntil { try await server.total("in:anywhere") == 1 }
      for (query, mark) in [
        ("attachment:\"harbour meeting\"", "minutes.docx: harbour meeting"), ("harpoon", "budget.xlsx: harpoon"),
        ("attachment:\"last slide\"", "slides.pptx: last slide"), ("attachment:ishmael", "book.epub: Ishmael"),
        ("\"budget of 2024\"", "letter.pdf: budget of 2024"), ("braces", "letter.rtf: braces"),
        ("결산", "report.hwpx: 결산"), ("lighthouse", "files.7z: lighthouse"), ("견적서", "korean.zip: 견적서"),
      ] {
        let found = try await marks(query, server)
        #expect(found == [mark], "\(query): \(found)")
      }
      #expect(try await marks("회의록", server) == ["minutes.docx: 회의록", "hangul.pdf: 회의록"])
      #expect(try await marks("subject:papers", server) == [])
      #expect(try await server.find("in:anywhere").first?.defects == [])
      let metrics = String(decoding: try await server.get("/metrics").body, as: UTF8.self)
      #expect(metrics.contains("maildex_extraction_documents_total{outcome=\"whole\"} 11\n"))
    }
  }

  @Test func `a server that is stopped while a document is read ends at once, and says what was missed`() async throws {
    try await withServer(environment: ["MAILDEX_EXTRACTION_TIMEOUT": "60"]) { server in
      let mail = try DocumentMail.make(subject: "Endless", attaching: ["endless.pdf"])
      #expect(try await server.send(mail, to: "alice@example.com").hasPrefix("250"))
      try await waitUntil { try Self.hasChild(server.process.pid) }
      let start = ContinuousClock.now
      #expect(await server.stop().status == 0)
      #expect(ContinuousClock.now - start < .seconds(15), "the document has a minute, and a shutdown 20 s")
      let stats = try await succeed(["stats", "--data", server.data, "--user", "alice@example.com"])
      #expect(stats.outputLines.contains { $0.contains(/missed=\S+ reason=stopped tries=0 next=2/) }, "\(stats)")
      #expect(stats.outputLines.first?.contains("messages=1") == true)
    }
  }

  @Test func `mail that comes while others still send, as the server stops, has its documents`() async throws {
    try await withServer { server in
      let (smtp, mail) = (server.smtp, try DocumentMail.make(subject: "Papers", attaching: ["letter.pdf"]))
      let clients = try await Blocking.run {
        try (0..<2).map { _ in
          let client = try SMTPClient(to: smtp)
          for line in ["MAIL FROM:<sender@example.net>", "RCPT TO:<alice@example.com>", "DATA"] {
            _ = try client.command(line)
          }
          return client
        }
      }
      server.process.send(SIGTERM)
      try await waitUntil { try await Blocking.run { (try? SMTPClient(to: smtp)) == nil } }
      let first = try await Blocking.run { try clients[0].command(String(decoding: mail, as: UTF8.self) + ".") }
      // As long as this one sends, the workers go on, and commands are answered.
      let status = ["stats", "--data", server.data, "--user", "alice@example.com"]
      try await waitUntil { try await succeed(status).output.contains(" messages=1 ") }
      let second = try await Blocking.run { try clients[1].command("Subject: late\r\n\r\nlate\r\n.") }
      #expect([first, second].allSatisfy { $0.hasPrefix("250") }, "\(first), \(second)")
      #expect(await server.process.result().status == 0)
      let stats = try await succeed(status)
      #expect(!stats.output.contains("missed="), "\(stats)")
      let next = try await TestServer.start(server.data)
      #expect(try await next.total("attachment:\"budget of 2024\"") == 1)
      await next.kill()
    }
  }

  /// Whether a process of the server's runs.
  private static func hasChild(_ parent: Int32) throws -> Bool {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").contains { name in
      guard Int32(name) != nil, let status = try? String(contentsOfFile: "/proc/\(name)/status", encoding: .utf8)
      else { return false }
      return status.contains("PPid:\t\(parent)\n")
    }
  }

  @Test func `documents that mean harm hold up nothing, and the mail is found`() async throws {
    let environment = ["MAILDEX_EXTRACTION_TIMEOUT": "20", "MAILDEX_EXTRACTION_MEMORY": "268435456"]
    try await withServer(environment: environment) { server in
      for name in ["endless.pdf", "bomb.docx", "entities.docx", "deep.docx", "locked.pdf", "truncated.docx"] {
        let mail = try DocumentMail.make(subject: "Harm", attaching: [name])
        #expect(try await server.send(mail, to: "alice@example.com").hasPrefix("250"))
      }
      try await waitUntil { try await server.total("subject:harm") == 6 }
      #expect(try await server.find("filename:endless.pdf").first?.defects == ["unread-attachment"])
      let bomb = try await server.find("filename:bomb.docx")
      #expect(try await server.total("attachment:beginning") == 1 && bomb.first?.defects == ["size-limit"], "\(bomb)")
      #expect(try await server.total("attachment:root") == 0)
      #expect(try await server.total("attachment:shallow") == 1)
      #expect(try server.peakMemory() < 400)
      try await succeed(["verify", "--data", server.data])
    }
  }
}
