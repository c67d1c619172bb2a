import APISupport
import HTTPAPI
import HTTPTypes
import MailStore
import Testing

struct EventRoutesTests {
  @Test func `what happened is replayed from a sequence`() async throws {
    try await APIHarness.run { api in
      let message = api.mail.add(to: api.alice.id, subject: "x")
      _ = try await api.send(.patch, "/v1/messages/\(message.row.id)", body: #"{"is_read": true}"#)
      let all = try await api.get("/v1/events/poll")
      #expect(all["events"].elements.map { $0["type"] } == ["message.created", "message.updated"])
      #expect(all["seq"] == 2)
      let first = all["events"].elements.first
      #expect(first?["id"] == .string(message.row.id.description))
      #expect(first?["folder_id"] == .string(message.folder.publicName))
      #expect(first?["thread_id"] == .string(message.threadID.description))
      #expect(first?["seq"] == 1)
      let rest = try await api.get("/v1/events/poll?since=1&timeout=0")
      #expect(rest["events"].elements.map { $0["type"] } == ["message.updated"])
      let none = try await api.get("/v1/events/poll?since=2&timeout=0")
      #expect(none["events"] == [])
      #expect(none["seq"] == 2)
    }
  }

  @Test func `a folder that is gone is an event without a folder`() async throws {
    try await APIHarness.run { api in
      let made = try await api.send(.post, "/v1/folders", body: #"{"name": "Work"}"#)
      let address = try #require(made.headers[.location])
      try await api.expect(204, .delete, address)
      let events = try await api.get("/v1/events/poll")["events"].elements
      #expect(events.map { $0["type"] } == ["folder.updated", "folder.updated"])
      #expect(events.first?["folder_id"] == made["id"])
      #expect(events.last?["folder_id"] == .null)
    }
  }

  @Test func `a sequence that was never reached is refused`() async throws {
    try await APIHarness.run { api in
      api.mail.add(to: api.alice.id, subject: "x")
      try await api.expect(200, .get, "/v1/events/poll?since=1&timeout=0")
      try await api.expect(400, .get, "/v1/events/poll?since=2&timeout=60")
    }
  }

  @Test(.timeLimit(.minutes(30))) func `a poll is answered when something happens`() async throws {
    try await APIHarness.run { api in
      async let answer = api.get("/v1/events/poll?timeout=60")
      await api.mail.waitForPoll(of: api.alice.id)
      api.mail.add(to: api.alice.id, subject: "x")
      let events = try await answer["events"].elements
      #expect(events.map { $0["type"] } == ["message.created"])
    }
  }

  @Test(.timeLimit(.minutes(30))) func `a token that is revoked while its poll waits gets nothing`() async throws {
    try await APIHarness.run { api in
      let token = try api.accounts.createToken(for: api.alice.id)
      let id = try #require(api.accounts.tokens(of: api.alice.id).last?.id)
      async let answer = api.send(.get, "/v1/events/poll?timeout=60", as: token)
      await api.mail.waitForPoll(of: api.alice.id)
      try api.accounts.revokeToken(id)
      api.mail.add(to: api.alice.id, subject: "x")
      let refused = try await answer
      #expect(refused.status == 401)
      #expect(!refused.text.contains("message.created"))
    }
  }

  @Test(.timeLimit(.minutes(30))) func `a user who is removed while the poll waits gets nothing`() async throws {
    try await APIHarness.run(authentication: .none) { api in
      let headers: HTTPFields = [HTTPField.Name("X-Maildex-User")!: api.alice.address]
      async let answer = api.send(.get, "/v1/events/poll?timeout=60", as: nil, headers: headers)
      await api.mail.waitForPoll(of: api.alice.id)
      try api.accounts.removeUser(api.alice.id)
      api.mail.add(to: api.alice.id, subject: "x")
      let refused = try await answer
      #expect(refused.status == 401)
      #expect(!refused.text.contains("message.created"))
    }
  }

  @Test(arguments: ["since=-1", "since=x", "timeout=61", "timeout=-1", "limit=0", "until=3"])
  func `a parameter that makes no sense is refused`(query: String) async throws {
    try await APIHarness.run { api in
      try await api.expect(400, .get, "/v1/events/poll?\(query)")
    }
  }
}
