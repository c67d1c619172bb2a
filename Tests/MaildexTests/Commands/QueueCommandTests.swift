import Foundation
import TestSupport
import Testing

/// Mail that the built-in filter holds, from SMTP to an operator's decision, beside a server and alone.
@Suite(.timeLimit(.minutes(60))) struct QueueCommandTests {
  /// Split, so that scanners leave this file alone.
  private static let eicar = #"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR"# + "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

  private static func held(_ word: String) -> [UInt8] {
    let file = Data(eicar.utf8).base64EncodedString()
    let text = """
      From: Dan <dan@example.net>\r
      To: alice@example.com\r
      Subject: \(word)\r
      MIME-Version: 1.0\r
      Content-Type: multipart/mixed; boundary=b\r
      \r
      --b\r
      \r
      \(word)\r
      --b\r
      Content-Type: application/octet-stream; name=test.txt\r
      Content-Disposition: attachment; filename=test.txt\r
      Content-Transfer-Encoding: base64\r
      \r
      \(file)\r
      --b--\r

      """
    return Array(text.utf8)
  }

  /// The number in `250 2.0.0 queued as N`.
  private static func number(_ reply: String) throws -> String {
    String(try #require(reply.firstMatch(of: /queued as (\d+)/), "\(reply)").1)
  }

  /// Waits until so many mails are held.
  private static func waitForHeld(_ count: Int, in server: TestServer) async throws {
    try await waitUntil {
      String(decoding: try await server.get("/metrics").body, as: UTF8.self)
        .contains("maildex_error_queue_depth \(count)\n")
    }
  }

  @Test(arguments: [true, false])
  func `held mail is listed, shown, released, tried again and dropped`(isServing: Bool) async throws {
    try await withServer { server in
      let data = ["--data", server.data]
      var ids: [String] = []
      for word in ["anemone", "barnacle", "cuttlefish"] {
        ids.append(try Self.number(try await server.send(Self.held(word), to: "alice@example.com")))
      }
      try await Self.waitForHeld(3, in: server)
      #expect(try await server.total("in:anywhere anemone") == 0, "what is held reaches no mailbox")
      if !isServing { #expect(await server.stop().status == 0) }

      let list = try await succeed(["queue", "list", "--queue", "error"] + data).outputLines
      #expect(list.count == 4 && list.last == "queue=error listed=3", "\(list)")
      #expect(zip(list, ids).allSatisfy { $0.hasPrefix("queue=error id=\($1) received=") }, "\(list)")
      #expect(list[0].contains("state=quarantine from=<sender@example.net> to=<alice@example.com> reason="), "\(list)")
      let json = try await succeed(["queue", "--json", "--queue", "error", "--limit", "1"] + data).outputLines
      let first = try #require(try JSONSerialization.jsonObject(with: Data(json[0].utf8)) as? [String: Any])
      #expect(json.count == 1 && first["id"] as? String == ids[0])

      let shown = try await succeed(["queue", "show", ids[0]] + data).outputLines
      #expect(shown.contains("to=<alice@example.com>") && shown.contains("Subject: anemone"), "\(shown)")
      #expect(shown.contains { $0.hasPrefix("verdict=quarantine score=") } && shown.contains("  MAILDEX_EICAR 20.0"))

      let again = try await succeed(["queue", "retry", ids[1]] + data).outputLines
      #expect(again.count == 1 && again[0].hasPrefix("held=\(ids[1]) reason="), "\(again)")
      #expect(
        try await succeed(["queue", "release", ids[0], ids[1]] + data).output
          == "released=\(ids[0])\nreleased=\(ids[1])\n")
      #expect(try await succeed(["queue", "drop", ids[2]] + data).output == "dropped=\(ids[2])\n")
      for id in [ids[0], ids[2], "7"] {
        let line = try await fail(["queue", "release", id] + data)
        #expect(line.contains("no queue has a mail \(id); see 'maildex queue list'"), "\(line)")
      }
      #expect(try await succeed(["queue", "flush"] + data).output == "scheduled=0\n")
      let found = try await succeed(["search", "--user", "alice@example.com", "in:inbox"] + data).outputLines
      #expect(found.last == "total=2 shown=2" && found[0].contains("barnacle"), "\(found)")
      let verified = try await succeed(["verify"] + data).outputLines
      #expect(verified.last?.contains("problems=0") == true, "\(verified)")
    }
  }

  @Test func `what is held outlives kill -9, once`() async throws {
    try await withServer { server in
      let id = try Self.number(try await server.send(Self.held("dogfish"), to: "alice@example.com"))
      try await Self.waitForHeld(1, in: server)
      await server.kill()
      let again = try await TestServer.start(server.data)
      try await Self.waitForHeld(1, in: again)
      #expect(try await again.total("in:anywhere dogfish") == 0)
      try await succeed(["queue", "release", id, "--data", again.data])
      #expect(try await again.total("dogfish") == 1)
      _ = await again.stop()
    }
  }

  @Test func `operators' tokens are made, listed and revoked`() async throws {
    try await withServer { server in
      let data = ["--data", server.data]
      let made = try await succeed(["token", "create", "--admin", "--label", "watch"] + data)
      #expect(made.output.wholeMatch(of: /admin token=mdx_admin_\S+\n/) != nil, "\(made)")
      let list = try await succeed(["token", "list", "--admin"] + data).outputLines
      let id = try #require(list.first?.split(separator: " ").first)
      #expect(list.count == 1 && list[0].hasSuffix("label=watch"))
      #expect(try await succeed(["token", "revoke", "--admin", String(id)] + data).output == "revoked=\(id)\n")
      #expect(
        try await fail(["token", "revoke", "--admin", String(id)] + data).contains("operators have no token \(id)"))
    }
  }

  @Test func `a report moves a message, and a blocked sender's mail goes to spam`() async throws {
    try await withServer { server in
      #expect(try await server.send(mail(subject: "Urchin", text: "spines"), to: "alice@example.com").hasPrefix("250"))
      let message = try #require(try await server.find("spines").first?.id)
      let reported = try await server.request("POST", "/v1/messages/\(message)/report", body: #"{"as": "spam"}"#)
      #expect(reported.status == 200, "\(reported)")
      #expect(try await server.total("spines") == 0)
      #expect(try await server.total("in:spam spines") == 1)
      let blocked = try await server.request("POST", "/v1/blocked-senders", body: #"{"sender": "@example.net"}"#)
      #expect(blocked.status == 204, "\(blocked)")
      #expect(try await server.send(mail(subject: "Whelk", text: "shells"), to: "alice@example.com").hasPrefix("250"))
      #expect(try await server.total("in:spam shells") == 1)
      #expect(try await server.total("shells") == 0)
    }
  }
}
