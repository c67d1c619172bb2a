import APISupport
import HTTPAPI
import HTTPTypes
import MailStore
import Testing

struct SpamRoutesTests {
  @Test func `a message that is reported moves to spam and back`() async throws {
    try await APIHarness.run { api in
      let mail = api.mail.add(to: api.alice.id, subject: "Win")
      let spam = try await api.send(.post, "/v1/messages/\(mail.row.id)/report", body: #"{"as": "spam"}"#)
      #expect(spam.status == 200 && spam.sequence != nil)
      #expect(spam["folder_id"] == .string(try api.folder(.spam, of: api.alice).publicName))
      let ham = try await api.send(.post, "/v1/messages/\(mail.row.id)/report", body: #"{"as": "ham"}"#)
      #expect(ham["folder_id"] == .string(try api.folder(.inbox, of: api.alice).publicName))
      try await api.expect(200, .post, "/v1/messages/\(mail.row.id)/report", body: #"{"as": "phishing"}"#)
    }
  }

  @Test(arguments: ["{}", #"{"as": "junk"}"#, #"{"as": 1}"#, #"{"as": "spam", "x": 1}"#, "[]", ""])
  func `what is no report is refused`(body: String) async throws {
    try await APIHarness.run { api in
      let mail = api.mail.add(to: api.alice.id, subject: "Win")
      try await api.expect(400, .post, "/v1/messages/\(mail.row.id)/report", body: body)
      #expect(api.mail.letters(of: api.alice.id).first?.folder.role == .inbox)
    }
  }

  @Test func `nobody reports another's message`() async throws {
    try await APIHarness.run { api in
      let mail = api.mail.add(to: api.alice.id, subject: "Win")
      try await api.expect(
        404, .post, "/v1/messages/\(mail.row.id)/report", as: api.bobToken, body: #"{"as": "spam"}"#)
    }
  }

  @Test func `senders are blocked, listed and taken again`() async throws {
    try await APIHarness.run { api in
      for sender in ["eve+x@example.net", "@spam.example", ".spam.example"] {
        try await api.expect(204, .post, "/v1/blocked-senders", body: "{\"sender\": \"\(sender)\"}")
      }
      let list = try await api.get("/v1/blocked-senders")
      #expect(list.elements == [".spam.example", "@spam.example", "eve+x@example.net"])
      #expect(try await api.send(.get, "/v1/blocked-senders", as: api.bobToken).elements.isEmpty)
      try await api.expect(204, .delete, "/v1/blocked-senders/%40spam.example")
      try await api.expect(404, .delete, "/v1/blocked-senders/%40spam.example")
      try await api.expect(204, .delete, "/v1/blocked-senders/eve+x@example.net")
      #expect(try await api.get("/v1/blocked-senders").elements == [".spam.example"])
      try await api.expect(404, .delete, "/v1/blocked-senders/%zz")
    }
  }

  @Test(arguments: [#"{"sender": "eve"}"#, #"{"sender": ""}"#, "{}", #"{"sender": "a@b@c d"}"#])
  func `what is no sender is refused`(body: String) async throws {
    try await APIHarness.run { api in try await api.expect(400, .post, "/v1/blocked-senders", body: body) }
  }

  @Test func `a message shows what filters made of it`() async throws {
    try await APIHarness.run { api in
      let verdict = MailVerdict(
        action: .spam, score: 7.5, symbols: [.init(name: "BAYES_SPAM", score: 5.25)], by: "rspamd", reason: "")
      let mail = api.mail.add(to: api.alice.id, subject: "Win", verdict: verdict)
      let answer = try await api.get("/v1/messages/\(mail.row.id)")
      let shown = answer["verdict"]
      #expect(shown["action"] == "spam" && shown["by"] == "rspamd" && shown["reason"] == .null)
      #expect(shown["score"] == .number(7.5))
      #expect(shown["symbols"] == .array([["name": "BAYES_SPAM", "score": .number(5.25)]]))
    }
  }
}
