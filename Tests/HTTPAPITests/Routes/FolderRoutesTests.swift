import APISupport
import HTTPAPI
import HTTPTypes
import MailStore
import Testing

struct FolderRoutesTests {
  @Test func `folders are listed with role and counts`() async throws {
    try await APIHarness.run { api in
      api.mail.add(to: api.alice.id, subject: "one")
      api.mail.add(to: api.alice.id, subject: "two", isRead: true)
      let answer = try await api.get("/v1/folders")
      #expect(answer.status == 200)
      #expect(answer.headers[.contentType] == "application/json")
      #expect(answer.headers[.cacheControl] == "no-store")
      #expect(answer.elements.map { $0["role"] } == ["inbox", "sent", "drafts", "archive", "spam", "trash"])
      let inbox = try api.folder(.inbox, of: api.alice)
      #expect(
        answer.elements.first == [
          "id": .string(inbox.publicName), "name": "Inbox", "user_id": "1", "role": "inbox", "total": 2, "unread": 1,
        ])
    }
  }

  @Test func `a list of folders is read in pages that miss and repeat nothing`() async throws {
    try await APIHarness.run { api in
      var next: String? = "/v1/folders?limit=4"
      var names: [JSONValue?] = []
      var pages = 0
      while let uri = next, pages < 10 {
        let answer = try await api.get(uri)
        names += answer.elements.map { $0["name"] }
        next = answer.next
        pages += 1
      }
      #expect(pages == 2)
      #expect(names == ["Inbox", "Sent", "Drafts", "Archive", "Spam", "Trash"])
    }
  }

  @Test func `a folder is made, renamed and deleted`() async throws {
    try await APIHarness.run { api in
      let made = try await api.send(.post, "/v1/folders", body: #"{"name": "  Rechnungen 한국 "}"#)
      #expect(made.status == 201)
      #expect(made["name"] == "Rechnungen 한국")
      #expect(made["role"] == .null)
      #expect(made.sequence == 1)
      let address = try #require(made.headers[.location])
      #expect(address == "/v1/folders/\(made["id"].string ?? "")")

      let renamed = try await api.send(.patch, address, body: #"{"name": "Bills"}"#)
      #expect(renamed.status == 200)
      #expect(renamed["name"] == "Bills")
      #expect(renamed["id"] == made["id"])
      #expect(renamed.sequence == 2)

      let deleted = try await api.send(.delete, address)
      #expect(deleted.status == 204)
      #expect(deleted.bytes.isEmpty)
      #expect(deleted.sequence == 3)
      try await api.expect(404, .delete, address)
    }
  }

  @Test func `a name that exists is a conflict`() async throws {
    try await APIHarness.run { api in
      let answer = try await api.send(.post, "/v1/folders", body: #"{"name": "Inbox"}"#)
      #expect(answer.status == 409)
      #expect(answer["detail"] == "there is a folder of that name already")
    }
  }

  @Test func `a folder with a role stays`() async throws {
    try await APIHarness.run { api in
      let inbox = try api.folder(.inbox, of: api.alice)
      try await api.expect(409, .delete, "/v1/folders/\(inbox.publicName)")
      #expect(try api.mail.folders(of: api.alice.id).count == 6)
    }
  }

  @Test(arguments: [
    #"{}"#, #"{"name": ""}"#, #"{"name": "  "}"#, #"{"name": "a\u0000b"}"#, #"{"name": 7}"#, #"{"name": null}"#,
  ])
  func `a name that is none is refused by name`(body: String) async throws {
    try await APIHarness.run { api in
      let answer = try await api.send(.post, "/v1/folders", body: body)
      #expect(answer.status == 400)
      #expect(answer["field"] == "name")
    }
  }

  @Test func `a name of 255 bytes is taken and one of 256 is not`() async throws {
    try await APIHarness.run { api in
      let fitting = "x" + String(repeating: "ü", count: 127)
      try await api.expect(201, .post, "/v1/folders", body: #"{"name": "\#(fitting)"}"#)
      try await api.expect(400, .post, "/v1/folders", body: #"{"name": "\#(fitting)x"}"#)
    }
  }

  @Test func `messages come newest first and without what only one message shows`() async throws {
    try await APIHarness.run { api in
      for number in 0..<3 { api.mail.add(to: api.alice.id, subject: "mail \(number)", at: Int64(number)) }
      let inbox = try api.folder(.inbox, of: api.alice)
      let answer = try await api.get("/v1/folders/\(inbox.publicName)/messages")
      #expect(answer.elements.map { $0["subject"] } == ["mail 2", "mail 1", "mail 0"])
      #expect(answer.next == nil)
      for name in ["body", "body_html", "headers"] { #expect(answer.elements[0][name] == nil) }
    }
  }

  @Test func `read and unread messages can be asked for alone`() async throws {
    try await APIHarness.run { api in
      api.mail.add(to: api.alice.id, subject: "seen", isRead: true)
      api.mail.add(to: api.alice.id, subject: "new")
      let messages = "/v1/folders/\(try api.folder(.inbox, of: api.alice).publicName)/messages"
      #expect(try await api.get(messages + "?is_read=true").elements.map { $0["subject"] } == ["seen"])
      #expect(try await api.get(messages + "?is_read=false").elements.map { $0["subject"] } == ["new"])
      let wrong = try await api.get(messages + "?is_read=maybe")
      #expect(wrong.status == 400)
      #expect(wrong["field"] == "is_read")
    }
  }

  @Test func `fifty messages are answered unless told, and the pages join without gaps`() async throws {
    try await APIHarness.run { api in
      // Times repeat, so that the number within a time decides as well.
      for number in 0..<120 { api.mail.add(to: api.alice.id, subject: "\(number)", at: Int64(number / 7)) }
      let inbox = try api.folder(.inbox, of: api.alice)
      var next: String? = "/v1/folders/\(inbox.publicName)/messages?is_read=false"
      var sizes: [Int] = []
      var subjects: [String] = []
      while let uri = next, sizes.count < 10 {
        let answer = try await api.get(uri)
        sizes.append(answer.elements.count)
        subjects += answer.elements.compactMap { $0["subject"]?.string }
        next = answer.next
        if let next { #expect(next.contains("is_read=false"), "the filter goes along") }
      }
      #expect(sizes == [50, 50, 20])
      #expect(subjects == (0..<120).reversed().map { String($0) })
    }
  }

  @Test func `a page that ends with the list has no next`() async throws {
    try await APIHarness.run { api in
      for number in 0..<2 { api.mail.add(to: api.alice.id, subject: "\(number)") }
      let messages = "/v1/folders/\(try api.folder(.inbox, of: api.alice).publicName)/messages"
      #expect(try await api.get(messages + "?limit=2").next == nil)
      #expect(try await api.get(messages + "?limit=1").next != nil)
    }
  }

  @Test(arguments: ["limit=0", "limit=501", "limit=-1", "limit=ten", "limit=", "limit=99999999999999999999"])
  func `a limit outside 1 to 500 is refused`(query: String) async throws {
    try await APIHarness.run { api in
      let answer = try await api.get("/v1/folders?\(query)")
      #expect(answer.status == 400)
      #expect(answer["detail"] == "limit: must be a whole number from 1 to 500")
    }
  }

  @Test func `a cursor is refused where another list gave it`() async throws {
    try await APIHarness.run { api in
      for role in [FolderRole.inbox, .sent] {
        for number in 0..<2 { api.mail.add(to: api.alice.id, subject: "\(number)", folder: role) }
      }
      let inbox = "/v1/folders/\(try api.folder(.inbox, of: api.alice).publicName)/messages"
      let sent = "/v1/folders/\(try api.folder(.sent, of: api.alice).publicName)/messages"
      let next = try #require(try await api.get(inbox + "?limit=1").next)
      let cursor = try #require(next.split(separator: "cursor=").last)
      try await api.expect(200, .get, inbox + "?cursor=\(cursor)")
      for uri in [sent, inbox + "?is_read=false", "/v1/folders"] {
        let separator = uri.contains("?") ? "&" : "?"
        let answer = try await api.get("\(uri)\(separator)cursor=\(cursor)")
        #expect(answer.status == 400, "\(uri)")
        #expect(answer["field"] == "cursor")
      }
    }
  }

  @Test(arguments: ["x", "", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAA", "%00", "../../etc", "🦊"])
  func `a cursor that nobody gave is refused`(cursor: String) async throws {
    try await APIHarness.run { api in
      try await api.expect(400, .get, "/v1/folders?cursor=\(cursor)")
    }
  }
}
