import APISupport
import HTTPAPI
import HTTPTypes
import MailStore
import Testing

/// Nobody can read, change or infer another user's mail: on every route an id of somebody else is answered with the same
/// bytes as one that never existed.
struct TenantIsolationTests {
  private struct Probe {
    let method: HTTPRequest.Method
    /// `ID` stands for the id.
    let uri: String
    var body: String?
  }

  private static let messageProbes = [
    Probe(method: .get, uri: "/v1/messages/ID"), Probe(method: .get, uri: "/v1/messages/ID/raw"),
    Probe(method: .get, uri: "/v1/messages/ID/attachments/2"),
    Probe(method: .patch, uri: "/v1/messages/ID", body: #"{"is_read": true}"#),
    Probe(method: .patch, uri: "/v1/messages/ID", body: "nonsense"),
    Probe(method: .delete, uri: "/v1/messages/ID"), Probe(method: .delete, uri: "/v1/messages/ID?permanent=true"),
    Probe(method: .get, uri: "/v1/threads/ID"),
    Probe(method: .post, uri: "/v1/messages/batch", body: #"{"ids": ["ID"], "set": {"is_read": true}}"#),
    Probe(method: .post, uri: "/v1/messages/batch", body: #"{"ids": ["ID"], "delete": true, "permanent": true}"#),
  ]

  private static let folderProbes = [
    Probe(method: .get, uri: "/v1/folders/ID/messages"),
    Probe(method: .patch, uri: "/v1/folders/ID", body: #"{"name": "Mine now"}"#),
    Probe(method: .delete, uri: "/v1/folders/ID"),
    Probe(method: .patch, uri: "/v1/messages/OWN", body: #"{"folder_id": "ID"}"#),
    Probe(method: .post, uri: "/v1/messages/batch", body: #"{"ids": ["OWN"], "set": {"folder_id": "ID"}}"#),
  ]

  private static let searchProbes = [
    Probe(method: .get, uri: "/v1/searches/ID"), Probe(method: .delete, uri: "/v1/searches/ID"),
    Probe(method: .patch, uri: "/v1/searches/ID", body: #"{"name": "Mine now"}"#),
    Probe(method: .patch, uri: "/v1/searches/ID", body: "nonsense"),
    Probe(method: .get, uri: "/v1/search?saved=ID"),
  ]

  /// Sends the probe as Alice with each id and expects one and the same 404.
  private func expectSameAnswer(_ probe: Probe, ids: [String], own: String, _ api: APIHarness) async throws {
    var seen: Set<String> = []
    for id in ids {
      let uri = probe.uri.replacing("OWN", with: own).replacing("ID", with: id)
      let body = probe.body?.replacing("OWN", with: own).replacing("ID", with: id)
      let answer = try await api.send(probe.method, uri, body: body)
      #expect(answer.status == 404, "\(probe.method) \(uri)")
      let headers = answer.headers.map { "\($0.name): \($0.value)" }.sorted().joined(separator: "\n")
      seen.insert(headers + "\n\n" + answer.text)
    }
    #expect(seen.count == 1, "\(probe.method) \(probe.uri) tells ids apart: \(seen)")
  }

  @Test func `another user's message is as absent as one that never was`() async throws {
    try await APIHarness.run { api in
      let attachment = MessageSummary.Attachment(
        partPath: "2", filename: "a", contentType: "text/plain", contentID: nil, isInline: false, byteCount: 1)
      let own = api.mail.add(to: api.alice.id, subject: "own")
      let other = api.mail.add(to: api.bob.id, subject: "secret", attachments: [(attachment, [1])])
      #expect(own.row.docID == other.row.docID, "the hardest case: the same number in both mailboxes")
      let never = String(other.row.id.description.dropLast(12)) + "0000deadbeef"
      // The hostile ones only where no path can be misread: slashes would name another route.
      let ids = [other.row.id.description, never, "x", "00000000-0000-0000-0000-000000000000", "%2e%2e", "1%00", "-1"]
      for probe in Self.messageProbes {
        try await expectSameAnswer(probe, ids: ids, own: own.row.id.description, api)
      }
      #expect(api.mail.letters(of: api.bob.id) == [other])
      #expect(api.mail.letters(of: api.alice.id) == [own])
      // The same requests of the owner are answered, so it is not the requests that are wrong.
      try await api.expect(200, .get, "/v1/messages/\(other.row.id)/attachments/2", as: api.bobToken)
      try await api.expect(200, .get, "/v1/threads/\(other.row.id)", as: api.bobToken)
    }
  }

  @Test func `another user's folder is as absent as one that never was`() async throws {
    try await APIHarness.run { api in
      let own = api.mail.add(to: api.alice.id, subject: "own")
      let made = try await api.send(.post, "/v1/folders", as: api.bobToken, body: #"{"name": "Secret"}"#)
      let other = try #require(made["id"].string)
      let inbox = try api.folder(.inbox, of: api.bob).publicName
      for probe in Self.folderProbes {
        try await expectSameAnswer(
          probe, ids: [other, inbox, "ffffffffffffffff", "x", "%2e%2e", "1", "%00"], own: own.row.id.description, api)
      }
      #expect(try api.mail.folders(of: api.bob.id).map(\.row.name).contains("Secret"))
      #expect(api.mail.letters(of: api.alice.id) == [own])
    }
  }

  @Test func `another user's saved search is as absent as one that never was`() async throws {
    try await APIHarness.run { api in
      let body = #"{"name": "Secret", "query": "secret", "notifies": true}"#
      let made = try await api.send(.post, "/v1/searches", as: api.bobToken, body: body)
      let other = try #require(made["id"].string)
      for probe in Self.searchProbes {
        try await expectSameAnswer(probe, ids: [other, "ffffffffffffffff", "x", "%2e%2e", "1"], own: "", api)
      }
      #expect(try await api.send(.get, "/v1/searches/\(other)", as: api.bobToken).json == made.json)
    }
  }

  @Test func `lists, searches and events hold only the user's own mail`() async throws {
    try await APIHarness.run { api in
      api.mail.add(to: api.bob.id, subject: "secret")
      let inbox = try api.folder(.inbox, of: api.alice).publicName
      #expect(try await api.get("/v1/search?q=secret")["total"] == 0)
      #expect(try await api.get("/v1/folders/\(inbox)/messages").elements.isEmpty)
      #expect(try await api.get("/v1/events/poll?timeout=0")["events"] == [])
      #expect(try await api.get("/v1/folders").elements.allSatisfy { $0["total"] == 0 })
    }
  }

  @Test func `a folder's id is its exact text`() async throws {
    try await APIHarness.run { api in
      let inbox = try api.folder(.inbox, of: api.alice).publicName
      try await api.expect(200, .get, "/v1/folders/\(inbox)/messages")
      for id in [String(inbox.drop { $0 == "0" }), "0" + inbox, inbox + "0", "%30" + inbox.dropFirst()] {
        try await api.expect(404, .get, "/v1/folders/\(id)/messages")
      }
    }
  }
}
