import APISupport
import Foundation
import HTTPAPI
import HTTPTypes
import MailStore
import Testing

@testable import Mailboxes
@testable import maildex

/// The whole API over real mailboxes: that the stores, the service and the description say the same.
@Suite(.timeLimit(.minutes(30))) struct MailboxServiceTests {
  /// A mail at so many minutes past an hour, with what its reader should see.
  private func letter(_ subject: String, minute: Int = 0, headers: [String] = [], body: String = "text") -> [UInt8] {
    let head = [
      "From: Dan <dan@example.net>", "To: alice@example.com", "Subject: \(subject)",
      "Date: Wed, 1 May 2024 09:\(minute < 10 ? "0" : "")\(minute):00 +0000",
      "Message-ID: <\(subject.filter(\.isLetter))\(minute)@example.net>",
    ]
    return Array(((head + headers).joined(separator: "\r\n") + "\r\n\r\n\(body)\r\n").utf8)
  }

  private func letter(attached content: [UInt8], name: String, minute: Int = 0) -> [UInt8] {
    let encoded = Data(content).base64EncodedString(options: [.lineLength76Characters, .endLineWithCarriageReturn])
    let lines = encoded.replacing("\r\n", with: "\n").replacing("\r", with: "\n").replacing("\n", with: "\r\n")
    return letter(
      "attached \(name)", minute: minute,
      headers: ["MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b"],
      body: "--b\r\nContent-Type: text/plain\r\n\r\nsee there\r\n--b\r\nContent-Type: application/pdf\r\n"
        + "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"\(name)\"\r\n\r\n"
        + "\(lines)\r\n--b--")
  }

  // MARK: Folders

  @Test func `a folder is made, listed, renamed and deleted, and its mail goes to trash`() async throws {
    try await RealAPI.run { api in
      let made = try await api.send(.post, "/v1/folders", body: #"{"name": "Work"}"#)
      #expect(made.status == 201)
      let address = try #require(made.headers[.location])
      try await api.store([letter("one")])
      let id = try #require(try await api.found("one").first)
      let folder = made["id"].string ?? ""
      try await api.expect(200, .patch, "/v1/messages/\(id)", body: #"{"folder_id": "\#(folder)"}"#)
      let listed = try await api.get("/v1/folders").elements
      #expect(listed.map { $0["role"] }.prefix(6) == ["inbox", "sent", "drafts", "archive", "spam", "trash"])
      #expect(listed.last?["name"] == "Work" && listed.last?["total"] == 1 && listed.last?["unread"] == 1)

      let renamed = try await api.send(.patch, address, body: #"{"name": "Arbeit"}"#)
      #expect(renamed["name"] == "Arbeit" && renamed["total"] == 1)
      let deleted = try await api.send(.delete, address)
      #expect(deleted.status == 204)
      #expect(deleted.sequence ?? 0 > renamed.sequence ?? .max)
      try await api.expect(404, .delete, address)
      let trash = try await api.folder("trash")
      #expect(try await api.get("/v1/folders/\(trash)/messages").elements.map { $0["id"] } == [.string(id)])
    }
  }

  @Test func `routes and mailboxes agree on what a folder's name may be`() async throws {
    try await RealAPI.run { api in
      let long = "x" + String(repeating: "ü", count: 127)
      for name in [long, "a\u{85}b", "받은 편지함/2024", "%00"] {
        let made = try await api.send(.post, "/v1/folders", body: #"{"name": "\#(name)"}"#)
        #expect(made.status == 201)
        #expect(made["name"] == .string(name))
      }
      for name in [long + "x", #"a\u0007b"#, #"a\u007fb"#, "", "  "] {
        let refused = try await api.send(.post, "/v1/folders", body: #"{"name": "\#(name)"}"#)
        #expect(refused.status == 400)
        #expect(refused["field"] == "name", "the route says it, not only the mailbox")
      }
      try await api.expect(409, .post, "/v1/folders", body: #"{"name": "Inbox"}"#)
      let inbox = try await api.folder("inbox")
      try await api.expect(409, .delete, "/v1/folders/\(inbox)")
      try await api.expect(409, .patch, "/v1/folders/\(inbox)", body: #"{"name": "Sent"}"#)
    }
  }

  // MARK: Messages

  @Test func `messages are listed newest first, in pages, read and unread apart`() async throws {
    try await RealAPI.run { api in
      try await api.store((0..<5).map { letter("mail \($0)", minute: $0) })
      let inbox = try await api.folder("inbox")
      var next: String? = "/v1/folders/\(inbox)/messages?limit=2"
      var subjects: [String] = []
      while let uri = next, subjects.count < 10 {
        let page = try await api.get(uri)
        subjects += page.elements.compactMap { $0["subject"]?.string }
        next = page.next
      }
      #expect(subjects == ["mail 4", "mail 3", "mail 2", "mail 1", "mail 0"])
      let id = try #require(try await api.found("subject:2").first)
      try await api.expect(200, .patch, "/v1/messages/\(id)", body: #"{"is_read": true}"#)
      let read = try await api.get("/v1/folders/\(inbox)/messages?is_read=true").elements
      #expect(read.map { $0["subject"] } == ["mail 2"])
      #expect(try await api.get("/v1/folders/\(inbox)/messages?is_read=false").elements.count == 4)
    }
  }

  @Test func `a message, its bytes and its attachments are what was stored`() async throws {
    try await RealAPI.run { api in
      // One that stays in its mail, and one that is split off.
      for (minute, size) in [100, 40_000].enumerated() {
        let content = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let mail = letter(attached: content, name: "plan\(size).pdf", minute: minute)
        try await api.store([mail])
        let id = try #require(try await api.found("filename:plan\(size).pdf").first)
        let message = try await api.get("/v1/messages/\(id)")
        #expect(message["body"].string?.contains("see there") == true)
        #expect(message["size"] == .init(mail.count))
        #expect(message["headers"].elements.contains(["name": "From", "value": "Dan <dan@example.net>"]))
        let attachment = try #require(message["attachments"].elements.first)
        #expect(attachment["filename"] == .string("plan\(size).pdf") && attachment["size"] == .init(size))

        let raw = try await api.get("/v1/messages/\(id)/raw")
        #expect(raw.bytes == mail)
        #expect(raw.headers[.contentLength] == String(mail.count))
        let part = try await api.send(.get, "/v1/messages/\(id)/raw", headers: [("Range", "bytes=10-19")])
        #expect(part.status == 206)
        #expect(part.bytes == Array(mail[10..<20]))
        let address = "/v1/messages/\(id)/attachments/\(attachment["id"]?.string ?? "")"
        let decoded = try await api.get(address)
        #expect(decoded.bytes == content)
        #expect(decoded.headers[.contentType] == "application/pdf")
        let end = try await api.send(.get, address, headers: [("Range", "bytes=-3")])
        #expect(end.bytes == Array(content.suffix(3)))
        try await api.expect(404, .get, "/v1/messages/\(id)/attachments/99")
      }
    }
  }

  @Test func `flags, labels and folder are changed, and a message goes to trash and away`() async throws {
    try await RealAPI.run { api in
      try await api.store([letter("one"), letter("two", minute: 1)])
      let ids = try await api.found("in:inbox")
      let archive = try await api.folder("archive")
      let body = #"{"is_read": true, "is_starred": true, "labels": ["b", "a"], "folder_id": "\#(archive)"}"#
      let changed = try await api.send(.patch, "/v1/messages/\(ids[0])", body: body)
      #expect(changed.status == 200)
      #expect(changed["is_read"] == true && changed["is_starred"] == true && changed["labels"] == ["a", "b"])
      #expect(changed["folder_id"] == .string(archive))
      let sequence = try #require(changed.sequence)
      #expect(try await api.found("in:archive%20label:a&min_seq=\(sequence)") == [ids[0]])

      let batch = #"{"ids": ["\#(ids[0])", "\#(ids[1])"], "set": {"is_starred": true}}"#
      let answers = try await api.send(.post, "/v1/messages/batch", body: batch)
      #expect(answers.elements.map { $0["is_starred"] } == [true, true])
      let never = String(ids[0].dropLast(8)) + "deadbeef"
      try await api.expect(404, .post, "/v1/messages/batch", body: #"{"ids": ["\#(never)"], "delete": true}"#)

      try await api.expect(204, .delete, "/v1/messages/\(ids[0])")
      #expect(try await api.found("in:trash") == [ids[0]])
      try await api.expect(204, .delete, "/v1/messages/\(ids[0])?permanent=true")
      for path in ["", "/raw"] { try await api.expect(404, .get, "/v1/messages/\(ids[0])\(path)") }
      #expect(try await api.found("in:anywhere") == [ids[1]])
    }
  }

  @Test func `a thread is read in pages, each with what is true of the whole`() async throws {
    try await RealAPI.run { api in
      let replies = (1..<5).map { letter("Re: Plan", minute: $0, headers: ["References: <Plan0@example.net>"]) }
      try await api.store([letter("Plan")] + replies)
      let ids = try await api.found("subject:plan")
      let thread = try #require(try await api.get("/v1/messages/\(ids[3])")["thread_id"].string)
      #expect(thread == ids[0])
      var next: String? = "/v1/threads/\(thread)?limit=2"
      var pages: [[JSONValue?]] = []
      while let uri = next, pages.count < 10 {
        let page = try await api.get(uri)
        #expect(page["total"] == 5 && page["unread"] == 5 && page["subject"] == "Plan")
        #expect(page["participants"].elements.map { $0["email"] } == ["dan@example.net", "alice@example.com"])
        pages.append(page["messages"].elements.map { $0["id"] })
        next = page.next
      }
      #expect(pages.map(\.count) == [2, 2, 1])
      #expect(pages.joined().map { $0?.string } == ids)
      try await api.expect(404, .get, "/v1/threads/\(ids[1])")
    }
  }

  // MARK: Search

  @Test func `a search is the same by address, by text in a body and by tree`() async throws {
    try await RealAPI.run { api in
      try await api.store([letter("budget one"), letter("budget two", minute: 1), letter("other", minute: 2)])
      let tree = #"{"and": [{"word": "budget"}, {"not": {"word": "two"}}]}"#
      let byAddress = try await api.get("/v1/search?q=budget%20-two")
      #expect(byAddress["total"] == 1)
      for query in ["\"budget -two\"", tree] {
        let answer = try await api.send(.post, "/v1/search", body: "{\"query\": \(query)}")
        #expect(answer.status == 200)
        for member in ["total", "hits", "query", "seq", "warnings"] { #expect(answer[member] == byAddress[member]) }
      }
      // What an answer shows is what a body takes.
      let again = String(decoding: byAddress["query"].serialized(), as: UTF8.self)
      let answer = try await api.send(.post, "/v1/search", body: #"{"query": \#(again), "highlight": true}"#)
      #expect(answer["hits"].elements.first?["highlights"]?["subject"]?.elements.first?["match"] == true)
    }
  }

  @Test func `pages of a body's search go on where the last one ended`() async throws {
    try await RealAPI.run { api in
      try await api.store((0..<3).map { letter("mail \($0)", minute: $0) })
      let first = try await api.send(.post, "/v1/search", body: #"{"query": {"word": "mail"}, "limit": 2}"#)
      let cursor = try #require(first["next_cursor"].string)
      let rest = try await api.send(
        .post, "/v1/search", body: #"{"query": {"word": "mail"}, "limit": 2, "cursor": "\#(cursor)"}"#)
      #expect(rest["hits"].elements.map { $0["message"]?["subject"] } == ["mail 0"])
      #expect(rest["next_cursor"] == .null)
      try await api.expect(400, .post, "/v1/search", body: #"{"query": {"word": "text"}, "cursor": "\#(cursor)"}"#)
    }
  }

  @Test(arguments: [
    #"{"query": {"word": ""}}"#, #"{"query": {"word": "a", "phrase": "b"}}"#, #"{"query": {"nonsense": 1}}"#,
    #"{"query": {}}"#, #"{"query": {"and": [{"word": "a"}]}}"#, #"{"query": {"word": 1}}"#, #"{"query": "a (b"}"#,
    #"{"query": "# + String(repeating: #"{"not": "#, count: 200) + #"{"all": true}"#
      + String(repeating: "}", count: 201),
  ])
  func `a tree or text that cannot be understood is an invalid query`(body: String) async throws {
    try await RealAPI.run { api in
      let answer = try await api.send(.post, "/v1/search", body: body)
      #expect(answer.status == 400)
      #expect(answer["type"] == "urn:maildex:problem:invalid-query", "\(answer.text)")
    }
  }

  @Test func `each described order sorts, and a long query has room in a body`() async throws {
    try await RealAPI.run { api in
      try await api.store([letter("one")])
      for sort in SearchSort.allCases {
        try await api.expect(200, .get, "/v1/search?sort=\(sort.rawValue)")
        try await api.expect(200, .post, "/v1/search", body: #"{"sort": "\#(sort.rawValue)"}"#)
      }
      try await api.expect(400, .get, "/v1/search?sort=best")
      let words = Array(repeating: "one", count: 1_000).joined(separator: " ") + String(repeating: " ", count: 61_537)
      #expect(try await api.send(.post, "/v1/search", body: #"{"query": "\#(words)"}"#)["total"] == 1)
      try await api.expect(400, .post, "/v1/search", body: #"{"query": "\#(words) and more than fits"}"#)
    }
  }

  // MARK: Events

  @Test func `what happens is heard, also that a folder went away`() async throws {
    try await RealAPI.run { api in
      let start = try await api.get("/v1/events/poll?timeout=0")["seq"]
      guard case .integer(let since) = start else { return #expect(Bool(false), "\(start)") }
      try await api.store([letter("one")])
      let id = try #require(try await api.found("one").first)
      try await api.expect(200, .patch, "/v1/messages/\(id)", body: #"{"is_read": true}"#)
      let made = try await api.send(.post, "/v1/folders", body: #"{"name": "Work"}"#)
      let before = try await api.get("/v1/events/poll?since=\(since)&timeout=0")
      #expect(before["events"].elements.map { $0["type"] } == ["message.created", "message.updated", "folder.updated"])
      #expect(before["events"].elements.last?["id"] == made["id"])
      guard case .integer(let middle) = before["seq"] else { return #expect(Bool(false), "no seq") }

      let removed = try await api.send(.delete, try #require(made.headers[.location]))
      try await api.expect(204, .delete, "/v1/messages/\(id)?permanent=true")
      let after = try await api.get("/v1/events/poll?since=\(middle)&timeout=0")
      #expect(after["events"].elements.map { $0["type"] } == ["folder.updated", "message.deleted"])
      let gone = try #require(after["events"].elements.first)
      #expect(gone["folder_id"] == .null)
      #expect(gone["id"] == made["id"])
      #expect(gone["seq"] == removed.sequence.map { .init($0) })
      #expect(after["events"].elements.last?["id"] == .string(id))
      // Whoever was away all the time hears of what is gone only that it went.
      let all = try await api.get("/v1/events/poll?since=\(since)&timeout=0")["events"].elements
      #expect(all.map { $0["type"] } == ["folder.updated", "message.deleted"])
    }
  }

  @Test func `a sequence that was never reached is refused instead of waited for`() async throws {
    try await RealAPI.run { api in
      guard case .integer(let now) = try await api.get("/v1/events/poll?timeout=0")["seq"] else {
        return #expect(Bool(false), "no seq")
      }
      try await api.expect(200, .get, "/v1/events/poll?since=\(now)&timeout=0")
      try await api.expect(400, .get, "/v1/events/poll?since=\(now + 1)&timeout=60")
      try await api.expect(400, .get, "/v1/events/poll?since=9223372036854775807&timeout=60")
    }
  }

  private func sequence(_ api: RealAPI) async throws -> String {
    guard case .integer(let now) = try await api.get("/v1/events/poll?timeout=0")["seq"] else { return "" }
    return String(now)
  }

  private func waitForPoll(_ api: RealAPI) async {
    while api.engine.mailboxes.board.waiterCount(of: api.alice.id) == 0 { await Task.yield() }
  }

  @Test func `a poll hears of what happens while it waits`() async throws {
    try await RealAPI.run { api in
      let since = try await sequence(api)
      async let answer = api.get("/v1/events/poll?since=\(since)&timeout=60")
      await waitForPoll(api)
      try await api.store([letter("one")])
      let events = try await answer["events"].elements
      #expect(events.map { $0["type"] } == ["message.created"])
    }
  }

  @Test func `a token that is revoked while its poll waits gets nothing`() async throws {
    try await RealAPI.run { api in
      let since = try await sequence(api)
      let token = try api.engine.accounts.createToken(for: api.alice.id)
      let id = try #require(api.engine.accounts.tokens(of: api.alice.id).last?.id)
      async let answer = api.send(.get, "/v1/events/poll?since=\(since)&timeout=60", as: token)
      await waitForPoll(api)
      try api.engine.accounts.revokeToken(id)
      try await api.store([letter("one")])
      let refused = try await answer
      #expect(refused.status == 401)
    }
  }

  @Test func `a server that is to stop answers its polls`() async throws {
    try await RealAPI.run { api in
      let since = try await sequence(api)
      async let answer = api.get("/v1/events/poll?since=\(since)&timeout=60")
      await waitForPoll(api)
      let start = ContinuousClock.now
      await api.shutDown()
      let events = try await answer["events"]
      #expect(events == [])
      #expect(ContinuousClock.now - start < .seconds(50), "long before the poll's own end")
    }
  }

  // MARK: Isolation

  @Test func `another user's mail and folders are as absent as what never was`() async throws {
    try await RealAPI.run { api in
      try await api.store([letter(attached: [1, 2, 3], name: "a.pdf")], for: api.bob)
      try await api.store([letter("own")])
      let theirs = try #require(try await api.found("in:inbox", as: api.bobToken).first)
      let own = try #require(try await api.found("in:inbox").first)
      let inbox = try await api.folder("inbox", as: api.bobToken)
      let never = String(theirs.dropLast(12)) + "0000deadbeef"
      let probes: [(HTTPRequest.Method, String, String?)] = [
        (.get, "/v1/messages/ID", nil), (.get, "/v1/messages/ID/raw", nil),
        (.get, "/v1/messages/ID/attachments/2", nil), (.patch, "/v1/messages/ID", #"{"is_read": true}"#),
        (.delete, "/v1/messages/ID?permanent=true", nil), (.get, "/v1/threads/ID", nil),
        (.post, "/v1/messages/batch", #"{"ids": ["OWN", "ID"], "set": {"is_read": true}}"#),
        (.get, "/v1/folders/FOLDER/messages", nil), (.patch, "/v1/folders/FOLDER", #"{"name": "Mine"}"#),
        (.delete, "/v1/folders/FOLDER", nil), (.patch, "/v1/messages/OWN", #"{"folder_id": "FOLDER"}"#),
      ]
      for (method, uri, body) in probes {
        var texts: Set<String> = []
        for (id, folder) in [(theirs, inbox), (never, "ffffffffffffffff"), ("x", "x")] {
          func filled(_ text: String) -> String {
            text.replacing("OWN", with: own).replacing("ID", with: id).replacing("FOLDER", with: folder)
          }
          let answer = try await api.send(method, filled(uri), body: body.map(filled))
          #expect(answer.status == 404, "\(method) \(uri)")
          texts.insert(answer.text)
        }
        #expect(texts.count == 1, "\(method) \(uri) tells ids apart: \(texts)")
      }
      #expect(try await api.found("in:anywhere%20is:read").isEmpty)
      #expect(try await api.found("in:anywhere") == [own])
      #expect(try await api.found("id:\(theirs)").isEmpty)
      #expect(try await api.found("thread:\(theirs)").isEmpty)
      try await api.expect(200, .get, "/v1/messages/\(theirs)/raw", as: api.bobToken)
    }
  }
}
