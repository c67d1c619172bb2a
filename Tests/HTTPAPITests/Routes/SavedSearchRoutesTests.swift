import APISupport
import HTTPAPI
import HTTPTypes
import MailStore
import Testing

struct SavedSearchRoutesTests {
  private func save(_ name: String, _ query: String = "lunch", in api: APIHarness) async throws -> Answer {
    let body = JSONValue.object([.init("name", .string(name)), .init("query", .string(query))])
    return try await api.send(.post, "/v1/searches", body: String(decoding: body.serialized(), as: UTF8.self))
  }

  @Test func `a search is saved, shown, changed and deleted`() async throws {
    try await APIHarness.run { api in
      let given = #"{"name": "  Rechnungen 한국 ", "query": "newer_than:2d \"q3 plan\"", "notifies": true}"#
      let made = try await api.send(.post, "/v1/searches", body: given)
      #expect(made.status == 201)
      #expect(made["name"] == "Rechnungen 한국")
      #expect(made["query"] == "newer_than:2d \"q3 plan\"")
      #expect(made["notifies"] == true)
      #expect(made["created_at"] == "2024-05-01T09:30:00.000Z")
      #expect(made.sequence == 1)
      let address = try #require(made.headers[.location])
      #expect(address == "/v1/searches/\(made["id"].string ?? "")")
      #expect(try await api.get(address).json == made.json)

      let changed = try await api.send(.patch, address, body: #"{"query": "lunch", "notifies": false}"#)
      #expect(changed.status == 200)
      #expect(changed["id"] == made["id"])
      #expect(changed["name"] == made["name"])
      #expect(changed["query"] == "lunch")
      #expect(changed["notifies"] == false)
      #expect(changed.sequence == 2)

      let deleted = try await api.send(.delete, address)
      #expect(deleted.status == 204)
      #expect(deleted.sequence == 3)
      for method in [HTTPRequest.Method.get, .delete] { try await api.expect(404, method, address) }
      try await api.expect(404, .patch, address, body: #"{"name": "x"}"#)
      let events = try await api.get("/v1/events/poll")["events"].elements
      #expect(events.map { $0["type"] } == ["search.updated", "search.updated", "search.deleted"])
      #expect(events.allSatisfy { $0["id"] == made["id"] && $0["search_ids"] == nil })
    }
  }

  @Test func `one that does not say so announces nothing`() async throws {
    try await APIHarness.run { api in
      let quiet = try await save("quiet", in: api)
      #expect(quiet["notifies"] == false)
    }
  }

  @Test func `searches are read in pages that miss and repeat nothing`() async throws {
    try await APIHarness.run { api in
      for number in 0..<7 { _ = try await save("search \(number)", in: api) }
      var next: String? = "/v1/searches?limit=3"
      var names: [String] = []
      var sizes: [Int] = []
      while let uri = next, sizes.count < 10 {
        let answer = try await api.get(uri)
        sizes.append(answer.elements.count)
        names += answer.elements.compactMap { $0["name"]?.string }
        next = answer.next
      }
      #expect(sizes == [3, 3, 1])
      #expect(names == (0..<7).map { "search \($0)" })
      try await api.expect(400, .get, "/v1/searches?cursor=x")
      try await api.expect(400, .get, "/v1/searches?limit=0")
    }
  }

  @Test func `a message that matches is an event of the message, with the searches' ids`() async throws {
    try await APIHarness.run { api in
      let id = try #require(try await save("one", in: api)["id"].string)
      let message = api.mail.add(to: api.alice.id, subject: "lunch")
      api.mail.announce(message, to: [try #require(SavedSearchID(id))])
      let events = try await api.get("/v1/events/poll?since=1")["events"].elements
      #expect(events.map { $0["type"] } == ["message.created", "search.matched"])
      #expect(events.last?["id"] == .string(message.row.id.description))
      #expect(events.last?["folder_id"] == .string(message.folder.publicName))
      #expect(events.last?["search_ids"] == [.string(id)])
      #expect(events.first?["search_ids"] == nil)
    }
  }

  @Test func `a saved search is asked as its query is`() async throws {
    try await APIHarness.run { api in
      for subject in ["lunch", "dinner", "lunch again"] { api.mail.add(to: api.alice.id, subject: subject) }
      let id = try #require(try await save("one", "lunch", in: api)["id"].string)
      let answer = try await api.get("/v1/search?saved=\(id)&limit=1")
      #expect(answer["total"] == 2)
      #expect(answer.next?.contains("saved=\(id)") == true)
      let both = try await api.get("/v1/search?saved=\(id)&q=dinner")
      #expect(both.status == 400)
      #expect(both["field"] == "saved")
      try await api.expect(404, .get, "/v1/search?saved=0000000000000000")
      try await api.expect(404, .get, "/v1/search?saved=\(id)", as: api.bobToken)
    }
  }

  @Test func `another user's search is not there`() async throws {
    try await APIHarness.run { api in
      let address = try #require(try await save("one", in: api).headers[.location])
      try await api.expect(404, .get, address, as: api.bobToken)
      try await api.expect(404, .patch, address, as: api.bobToken, body: #"{"name": "x"}"#)
      try await api.expect(404, .delete, address, as: api.bobToken)
      #expect(try await api.send(.get, "/v1/searches", as: api.bobToken).elements.isEmpty)
      try await api.expect(401, .get, "/v1/searches", as: nil)
    }
  }

  @Test func `a query that cannot be understood is refused with its position`() async throws {
    try await APIHarness.run { api in
      let refused = try await save("one", "a (b", in: api)
      #expect(refused.status == 400)
      #expect(refused["type"] == "urn:maildex:problem:invalid-query")
      #expect(refused["position"] == 2)
      let address = try #require(try await save("one", in: api).headers[.location])
      let patched = try await api.send(.patch, address, body: #"{"query": "("}"#)
      #expect(patched.status == 400)
      #expect(patched["position"] == 0)
    }
  }

  @Test func `a name that exists is a conflict`() async throws {
    try await APIHarness.run { api in
      _ = try await save("one", in: api)
      #expect(try await save("one", in: api).status == 409)
    }
  }

  @Test(arguments: [
    ("name", #"{"query": "x"}"#), ("name", #"{"name": "", "query": "x"}"#), ("name", #"{"name": 7, "query": "x"}"#),
    ("query", #"{"name": "x"}"#), ("query", #"{"name": "x", "query": 7}"#),
    ("query", #"{"name": "x", "query": "a\u0000b"}"#), ("notifies", #"{"name": "x", "query": "x", "notifies": "yes"}"#),
    ("id", #"{"name": "x", "query": "x", "id": "1"}"#),
  ])
  func `a member that makes no sense is refused by name`(field: String, body: String) async throws {
    try await APIHarness.run { api in
      let answer = try await api.send(.post, "/v1/searches", body: body)
      #expect(answer.status == 400)
      #expect(answer["field"] == .string(field))
    }
  }

  @Test func `a query as long as an address may carry is taken, and no longer one`() async throws {
    try await APIHarness.run { api in
      let fits = try await save("fits", String(repeating: "x", count: 8_192), in: api)
      let long = try await save("long", String(repeating: "x", count: 8_193), in: api)
      #expect(fits.status == 201 && long.status == 400)
    }
  }

  @Test func `a change of nothing is refused`() async throws {
    try await APIHarness.run { api in
      let address = try #require(try await save("one", in: api).headers[.location])
      try await api.expect(400, .patch, address, body: "{}")
      try await api.expect(400, .patch, address, body: "[]")
    }
  }
}
