import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(60))) struct AccountCommandTests {
  @Test func `a user is added with a token, listed, and removed with all mail`() async throws {
    try await withServer { server in
      let data = ["--data", server.data]
      try await succeed(["user", "remove", "alice@example.com"] + data)
      let added = try await succeed(["user", "add", "Alice@example.com", "--name", "Alice Ames"] + data)
      #expect(added.output.wholeMatch(of: /user=Alice@example\.com token=mdx_\S+\n/) != nil, "\(added)")
      try await succeed(["user", "add", "bob@example.com"] + data)
      #expect(
        try await succeed(["user", "list"] + data).outputLines == ["Alice@example.com (Alice Ames)", "bob@example.com"])

      let file = server.data + "-one.eml"
      try Data(mail(subject: "Kelp", text: "forest")).write(to: URL(fileURLWithPath: file))
      try await succeed(["import", "--user", "alice@example.com", file] + data)
      #expect(
        try await succeed(["user", "remove", "alice@example.com"] + data).output == "removed=Alice@example.com\n")
      #expect(try await succeed(["user", "list"] + data).outputLines == ["bob@example.com"])

      // A new user of an old address finds nothing of the old one's.
      try await succeed(["user", "add", "alice@example.com"] + data)
      let found = try await succeed(["search", "--user", "alice@example.com", "in:anywhere"] + data)
      #expect(found.output == "total=0 shown=0\n")
    }
  }

  @Test func `a user has a time zone of their own, until it is taken away`() async throws {
    try await withServer { server in
      let data = ["--data", server.data]
      try await succeed(["user", "add", "bob@example.com", "--time-zone", "Asia/Seoul"] + data)
      try await succeed(["user", "set", "alice@example.com", "--time-zone", "Europe/Berlin"] + data)
      let list = ["user", "list"] + data
      #expect(try await succeed(list).outputLines == ["alice@example.com Europe/Berlin", "bob@example.com Asia/Seoul"])
      let file = server.data + "-midnight.mbox"
      let text =
        "From a@example.com Fri Mar  1 00:00:00 2024\nDate: Thu, 29 Feb 2024 15:30:00 +0000\nSubject: Leap\n\nday\n\n"
      try Data(text.utf8).write(to: URL(fileURLWithPath: file))
      for user in ["alice@example.com", "bob@example.com"] {
        try await succeed(["import", "--user", user, file] + data)
        let march = try await succeed(["search", "--user", user, "on:2024-03"] + data).outputLines.last
        #expect(march == (user == "bob@example.com" ? "total=1 shown=1" : "total=0 shown=0"))
      }
      let set = try await succeed(["user", "set", "bob@example.com", "--time-zone", ""] + data)
      #expect(set.output == "user=bob@example.com time_zone=-\n")
      let march = try await succeed(["search", "--user", "bob@example.com", "on:2024-03"] + data)
      #expect(march.output == "total=0 shown=0\n")
      let line = try await fail(["user", "set", "bob@example.com", "--time-zone", "Mars/Base"] + data)
      #expect(line.contains("Mars/Base is no time zone; name one as in Europe/Berlin"))
      let refused = try await fail(["user", "add", "eve@example.com", "--time-zone", "Mars"] + data)
      #expect(refused.contains("no time zone"))
      #expect(try await succeed(list).outputLines == ["alice@example.com Europe/Berlin", "bob@example.com"])
    }
  }

  @Test func `a mistaken address or a known one is refused in one line`() async throws {
    try await withServer { server in
      let data = server.data
      let mistaken = try await fail(["user", "add", "nobody", "--data", data])
      #expect(mistaken.contains("\"nobody\" is not an address of the form name@domain"))
      let known = try await fail(["user", "add", "ALICE@example.com", "--data", data])
      #expect(known.contains("there is already a user alice@example.com"))
      let unknown = try await fail(["user", "remove", "carol@example.com", "--data", data])
      #expect(unknown.contains("no user carol@example.com; see 'maildex user list'"))
    }
  }

  @Test func `a token is created, listed without its secret, and worthless once revoked`() async throws {
    try await withServer(environment: ["MAILDEX_HTTP_AUTH": "token"]) { server in
      let data = ["--data", server.data]
      let created = try await succeed(["token", "create", "alice@example.com", "--label", "laptop"] + data)
      let line = try #require(created.output.wholeMatch(of: /user=alice@example\.com token=(mdx_\S+)\n/), "\(created)")
      let token = String(line.1)
      func status() async throws -> Int {
        let http = server.http
        return try await Blocking.run {
          try HTTPAnswer("GET", "/v1/folders", at: http, headers: ["Authorization: Bearer \(token)"]).status
        }
      }
      #expect(try await status() == 200)

      let listed = try await succeed(["token", "list", "alice@example.com"] + data)
      #expect(!listed.output.contains(token))
      let laptop = try #require(listed.output.firstMatch(of: /(?m)^(\S+) created=\S+ label=laptop$/), "\(listed)")
      let revoke = ["token", "revoke", "alice@example.com", String(laptop.1)] + data
      #expect(try await succeed(revoke).output == "revoked=\(laptop.1)\n")
      #expect(try await status() == 401)
      #expect(try await fail(revoke).contains("has no token \(laptop.1); see 'maildex token list alice@example.com'"))
    }
  }
}
