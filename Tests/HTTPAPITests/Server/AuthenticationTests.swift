import APISupport
import HTTPAPI
import HTTPTypes
import MailStore
import Testing

struct AuthenticationTests {
  private static let userHeader = HTTPField.Name("X-Maildex-User")!

  @Test func `without a token there is nothing but a challenge`() async throws {
    try await APIHarness.run { api in
      let answer = try await api.send(.get, "/v1/folders", as: nil)
      #expect(answer.status == 401)
      #expect(answer.headers[.wwwAuthenticate] == "Bearer realm=\"maildex\"")
      #expect(answer.headers[.contentType] == "application/problem+json")
    }
  }

  @Test func `every route but the open ones asks for a token`() async throws {
    try await APIHarness.run { api in
      let routes = HTTPServer.apiRoutes(
        service: api.mail, queues: api.queues,
        configuration: HTTPConfiguration(address: .tcp(host: "127.0.0.1", port: 0)))
      for route in routes.routes where route.access != .open {
        let uri = ["{id}": "x", "{attachment_id}": "1", "{sender}": "@example.net", "{queue}": "error"]
          .reduce(route.path) { $0.replacing($1.key, with: $1.value) }
        try await api.expect(401, route.method, uri, as: nil, body: "{}")
        try await api.expect(401, route.method, uri, as: "mdx_wrong", body: "{}")
      }
      for uri in ["/healthz", "/readyz", "/v1/openapi.yaml"] {
        try await api.expect(200, .get, uri, as: nil)
      }
    }
  }

  @Test(arguments: [
    "Bearer", "Bearer ", "Basic YTpi", "TOKEN", "Bearer TOKENx", "Bearer TOKEN TOKEN", "Token TOKEN", "",
  ])
  func `what is no bearer token is refused`(template: String) async throws {
    try await APIHarness.run { api in
      let header = template.replacing("TOKEN", with: api.aliceToken)
      let answer = try await api.send(.get, "/v1/folders", as: nil, headers: [.authorization: header])
      // An empty header arrives as it is; the harness sets none when there is no token.
      #expect(answer.status == 401)
    }
  }

  @Test func `the scheme's case does not matter and a revoked token ends at once`() async throws {
    try await APIHarness.run { api in
      let token = try api.accounts.createToken(for: api.alice.id)
      try await api.expect(200, .get, "/v1/folders", as: token)
      let id = try #require(api.accounts.tokens(of: api.alice.id).last?.id)
      try api.accounts.revokeToken(id)
      let answer = try await api.send(.get, "/v1/folders", as: token)
      #expect(answer.status == 401)
      #expect(answer.headers[.wwwAuthenticate]?.contains("invalid_token") == true)
    }
  }

  @Test func `the user header counts for nothing where tokens are asked for`() async throws {
    try await APIHarness.run { api in
      let headers: HTTPFields = [Self.userHeader: "alice@example.com"]
      try await api.expect(401, .get, "/v1/folders", as: nil, headers: headers)
    }
  }

  @Test func `without authentication the user header names the user`() async throws {
    try await APIHarness.run(authentication: .none) { api in
      api.mail.add(to: api.bob.id, subject: "x")
      let answer = try await api.send(
        .get, "/v1/search", as: nil, headers: [Self.userHeader: "BOB@Example.com"])
      #expect(answer.status == 200)
      #expect(answer["total"] == 1)
      for headers in [[:], [Self.userHeader: "eve@example.com"], [Self.userHeader: ""]] as [HTTPFields] {
        let refused = try await api.send(.get, "/v1/search", as: nil, headers: headers)
        #expect(refused.status == 401)
        #expect(refused.text.contains("X-Maildex-User"))
      }
    }
  }

  @Test(arguments: [
    ("localhost", true), ("localhost:8080", true), ("LOCALHOST", true), ("127.0.0.1:8080", true), ("127.9.9.9", true),
    ("[::1]", true), ("[::1]:8080", true), ("example.com", false), ("127.0.0.1.example.com", false),
    ("localhost.example.com", false), ("127.0.0.256", false), ("127.1", false), ("", false), ("localhost:80:80", false),
    ("localhost:evil.example", false), ("[::1", false), ("[::2]", false), ("0.0.0.0", false), ("192.168.0.1", false),
  ])
  func `only loopback names are loopback`(authority: String, expected: Bool) {
    #expect(LoopbackHost.isLoopback(authority: authority) == expected)
  }

  @Test(arguments: ["0.0.0.0", "::", "192.168.1.4", "mail.example.com"])
  func `no authentication is refused unless bound to loopback`(host: String) async throws {
    let error = await #expect(throws: HTTPConfigurationError.self) {
      try await APIHarness.run(authentication: .none, configure: { $0.address = .tcp(host: host, port: 0) }) { _ in }
    }
    #expect(error?.message.contains(host) == true)
    // With tokens the same address is fine.
    try await APIHarness.run(configure: { $0.address = .tcp(host: host, port: 0) }) { api in
      try await api.expect(200, .get, "/v1/folders")
    }
  }

  @Test func `no page of another origin is invited`() async throws {
    try await APIHarness.run { api in
      let origin = HTTPField.Name("Origin")!
      let answer = try await api.get("/v1/folders", headers: [origin: "https://evil.example"])
      #expect(!answer.headers.contains { $0.name.canonicalName.hasPrefix("access-control") })
      let preflight = try await api.send(.options, "/v1/folders", as: nil, headers: [origin: "https://evil.example"])
      #expect(preflight.status == 405)
    }
  }
}
