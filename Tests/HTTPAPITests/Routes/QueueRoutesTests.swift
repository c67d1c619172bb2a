import APISupport
import Bytes
import HTTPAPI
import Ingest
import HTTPTypes
import MailStore
import Testing

struct QueueRoutesTests {
  private let operatorHeader = HTTPField.Name("X-Maildex-Operator")!

  @Test func `only an operator's token opens the queues`() async throws {
    try await APIHarness.run { api in
      try await api.expect(401, .get, "/admin/v1/queues", as: nil)
      try await api.expect(401, .get, "/admin/v1/queues", as: api.aliceToken)
      try await api.expect(200, .get, "/admin/v1/queues", as: api.operatorToken)
      try await api.expect(401, .get, "/v1/folders", as: api.operatorToken)
    }
  }

  @Test func `without tokens it takes a header that no web page sends by itself`() async throws {
    try await APIHarness.run(authentication: .none) { api in
      let host: HTTPFields = [HTTPField.Name("Host")!: "127.0.0.1"]
      try await api.expect(401, .get, "/admin/v1/queues", as: nil, headers: host)
      var headers = host
      headers[operatorHeader] = "yes"
      try await api.expect(401, .get, "/admin/v1/queues", as: nil, headers: headers)
      headers[operatorHeader] = "true"
      try await api.expect(200, .get, "/admin/v1/queues", as: nil, headers: headers)
    }
  }

  @Test func `queues are counted and listed page by page`() async throws {
    try await APIHarness.run { api in
      for number in 1...5 { api.queues.add(UInt64(number), to: .error) }
      api.queues.add(9, to: .inbound)
      let depths = try await api.send(.get, "/admin/v1/queues", as: api.operatorToken)
      #expect(depths.elements == [["name": "inbound", "depth": 1], ["name": "error", "depth": 5]])
      var uri: String? = "/admin/v1/queues/error/messages?limit=2"
      var ids: [JSONValue] = []
      while let next = uri {
        let page = try await api.send(.get, next, as: api.operatorToken)
        ids += page.elements.compactMap { $0["id"] }
        uri = page.next
      }
      #expect(ids == ["1", "2", "3", "4", "5"])
      let inbound = try await api.send(.get, "/admin/v1/queues/inbound/messages", as: api.operatorToken)
      #expect(inbound.elements.first?["state"] == "deferred" && inbound.elements.first?["attempts"] == 3)
    }
  }

  @Test func `a held mail is shown with its verdict and its bytes`() async throws {
    try await APIHarness.run { api in
      api.queues.add(
        7, to: .error,
        verdict: MailVerdict(action: .quarantine, score: 1, symbols: [], by: "clamd", reason: "Eicar-Test-Signature"))
      let mail = try await api.send(.get, "/admin/v1/queues/error/messages/7", as: api.operatorToken)
      #expect(mail["from"] == "eve@example.net" && mail["verdict"]["reason"] == "Eicar-Test-Signature")
      let raw = try await api.send(.get, "/admin/v1/queues/error/messages/7/raw", as: api.operatorToken)
      #expect(raw.text == "Subject: held 7\r\n" && raw.headers[.contentType] == "message/rfc822")
    }
  }

  @Test func `held mail is released, tried again and dropped`() async throws {
    try await APIHarness.run { api in
      let base = "/admin/v1/queues/error/messages"
      for number in [1, 2, 3] { api.queues.add(UInt64(number), to: .error) }
      try await api.expect(204, .post, base + "/1/release", as: api.operatorToken)
      #expect(api.queues.released.withLock { $0 } == [1])
      api.queues.retries.withLock { $0 = [2: .heldAgain(reason: "still"), 3: .delivered] }
      let again = try await api.send(.post, base + "/2/retry", as: api.operatorToken)
      #expect(again["outcome"] == "held" && again["reason"] == "still")
      #expect(try await api.send(.post, base + "/3/retry", as: api.operatorToken)["outcome"] == "delivered")
      try await api.expect(204, .delete, base + "/2", as: api.operatorToken)
      try await api.expect(404, .get, base + "/2", as: api.operatorToken)
    }
  }

  @Test func `what is inbound is tried at once or dropped, but not released`() async throws {
    try await APIHarness.run { api in
      let base = "/admin/v1/queues/inbound/messages"
      api.queues.add(4, to: .inbound)
      #expect(try await api.send(.post, base + "/4/retry", as: api.operatorToken)["outcome"] == "scheduled")
      try await api.expect(409, .post, base + "/4/release", as: api.operatorToken)
      let flushed = try await api.send(.post, "/admin/v1/queues/inbound/flush", as: api.operatorToken)
      #expect(flushed["scheduled"] == 1)
      try await api.expect(204, .delete, base + "/4", as: api.operatorToken)
    }
  }

  @Test func `a mail is dropped and its sender told, or stays where that cannot be`() async throws {
    try await APIHarness.run { api in
      for (queue, number) in [("error", UInt64(5)), ("inbound", 6)] {
        let uri = "/admin/v1/queues/\(queue)/messages/\(number)"
        api.queues.add(number, to: queue == "error" ? .error : .inbound)
        api.queues.reports.withLock { $0 = nil }
        try await api.expect(409, .delete, uri + "?bounce=true", as: api.operatorToken)
        try await api.expect(200, .get, uri, as: api.operatorToken)
        api.queues.reports.withLock { $0 = .nullSender }
        let answer = try await api.send(.delete, uri + "?bounce=true", as: api.operatorToken)
        #expect(answer["report"] == "null_sender")
        try await api.expect(404, .get, uri, as: api.operatorToken)
      }
      api.queues.add(7, to: .error)
      try await api.expect(400, .delete, "/admin/v1/queues/error/messages/7?bounce=perhaps", as: api.operatorToken)
      try await api.expect(204, .delete, "/admin/v1/queues/error/messages/7?bounce=false", as: api.operatorToken)
    }
  }

  @Test(arguments: [
    "/admin/v1/queues/outbox/messages", "/admin/v1/queues/error/messages/x", "/admin/v1/queues/error/messages/-1",
    "/admin/v1/queues/error/messages/99", "/admin/v1/queues/inbound/messages/7",
    "/admin/v1/queues/error/messages/99999999999999999999",
  ])
  func `what is in no queue is not found`(uri: String) async throws {
    try await APIHarness.run { api in
      api.queues.add(7, to: .error)
      try await api.expect(404, .get, uri, as: api.operatorToken)
    }
  }
}
