import APISupport
import Foundation
import HTTPAPI
import HTTPTypes
import Testing

/// Saved searches over real mailboxes, and mail that is announced from its 250 on.
@Suite(.timeLimit(.minutes(30))) struct SavedSearchServiceTests {
  @Test func `a search is saved, asked by its id, changed and deleted`() async throws {
    try await RealAPI.run { api in
      let mails = ["lunch", "dinner"].map { "From: dan@example.net\r\nSubject: \($0)\r\n\r\ntext\r\n" }
      try await api.store(mails.map { Array($0.utf8) })
      let made = try await api.send(.post, "/v1/searches", body: #"{"name": "Eating", "query": "lunch OR dinner"}"#)
      #expect(made.status == 201)
      let (id, address) = (try #require(made["id"].string), try #require(made.headers[.location]))
      #expect(try await api.get("/v1/search?saved=\(id)")["total"] == 2)
      try await api.expect(404, .get, "/v1/search?saved=\(id)", as: api.bobToken)
      try await api.expect(404, .get, address, as: api.bobToken)
      let changed = try await api.send(.patch, address, body: #"{"query": "dinner", "notifies": true}"#)
      #expect(changed["id"] == made["id"] && changed["name"] == "Eating" && changed["notifies"] == true)
      #expect(try await api.get("/v1/search?saved=\(id)")["total"] == 1)
      #expect(try await api.get("/v1/searches").elements == [changed.json])
      try await api.expect(204, .delete, address)
      try await api.expect(404, .get, "/v1/search?saved=\(id)")
      let events = try await api.get("/v1/events/poll?timeout=0")["events"].elements
      #expect(events.suffix(3).map { $0["type"] } == ["search.updated", "search.updated", "search.deleted"])
    }
  }

  @Test func `routes and mailboxes agree on what may be saved`() async throws {
    try await RealAPI.run { api in
      func save(_ name: String, _ query: String, notifies: Bool = false) async throws -> Answer {
        let body = try JSONSerialization.data(withJSONObject: ["name": name, "query": query, "notifies": notifies])
        return try await api.send(.post, "/v1/searches", body: String(decoding: body, as: UTF8.self))
      }
      let refused = try await save("one", "lunch (and")
      #expect(refused.status == 400)
      #expect(refused["type"] == "urn:maildex:problem:invalid-query")
      #expect(refused["position"] == 10)
      #expect(try await save("one", "").status == 201)
      #expect(try await save("one", "lunch").status == 409)
      #expect(try await save(String(repeating: "ü", count: 127) + "x", "lunch").status == 201)
      #expect(try await save("long", String(repeating: "y", count: 8_192)).status == 201)
      let words = (0..<65).map { "word\($0)" }.joined(separator: " ")
      #expect(try await save("quiet", words).status == 201)
      #expect(try await save("loud", words, notifies: true).status == 400)
    }
  }

  @Test func `mail that comes by SMTP is announced to the searches that it matches, also after a restart`() async throws
  {
    try await withServer { server in
      let saved = try await server.request(
        "POST", "/v1/searches", body: #"{"name": "Gauges", "query": "subject:tidegauge is:unread", "notifies": true}"#)
      #expect(saved.status == 201, "\(saved)")
      let id = try #require(saved.json["id"] as? String)
      for subject in ["Tidegauge 1", "Lighthouse", "Tidegauge 2"] {
        #expect(try await server.send(mail(subject: subject, text: "x"), to: "alice@example.com").hasPrefix("250"))
      }
      let found = try await server.find("subject:tidegauge").map(\.id)
      #expect(found.count == 2)
      func announced(_ server: TestServer) async throws -> [String] {
        let answer = try await server.get("/v1/events/poll?timeout=0&limit=500")
        let events = try #require(answer.json["events"] as? [[String: Any]], "\(answer)")
        return events.filter { $0["type"] as? String == "search.matched" }.compactMap { event in
          event["search_ids"] as? [String] == [id] ? event["id"] as? String : nil
        }
      }
      #expect(try await announced(server).sorted() == found.sorted())
      await server.kill()
      let again = try await TestServer.start(server.data)
      #expect(try await announced(again).sorted() == found.sorted())
      #expect(await again.stop().status == 0)
    }
  }
}
