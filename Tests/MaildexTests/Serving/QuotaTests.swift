import Foundation
import TestSupport
import Testing

/// Quotas of a running server, from the configuration file to the reply.
@Suite(.timeLimit(.minutes(60))) struct QuotaTests {
  private let kelp = mail(subject: "Kelp", text: "forest " + String(repeating: "and ", count: 1_000))
  private let alice = ["--user", "alice@example.com"]

  @Test func `who is full gets no more mail until some was deleted, after kill -9 too`() async throws {
    try await withMailbox { data in
      let file = data + ".yaml"
      try write(Array("policy: { quota: { default: 3000 } }\n".utf8), to: file)
      var server = try await TestServer.start(data, environment: ["MAILDEX_CONFIG": file])
      #expect(try await server.send(kelp, to: "alice@example.com").hasPrefix("250 2.0.0"))
      #expect(try await server.send(kelp, to: "alice@example.com").hasPrefix("452 4.2.2"), "queued mail counts too")
      #expect(try await server.total("forest") == 1)
      await server.kill()

      server = try await TestServer.start(data, environment: ["MAILDEX_CONFIG": file])
      #expect(try await server.send(kelp, to: "alice@example.com").hasPrefix("452 4.2.2"))
      let stats = try await succeed(["stats"] + alice + ["--data", data]).outputLines.first ?? ""
      #expect(stats.contains(/bytes=4\d\d\d changes=\d+ queued_bytes=0 quota=3000$/), "\(stats)")
      let metrics = String(decoding: try await server.get("/metrics").body, as: UTF8.self)
      #expect(metrics.contains("\nmaildex_smtp_refusals_total{reason=\"over_quota\"} 1\n"))

      let id = try #require(try await server.find("forest").first?.id)
      let deleted = try await server.request(
        "POST", "/v1/messages/batch", body: "{\"ids\": [\"\(id)\"], \"delete\": true, \"permanent\": true}")
      #expect(deleted.status / 100 == 2, "\(deleted)")
      #expect(try await server.send(kelp, to: "alice@example.com").hasPrefix("250 2.0.0"))

      try write(Array("policy: { quota: { users: { alice@example.com: none } } }\n".utf8), to: file)
      try await succeed(["config", "reload", "--data", data])
      #expect(try await server.send(kelp, to: "alice@example.com").hasPrefix("250 2.0.0"))
      let reloaded = try await succeed(["stats"] + alice + ["--data", data]).outputLines.first ?? ""
      #expect(reloaded.hasSuffix(" quota=none"), "\(reloaded)")
      await server.kill()
    }
  }
}
