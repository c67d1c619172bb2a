import APISupport
import HTTPAPI
import HTTPTypes
import MailStore
import Testing

struct ThreadRoutesTests {
  @Test func `a thread is its messages, oldest first, and who took part`() async throws {
    try await APIHarness.run { api in
      let founder = api.mail.add(to: api.alice.id, subject: "Plan", at: 5, isRead: true)
      api.mail.add(to: api.alice.id, subject: "Re: Plan", at: 9, thread: founder)
      api.mail.add(to: api.alice.id, subject: "early", at: 1, thread: founder)
      api.mail.add(to: api.alice.id, subject: "apart", at: 2)
      let answer = try await api.get("/v1/threads/\(founder.threadID)")
      #expect(answer.status == 200)
      #expect(answer["id"] == .string(founder.row.id.description))
      #expect(answer["messages"].elements.map { $0["subject"] } == ["early", "Plan", "Re: Plan"])
      #expect(answer["subject"] == "early")
      #expect(answer["unread"] == 2)
      #expect(answer["total"] == 3)
      #expect(
        answer["participants"].elements.map { $0["email"] } == [
          "alice@example.com", "bob@example.com", "zoe@example.org",
        ])
    }
  }

  @Test func `a long thread is read in pages, with the whole thread's counts on each`() async throws {
    try await APIHarness.run { api in
      let founder = api.mail.add(to: api.alice.id, subject: "0")
      for number in 1..<5 {
        api.mail.add(to: api.alice.id, subject: "\(number)", at: Int64(number / 2), thread: founder)
      }
      var next: String? = "/v1/threads/\(founder.threadID)?limit=2"
      var subjects: [JSONValue?] = []
      var pages = 0
      while let uri = next, pages < 10 {
        let answer = try await api.get(uri)
        subjects += answer["messages"].elements.map { $0["subject"] }
        #expect(answer["total"] == 5)
        next = answer.next
        pages += 1
      }
      #expect(pages == 3)
      #expect(subjects == ["0", "1", "2", "3", "4"])
    }
  }

  @Test func `a message that founded no thread names none`() async throws {
    try await APIHarness.run { api in
      let founder = api.mail.add(to: api.alice.id, subject: "0")
      let reply = api.mail.add(to: api.alice.id, subject: "1", thread: founder)
      try await api.expect(404, .get, "/v1/threads/\(reply.row.id)")
    }
  }
}
