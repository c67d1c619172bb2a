import Foundation
import TestSupport
import Testing

/// What strangers meet of a running server. They come through a proxy, which is this machine.
@Suite(.timeLimit(.minutes(60))) struct StrangerTests {
  @Test func `a listed client is refused and counted, by a server of DNS that the settings name`() async throws {
    let names = try NameServer(
      zones: ["zen.example"], addresses: ["7.2.0.192.zen.example": "127.0.0.2"],
      texts: ["7.2.0.192.zen.example": "see zen.example"])
    defer { names.stop() }
    let yaml = "dns: { servers: \"\(names.address)\" }\npolicy: { dnsbl: [{ zone: zen.example }], dnsbl_timeout: 60 }\n"
    try await withProxiedServer(saying: yaml) { server in
      let refused = try await say(server, from: "192.0.2.7", "MAIL FROM:<dan@example.net>")
      #expect(refused == ["550 5.7.1 your address is listed by zen.example: see zen.example"])
      let taken = try await say(server, from: "192.0.2.8", "MAIL FROM:<dan@example.net>")
      #expect(taken == ["250 2.1.0 sender OK"])
      let metrics = String(decoding: try await server.get("/metrics").body, as: UTF8.self)
      for line in [
        "maildex_smtp_refusals_total{reason=\"dnsbl\"} 1",
        "maildex_dnsbl_answers_total{zone=\"zen.example\",result=\"listed\"} 1",
        "maildex_dnsbl_answers_total{zone=\"zen.example\",result=\"not_listed\"} 1",
        "maildex_dnsbl_answers_total{zone=\"zen.example\",result=\"unavailable\"} 0",
      ] { #expect(metrics.contains("\n\(line)\n"), "\(line)") }
    }
  }

  @Test func `who was put off is taken later, over a restart of the server`() async throws {
    let yaml = "policy: { greylisting: { enabled: true, delay: 1 } }\n"
    try await withMailbox { data in
      let dialogue = ["MAIL FROM:<dan@example.net>", "RCPT TO:<alice@example.com>"]
      var server = try await start(data, saying: yaml)
      let putOff = try await say(server, from: "192.0.2.7", dialogue)
      let due = Date() + 1
      #expect(putOff.last?.hasPrefix("451 4.7.1 greylisted") == true, "\(putOff)")
      #expect(await server.stop().status == 0)
      #expect(FileManager.default.fileExists(atPath: data + "/greylist.sqlite"))
      server = try await start(data, saying: yaml)
      try await waitUntil { Date() > due + 0.1 }
      let taken = try await say(server, from: "192.0.2.9", dialogue)
      #expect(taken.last == "250 2.1.5 recipient OK", "\(taken)")
      let other = try await say(server, from: "192.0.3.9", dialogue)
      #expect(other.last?.hasPrefix("451 4.7.1") == true, "\(other)")
      await server.kill()
    }
  }

  private func withProxiedServer(saying yaml: String, _ body: (TestServer) async throws -> Void) async throws {
    try await withMailbox { data in
      let server = try await start(data, saying: yaml)
      try await body(server)
      await server.kill()
    }
  }

  private func start(_ data: String, saying yaml: String) async throws -> TestServer {
    let file = data + ".yaml"
    try write(Array(yaml.utf8), to: file)
    return try await TestServer.start(
      data, environment: ["MAILDEX_CONFIG": file, "MAILDEX_SMTP_PROXIES": "127.0.0.0/8"])
  }

  private func say(_ server: TestServer, from client: String, _ lines: String...) async throws -> [String] {
    try await say(server, from: client, lines)
  }

  /// The answers behind a greeting and EHLO.
  private func say(_ server: TestServer, from client: String, _ lines: [String]) async throws -> [String] {
    let smtp = server.smtp
    return try await Blocking.run {
      let connection = try Connection(to: smtp)
      try connection.send(Array("PROXY TCP4 \(client) 198.51.100.25 56324 25\r\n".utf8))
      func reply() throws -> String {
        while true {
          let line = try connection.receiveLine()
          if line.dropFirst(3).first != "-" { return line }
        }
      }
      _ = try reply()
      return try (["EHLO c"] + lines).map { line in
        try connection.send(Array("\(line)\r\n".utf8))
        return try reply()
      }.dropFirst().map { $0 }
    }
  }
}
