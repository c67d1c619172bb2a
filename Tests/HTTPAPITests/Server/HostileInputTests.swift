import APISupport
import Bytes
import HTTPAPI
import HTTPTypes
import MailStore
import Testing

struct HostileInputTests {
  @Test(arguments: [
    "", "{", "nonsense", "[]", "\"text\"", "1", "null", "{\"name\": \"a\",}", "{\"name\": \"a\"} x", "{'name': 'a'}",
    "{\"name\": \"a\", \"name\": \"b\"}", "{\"name\": \"\\ud800\"}", "\u{FEFF}{\"name\": \"a\"}",
    "{\"name\": \"a\nb\"}",
  ])
  func `a body that is no JSON object is refused with the reason`(body: String) async throws {
    try await APIHarness.run { api in
      let answer = try await api.send(.post, "/v1/folders", body: body)
      #expect(answer.status == 400)
      #expect(answer["detail"].string?.isEmpty == false)
    }
  }

  @Test(arguments: ["[", "{\"a\":"])
  func `deep nesting is refused, however deep`(opening: String) async throws {
    try await APIHarness.run { api in
      let answer = try await api.send(.post, "/v1/folders", body: String(repeating: opening, count: 100_000))
      #expect(answer.status == 400)
      #expect(answer.text.contains("nested deeper than"))
    }
  }

  @Test func `a body over the limit is refused`() async throws {
    try await APIHarness.run(configure: { $0.maxBodySize = 1_000 }) { api in
      let body = #"{"name": "\#(String(repeating: "a", count: 2_000))"}"#
      let answer = try await api.send(.post, "/v1/folders", body: body)
      #expect(answer.status == 413)
      #expect(answer["detail"] == "The body is longer than 1000 bytes.")
    }
  }

  @Test(arguments: [
    "/v1/messages/../folders", "/v1/messages/%2e%2e%2ffolders", "/v1/messages/..%2f..%2fetc%2fpasswd", "/v1/messages/",
    "/v1/nothing", "/", "/v1", "//", "/v1/folders/a/b/c/d", "/v1/openapi.yaml/..", "/V1/FOLDERS",
    "/v1/messages/x/raw/y", "/v1/%00", "/healthz/x",
  ])
  func `an address that is none of ours is not found`(uri: String) async throws {
    try await APIHarness.run { api in
      let answer = try await api.get(uri)
      #expect(answer.status == 404 || answer.status == 405)
      #expect(answer.headers[.contentType] == "application/problem+json")
      #expect(answer.headers[.xContentTypeOptions] == "nosniff")
    }
  }

  @Test(arguments: [
    (HTTPRequest.Method.put, "/v1/folders", "GET, POST, HEAD"), (.delete, "/v1/folders", "GET, POST, HEAD"),
    (.post, "/v1/messages/x", "GET, PATCH, DELETE, HEAD"), (.get, "/v1/messages/batch", "POST"),
    (.put, "/v1/search", "GET, POST, HEAD"), (.head, "/v1/messages/batch", "POST"),
    (HTTPRequest.Method(rawValue: "PROPFIND")!, "/v1/threads/x", "GET, HEAD"),
  ])
  func `a method that an address does not take is refused with those it does`(
    method: HTTPRequest.Method, uri: String, allowed: String
  ) async throws {
    try await APIHarness.run { api in
      let answer = try await api.send(method, uri)
      #expect(answer.status == 405)
      #expect(answer.headers[.allow] == allowed)
    }
  }

  @Test func `HEAD is GET without the body`() async throws {
    try await APIHarness.run { api in
      let message = api.mail.add(to: api.alice.id, subject: "x")
      for uri in ["/v1/folders", "/v1/messages/\(message.row.id)", "/v1/messages/\(message.row.id)/raw", "/healthz"] {
        let get = try await api.get(uri)
        let head = try await api.send(.head, uri)
        #expect(head.status == get.status)
        #expect(head.bytes.isEmpty)
        #expect(head.headers[.contentLength] == get.headers[.contentLength])
        #expect(head.headers[.contentType] == get.headers[.contentType])
      }
      let missing = try await api.send(.head, "/v1/messages/x")
      #expect(missing.status == 404)
      #expect(missing.bytes.isEmpty)
    }
  }

  @Test func `a name from outside cannot end the Link field`() async throws {
    try await APIHarness.run { api in
      for number in 0..<2 { api.mail.add(to: api.alice.id, subject: "\(number)") }
      let answer = try await api.get("/v1/search?q=&limit=1&_x=>;rel=evil,<http://evil.example>")
      let link = try #require(answer.headers[HTTPField.Name("Link")!])
      #expect(link.count { $0 == ">" } == 1)
      #expect(link.count { $0 == "<" } == 1)
      try await api.expect(200, .get, try #require(answer.next))
    }
  }

  @Test func `a link has one cursor, however the old one's name was spelt`() async throws {
    try await APIHarness.run { api in
      for number in 0..<5 { api.mail.add(to: api.alice.id, subject: "\(number)") }
      for name in ["cursor", "%63ursor", "c%75rsor", "%63%75%72%73%6F%72"] {
        let answer = try await api.get("/v1/search?limit=1&\(name)=1")
        try await api.expect(200, .get, try #require(answer.next))
      }
    }
  }

  @Test func `readiness says why not`() async throws {
    try await APIHarness.run { api in
      #expect(try await api.send(.get, "/readyz", as: nil)["status"] == "ready")
      api.mail.reasonForRest.withLock { $0 = "recovering shard 2" }
      let answer = try await api.send(.get, "/readyz", as: nil)
      #expect(answer.status == 503)
      #expect(answer["detail"] == "recovering shard 2")
      try await api.expect(200, .get, "/healthz", as: nil)
    }
  }
}
