import APISupport
import Bytes
import HTTPAPI
import HTTPTypes
import MailStore
import Testing

struct MessageRoutesTests {
  @Test func `a message has all of its members`() async throws {
    try await APIHarness.run { api in
      let attachment = MessageSummary.Attachment(
        partPath: "1.2", filename: "plan.pdf", contentType: "application/pdf", contentID: "c1@x", isInline: true,
        byteCount: 3)
      let message = api.mail.add(to: api.alice.id, subject: "Grüße 한국어", attachments: [(attachment, [1, 2, 3])])
      let answer = try await api.get("/v1/messages/\(message.row.id)")
      #expect(answer.status == 200)
      #expect(answer["id"] == .string(message.row.id.description))
      #expect(answer["user_id"] == "1")
      #expect(answer["thread_id"] == .string(message.threadID.description))
      #expect(answer["folder_id"] == .string(message.folder.publicName))
      #expect(answer["subject"] == "Grüße 한국어")
      #expect(answer["from"] == ["name": "Alice Adams", "email": "alice@example.com"])
      #expect(answer["to"] == [["name": nil, "email": "bob@example.com"]])
      #expect(answer["cc"] == [["name": "Zoë", "email": "zoe@example.org"]])
      #expect(answer["bcc"] == [])
      #expect(answer["reply_to"] == [])
      #expect(answer["date"] == "2024-05-01T09:30:00.000Z")
      #expect(answer["received_at"] == "2024-05-01T09:30:00.000Z")
      #expect(answer["body"] == "the text of Grüße 한국어")
      #expect(answer["body_html"] == "<p>Grüße 한국어</p>")
      #expect(answer["is_read"] == false)
      #expect(answer["labels"] == ["work"])
      #expect(answer["size"] == 20)
      #expect(
        answer["attachments"] == [
          [
            "id": "1.2", "filename": "plan.pdf", "content_type": "application/pdf", "size": 3, "inline": true,
            "content_id": "c1@x",
          ]
        ])
      #expect(
        answer["headers"] == [
          ["name": "Subject", "value": "Grüße 한국어"], ["name": "X-Odd", "value": "a\u{0}b"],
        ])
      #expect(answer["verdict"] == .null)
    }
  }

  @Test func `each flag, the labels and the folder can be changed`() async throws {
    try await APIHarness.run { api in
      let message = api.mail.add(to: api.alice.id, subject: "x")
      let archive = try api.folder(.archive, of: api.alice)
      let body = """
        {"is_read": true, "is_starred": true, "is_replied": true, "folder_id": "\(archive.publicName)",
         "labels": ["b", "a", "b"]}
        """
      let answer = try await api.send(.patch, "/v1/messages/\(message.row.id)", body: body)
      #expect(answer.status == 200)
      for name in ["is_read", "is_starred", "is_replied"] { #expect(answer[name] == true, "\(name)") }
      #expect(answer["labels"] == ["a", "b"])
      #expect(answer["folder_id"] == .string(archive.publicName))
      #expect(answer.sequence == 2)
      #expect(answer.json["body"] == nil)

      let back = try await api.send(
        .patch, "/v1/messages/\(message.row.id)", body: #"{"is_read": false, "labels": []}"#)
      #expect(back["is_read"] == false)
      #expect(back["is_starred"] == true, "what is not named stays")
      #expect(back["labels"] == [])
    }
  }

  @Test(arguments: [
    (#"{"is_read": "yes"}"#, "is_read"), (#"{"is_read": 1}"#, "is_read"), (#"{"is_starred": null}"#, "is_starred"),
    (#"{"labels": "work"}"#, "labels"), (#"{"labels": [1]}"#, "labels"), (#"{"labels": [""]}"#, "labels"),
    (#"{"labels": ["a\u0007"]}"#, "labels"), (#"{"folder_id": 3}"#, "folder_id"), (#"{"subject": "x"}"#, "subject"),
    (#"{"is_read": true, "size": 1}"#, "size"),
  ])
  func `a change that makes no sense is refused by name and changes nothing`(body: String, field: String) async throws {
    try await APIHarness.run { api in
      let message = api.mail.add(to: api.alice.id, subject: "x")
      let answer = try await api.send(.patch, "/v1/messages/\(message.row.id)", body: body)
      #expect(answer.status == 400)
      #expect(answer["field"] == .string(field))
      #expect(api.mail.letters(of: api.alice.id) == [message])
    }
  }

  @Test func `an empty change is refused`() async throws {
    try await APIHarness.run { api in
      let message = api.mail.add(to: api.alice.id, subject: "x")
      try await api.expect(400, .patch, "/v1/messages/\(message.row.id)", body: "{}")
    }
  }

  @Test func `a deleted message is in the trash, and gone when it is deleted for good`() async throws {
    try await APIHarness.run { api in
      let message = api.mail.add(to: api.alice.id, subject: "x")
      let trashed = try await api.send(.delete, "/v1/messages/\(message.row.id)")
      #expect(trashed.status == 204)
      #expect(trashed.sequence == 2)
      let trash = try api.folder(.trash, of: api.alice)
      #expect(try await api.get("/v1/messages/\(message.row.id)")["folder_id"] == .string(trash.publicName))

      let removed = try await api.send(.delete, "/v1/messages/\(message.row.id)?permanent=true")
      #expect(removed.status == 204)
      try await api.expect(404, .get, "/v1/messages/\(message.row.id)")
      try await api.expect(404, .delete, "/v1/messages/\(message.row.id)?permanent=true")
    }
  }

  @Test func `permanent=false means to trash`() async throws {
    try await APIHarness.run { api in
      let message = api.mail.add(to: api.alice.id, subject: "x")
      try await api.expect(204, .delete, "/v1/messages/\(message.row.id)?permanent=false")
      #expect(api.mail.letters(of: api.alice.id).count == 1)
    }
  }

  @Test func `a batch changes all of its messages at once`() async throws {
    try await APIHarness.run { api in
      let messages = (0..<3).map { api.mail.add(to: api.alice.id, subject: "\($0)") }
      let ids = messages.map { "\"\($0.row.id)\"" }
      let body = #"{"ids": [\#(ids[0]), \#(ids[1]), \#(ids[0])], "set": {"is_read": true}}"#
      let answer = try await api.send(.post, "/v1/messages/batch", body: body)
      #expect(answer.status == 200)
      #expect(answer.elements.map { $0["subject"] } == ["0", "1"], "an id given twice counts once")
      #expect(answer.sequence != nil)
      #expect(api.mail.letters(of: api.alice.id).map { $0.row.flags.contains(.read) } == [true, true, false])

      let deletion = #"{"ids": [\#(ids[0])], "delete": true, "permanent": true}"#
      try await api.expect(200, .post, "/v1/messages/batch", body: deletion)
      #expect(api.mail.letters(of: api.alice.id).count == 2)
    }
  }

  @Test func `a batch with one id that is not there does nothing`() async throws {
    try await APIHarness.run { api in
      let mine = api.mail.add(to: api.alice.id, subject: "mine")
      let other = api.mail.add(to: api.bob.id, subject: "other")
      for id in [other.row.id.description, "nonsense"] {
        let body = #"{"ids": ["\#(mine.row.id)", "\#(id)"], "set": {"is_read": true}}"#
        try await api.expect(404, .post, "/v1/messages/batch", body: body)
      }
      #expect(api.mail.letters(of: api.alice.id) == [mine])
    }
  }

  @Test(arguments: [
    #"{}"#, #"{"ids": []}"#, #"{"ids": ["x"]}"#, #"{"ids": "x", "delete": true}"#,
    #"{"ids": ["ID"], "set": {"is_read": true}, "delete": true}"#, #"{"ids": ["ID"], "delete": false}"#,
    #"{"ids": ["ID"], "set": {}}"#, #"{"ids": ["ID"], "set": [], "delete": true}"#,
    #"{"ids": ["ID"], "delete": true, "why": 1}"#, #"{"ids": ["ID"], "set": {"is_read": true}, "permanent": true}"#,
  ])
  func `a batch that makes no sense is refused`(template: String) async throws {
    try await APIHarness.run { api in
      let message = api.mail.add(to: api.alice.id, subject: "x")
      let body = template.replacing("ID", with: message.row.id.description)
      let answer = try await api.send(.post, "/v1/messages/batch", body: body)
      #expect(answer.status == (template.contains(#"["x"]"#) ? 404 : 400))
      #expect(api.mail.letters(of: api.alice.id) == [message])
    }
  }

  @Test func `a batch takes a thousand ids and no more`() async throws {
    try await APIHarness.run { api in
      let id = "\"\(api.mail.add(to: api.alice.id, subject: "x").row.id)\""
      func body(_ count: Int) -> String {
        #"{"ids": [\#(Array(repeating: id, count: count).joined(separator: ","))], "set": {"is_read": true}}"#
      }
      try await api.expect(200, .post, "/v1/messages/batch", body: body(1_000))
      let answer = try await api.send(.post, "/v1/messages/batch", body: body(1_001))
      #expect(answer.status == 400)
      #expect(answer["field"] == "ids")
    }
  }

  @Test(arguments: [
    (MailServiceError.Code.busy, 503), (.stopped, 503), (.deadlinePassed, 503), (.damaged, 500), (.invalid, 400),
    (.notFound, 404),
  ])
  func `each failure of the service has its status`(code: MailServiceError.Code, status: Int) async throws {
    try await APIHarness.run { api in
      let message = api.mail.add(to: api.alice.id, subject: "x")
      api.mail.nextFailure.withLock { $0 = MailServiceError(code, "what happened") }
      let answer = try await api.send(.get, "/v1/messages/\(message.row.id)")
      #expect(answer.status == status)
      #expect(answer.headers[.contentType] == "application/problem+json")
      #expect(answer["status"] == .init(status))
      #expect((answer["detail"] == "what happened") == (code != .notFound))
      #expect((answer.headers[.retryAfter] != nil) == (status == 503))
    }
  }

  @Test func `an unexpected failure tells nothing of its inside`() async throws {
    struct Secret: Error { let path = "/secret/path" }
    try await APIHarness.run { api in
      let message = api.mail.add(to: api.alice.id, subject: "x")
      api.mail.nextFailure.withLock { $0 = Secret() }
      let answer = try await api.get("/v1/messages/\(message.row.id)")
      #expect(answer.status == 500)
      #expect(!answer.text.contains("secret"))
    }
  }
}
