import Foundation
import TestSupport
import Testing

/// Who receives what, of a running server, and how that changes while it runs.
@Suite(.timeLimit(.minutes(60))) struct PolicyReloadTests {
  private static let team =
    "policy:\n  recipients:\n    aliases:\n      team@example.com: [alice@example.com, bob@example.com]\n"
  private let kelp = mail(subject: "Kelp", text: "forest")

  @Test func `mail for an alias and for tags is found by each who gets it, once`() async throws {
    try await withConfiguredServer(saying: Self.team) { server, _ in
      let reply = try await server.send(
        kelp, to: "team@example.com", "Alice+Sea@example.com", "alice@example.com")
      #expect(reply.hasPrefix("250 2.0.0"))
      for user in ["alice@example.com", "bob@example.com"] {
        #expect(try await server.total("forest", as: user) == 1)
      }
      let ids = try await server.find("forest").map(\.id)
      let raw = try await server.get("/v1/messages/\(ids.first ?? "")/raw")
      #expect(!String(decoding: raw.body, as: UTF8.self).contains("\r\n\tfor <"), "it had three recipients")
    }
  }

  @Test(arguments: ["Alice+Sea@Example.com", "team@example.com"])
  func `the trace names the recipient as the client did`(recipient: String) async throws {
    try await withConfiguredServer(saying: Self.team) { server, _ in
      #expect(try await server.send(kelp, to: recipient).hasPrefix("250"))
      let id = try #require(try await server.find("forest").first?.id)
      let raw = try await server.get("/v1/messages/\(id)/raw")
      #expect(String(decoding: raw.body, as: UTF8.self).contains("\r\n\tfor <\(recipient)>; "), "\(raw)")
    }
  }

  @Test func `another server's domain and an unknown user are told apart`() async throws {
    try await withConfiguredServer(saying: Self.team) { server, _ in
      #expect(try await server.send(kelp, to: "alice@example.net").hasPrefix("550 5.7.1 relaying denied"))
      #expect(try await server.send(kelp, to: "nobody@example.com").hasPrefix("550 5.1.1"))
      let metrics = String(decoding: try await server.get("/metrics").body, as: UTF8.self)
      for line in ["relaying\"} 1", "unknown_recipient\"} 1", "blocked_sender\"} 0"] {
        #expect(metrics.contains("\nmaildex_smtp_refusals_total{reason=\"\(line)\n"), "\(line)")
      }
    }
  }

  @Test func `config reload has the server read its policy again, and the next transaction goes by it`() async throws {
    try await withConfiguredServer(saying: "") { server, file in
      let smtp = server.smtp
      let client = try await Blocking.run { try SMTPClient(to: smtp) }
      func say(_ line: String) async throws -> String { try await Blocking.run { try client.command(line) } }
      #expect(try await say("MAIL FROM:<dan@example.net>").hasPrefix("250"))
      #expect(try await say("RCPT TO:<team@example.com>").hasPrefix("550 5.1.1"))
      try write(Array(Self.team.utf8), to: file)
      let reloaded = try await succeed(["config", "reload", "--data", server.data])
      #expect(reloaded.output == "reloaded=\(file)\n")
      #expect(try await say("RCPT TO:<team@example.com>").hasPrefix("550 5.1.1"), "this one began before")
      #expect(try await say("RSET").hasPrefix("250"))
      #expect(try await say("MAIL FROM:<dan@example.net>").hasPrefix("250"))
      #expect(try await say("RCPT TO:<team@example.com>").hasPrefix("250"))
    }
  }

  @Test func `a mistake is told with its line, and the old policy stays`() async throws {
    try await withConfiguredServer(saying: Self.team) { server, file in
      try write(Array("policy:\n  recipients:\n    alias: {}\n".utf8), to: file)
      let line = try await fail(["config", "reload", "--data", server.data])
      #expect(line.hasPrefix("Error: configuration: \(file): line 3: policy.recipients.alias: unknown key;"), "\(line)")
      #expect(line.hasSuffix("; the old policy stays in force"))
      #expect(server.process.errorsSoFar.contains("changed policy not used, the old one stays"))
      #expect(try await server.send(kelp, to: "team@example.com").hasPrefix("250"))
    }
  }

  @Test func `what is doubtful and what needs a new start is told beside the success`() async throws {
    try await withConfiguredServer(saying: "") { server, file in
      let yaml = "smtp:\n  max_hops: 7\npolicy: { recipients: { aliases: { it@example.com: [gone@example.com] } } }\n"
      try write(Array(yaml.utf8), to: file)
      let result = try await MaildexProcess.run(["config", "reload", "--data", server.data])
      #expect(result.status == 0 && result.output == "reloaded=\(file)\n")
      #expect(
        result.errorLines == [
          "warning: policy.recipients: alias it@example.com: there is no account gone@example.com",
          "warning: smtp.max_hops is another than at the start, and counts from the next start on",
        ])
    }
  }

  @Test func `SIGHUP reads the policy again, and ends nothing`() async throws {
    try await withConfiguredServer(saying: "") { server, file in
      #expect(try await server.send(kelp, to: "team@example.com").hasPrefix("550"))
      try write(Array(Self.team.utf8), to: file)
      server.process.send(SIGHUP)
      try await waitUntil { try await server.send(kelp, to: "team@example.com").hasPrefix("250") }
      try write(Array("{ bad".utf8), to: file)
      server.process.send(SIGHUP)
      try await waitUntil { server.process.errorsSoFar.contains("changed policy not used, the old one stays") }
      #expect(try await server.send(kelp, to: "team@example.com").hasPrefix("250"))
      #expect(await server.stop().status == 0)
    }
  }

  @Test func `a server without a file has none to read again`() async throws {
    try await withServer { server in
      let line = try await fail(["config", "reload", "--data", server.data])
      #expect(line.hasPrefix("Error: the server was started without a configuration file"))
    }
  }

  @Test func `without a server nothing is read again, and nothing is made`() async throws {
    try await withMailbox { data in
      for directory in [data, data + "-nowhere"] {
        let line = try await fail(["config", "reload", "--data", directory])
        #expect(line.hasPrefix("Error: no server runs on \(directory)"), "\(line)")
      }
      #expect(!FileManager.default.fileExists(atPath: data + "-nowhere"))
    }
  }

  @Test func `config check names the file, or the mistake in it, and makes nothing`() async throws {
    try await withTemporaryDirectory { directory in
      let (file, data) = (directory + "/maildex.yaml", directory + "/data")
      try write(Array(Self.team.utf8), to: file)
      let checked = try await succeed(["config", "check", "--config", file, "--data", data])
      #expect(checked.output == "checked=\(file)\n")
      try write(Array("policy: { recipients: { domains: [a@b] } }\n".utf8), to: file)
      let line = try await fail(["config", "check", "--config", file, "--data", data])
      #expect(line.hasPrefix("Error: configuration: \(file): line 1: policy.recipients.domains: expected a domain"))
      #expect(try await succeed(["config", "check", "--data", data]).output == "checked=-\n")
      #expect(!FileManager.default.fileExists(atPath: data))
    }
  }

  /// Runs `body` with a server whose configuration file, of which it is given the path, says this; alice and bob have mailboxes.
  private func withConfiguredServer(
    saying yaml: String, _ body: (TestServer, _ file: String) async throws -> Void
  ) async throws {
    try await withMailbox { data in
      try await succeed(["user", "add", "bob@example.com", "--data", data])
      let file = data + ".yaml"
      try write(Array(yaml.utf8), to: file)
      let server = try await TestServer.start(data, environment: ["MAILDEX_CONFIG": file])
      try await body(server, file)
      await server.kill()
    }
  }
}
