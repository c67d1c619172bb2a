import APISupport
import Bytes
import Foundation
import HTTPAPI
import HTTPTypes
import MailStore
import Testing

struct SearchRoutesTests {
  @Test func `hits come with total, sequence, time and the query as understood`() async throws {
    try await APIHarness.run { api in
      api.mail.add(to: api.alice.id, subject: "budget 1", at: 1)
      api.mail.add(to: api.alice.id, subject: "budget 2", at: 2)
      api.mail.add(to: api.alice.id, subject: "other", at: 3)
      let answer = try await api.get("/v1/search?q=budget")
      #expect(answer.status == 200)
      #expect(answer["total"] == 2)
      #expect(answer["hits"].elements.map { $0["message"]?["subject"] } == ["budget 2", "budget 1"])
      #expect(answer["hits"].elements.allSatisfy { $0["highlights"] == nil && $0["message"]?["body"] == nil })
      #expect(answer["seq"] == 3)
      #expect(answer["pending"] == 0)
      #expect(answer["query"] == ["word": "budget"])
      #expect(answer["warnings"] == [])
      #expect(answer["next_cursor"] == .null)
      guard case .integer(let took) = answer["took_us"] else { return #expect(Bool(false), "took_us is no integer") }
      #expect((0..<60_000_000).contains(took))
    }
  }

  @Test func `an empty or absent query lists everything`() async throws {
    try await APIHarness.run { api in
      for number in 0..<3 { api.mail.add(to: api.alice.id, subject: "\(number)") }
      let absent = try await api.get("/v1/search")
      #expect(absent["total"] == 3)
      let empty = try await api.get("/v1/search?q=")
      #expect(empty["total"] == 3)
      let limited = try await api.get("/v1/search?q&limit=2")
      #expect(limited["hits"].elements.count == 2)
    }
  }

  @Test func `an answer is explained when that is asked for, by address and by body`() async throws {
    try await APIHarness.run { api in
      let plain = try await api.get("/v1/search?q=n")
      #expect(plain["explanation"] == nil)
      let explained = try await api.get("/v1/search?q=n&explain=true")
      #expect(explained["explanation"] == ["plan", "  n"])
      let answer = try await api.send(.post, "/v1/search", body: #"{"query": "n", "explain": true}"#)
      #expect(answer["explanation"] == ["plan", "  n"])
      #expect(try await api.get("/v1/search?q=n&explain=maybe").status == 400)
    }
  }

  @Test func `why a message is a hit or none is told when that is asked for`() async throws {
    try await APIHarness.run { api in
      let id = api.mail.add(to: api.alice.id, subject: "budget").row.id
      let other = api.mail.add(to: api.bob.id, subject: "budget").row.id
      let answer = try await api.get("/v1/search?q=n&why=\(id)")
      #expect(answer["why"] == [["id": .string("\(id)"), "hit": false, "lines": ["word: nowhere"]]])
      let byBody = try await api.send(.post, "/v1/search", body: #"{"query": "n", "why": "\#(id)"}"#)
      #expect(byBody["why"] == answer["why"])
      #expect(try await api.get("/v1/search?q=n")["why"] == .null)
      #expect(try await api.get("/v1/search?q=n&why=\(other)").status == 404)
      #expect(try await api.get("/v1/search?q=n&why=").status == 400)
    }
  }

  @Test func `what is being typed is completed`() async throws {
    try await APIHarness.run { api in
      let answer = try await api.get("/v1/search/suggest?q=is%3Aread%20fr&limit=2")
      #expect(answer.status == 200)
      #expect(
        answer.json == [
          ["kind": "operator", "text": "0", "query": "is:read fr0"],
          ["kind": "person", "text": "1", "query": "is:read fr1", "name": "N"],
        ])
      #expect(try await api.get("/v1/search/suggest").elements.count == 8)
      for wrong in ["limit=0", "limit=51", "sort=date", "q=" + String(repeating: "a", count: 8_193)] {
        #expect(try await api.get("/v1/search/suggest?" + wrong).status == 400, "\(wrong.prefix(20))")
      }
    }
  }

  @Test func `a search asks for the days of a time zone, in an address and in a body`() async throws {
    try await APIHarness.run { api in
      let seoul = TimeZone(identifier: "Asia/Seoul")
      _ = try await api.get("/v1/search?q=a&time_zone=Asia%2FSeoul")
      #expect(api.mail.lastSearch.withLock { $0?.timeZone } == seoul)
      _ = try await api.send(.post, "/v1/search", body: #"{"query": "a", "time_zone": "Asia/Seoul"}"#)
      #expect(api.mail.lastSearch.withLock { $0?.timeZone } == seoul)
      _ = try await api.get("/v1/search?q=a")
      #expect(api.mail.lastSearch.withLock { $0?.timeZone } == .some(nil))
      for name in ["", "Mars%2FBase", String(repeating: "a", count: 65)] {
        let answer = try await api.get("/v1/search?q=a&time_zone=\(name)")
        #expect(answer.status == 400 && answer.text.contains("Europe/Berlin"), "\(name)")
      }
    }
  }

  @Test func `what is asked reaches the search`() async throws {
    try await APIHarness.run { api in
      _ = try await api.get(
        "/v1/search?q=a&sort=size&limit=7&cursor=3&total=false&highlight=true&min_seq=12&_=1699999999")
      let command = try #require(api.mail.lastSearch.withLock { $0 })
      #expect(command.query == .text("a"))
      #expect(command.sort == .smallestFirst)
      #expect(command.limit == 7)
      #expect(command.cursor == "3")
      #expect(!command.wantsTotal)
      #expect(command.wantsHighlights)
      #expect(command.minimumSequence == SequenceNumber(rawValue: 12))
      _ = try await api.get("/v1/search?q=a")
      let usual = try #require(api.mail.lastSearch.withLock { $0 })
      #expect(usual.sort == .newestFirst)
      #expect(usual.limit == 50)
      #expect(usual.wantsTotal && !usual.wantsHighlights && usual.minimumSequence == nil && usual.cursor == nil)
    }
  }

  @Test(arguments: [
    ("a+b%2Bc%20d", "a b+c d"), ("%ED%95%9C%EA%B5%AD%EC%96%B4", "한국어"), ("%22q3%20plan%22", "\"q3 plan\""),
    ("from%3Aalice", "from:alice"), ("a=b", "a=b"), ("a?b", "a?b"),
  ])
  func `the query is decoded from the address`(encoded: String, text: String) async throws {
    try await APIHarness.run { api in
      try await api.expect(200, .get, "/v1/search?q=\(encoded)")
      #expect(api.mail.lastSearch.withLock { $0?.query } == .text(text))
    }
  }

  @Test func `facets come with their values, and how many were left out`() async throws {
    try await APIHarness.run { api in
      api.mail.add(to: api.alice.id, subject: "budget")
      let answer = try await api.get("/v1/search?q=budget&facets=from,size,from&facet_limit=3")
      #expect(answer["facets"]["from"] == [["value": "al@x.example", "name": "Al", "count": 1]])
      #expect(answer["facets"]["size"] == [["value": "0-10K", "count": 1]])
      #expect(answer["facet_others"] == ["from": 7, "size": 0])
      #expect(
        api.mail.lastSearch.withLock { $0?.facets } == SearchFacets(names: [.from, .size], limit: 3))
      try await api.expect(
        200, .post, "/v1/search", body: #"{"facets": ["month", "type", "label", "folder"], "facet_limit": 500}"#)
      #expect(
        api.mail.lastSearch.withLock { $0?.facets }
          == SearchFacets(names: [.month, .type, .label, .folder], limit: 500))
      let without = try await api.get("/v1/search?q=budget")
      #expect(without.json["facets"] == nil && without.json["facet_others"] == nil)
      let wrong = try await api.get("/v1/search?facets=frm")
      #expect(wrong["detail"].string?.contains("from, folder, month, label, type, size") == true)
    }
  }

  @Test func `without a count there is no total`() async throws {
    try await APIHarness.run { api in
      let answer = try await api.get("/v1/search?total=false")
      #expect(answer["total"] == .null)
    }
  }

  @Test func `highlights are pieces of text, never HTML`() async throws {
    try await APIHarness.run { api in
      api.mail.add(to: api.alice.id, subject: "<b>")
      let answer = try await api.get("/v1/search?q=%3Cb%3E&highlight=true")
      let highlights = answer["hits"].elements.first?["highlights"]
      #expect(highlights?["subject"] == [["text": "<b>", "match": true]])
      #expect(highlights?["from"] == [])
      #expect(highlights?["body"]?.elements.last == ["text": "<b>", "match": true])
      #expect(highlights?["attachments"]?.elements.first?["filename"] == "budget.xlsx")
      #expect(
        highlights?["attachments"]?.elements.last == ["filename": nil, "text": [["text": "<b>", "match": true]]])
    }
  }

  @Test func `pages are joined by cursor and by link`() async throws {
    try await APIHarness.run { api in
      for number in 0..<5 { api.mail.add(to: api.alice.id, subject: "n\(number)", at: Int64(number)) }
      var next: String? = "/v1/search?q=n&limit=2&highlight=true"
      var subjects: [JSONValue?] = []
      var pages = 0
      while let uri = next, pages < 10 {
        let answer = try await api.get(uri)
        subjects += answer["hits"].elements.map { $0["message"]?["subject"] }
        next = answer.next
        #expect((answer["next_cursor"] == .null) == (next == nil))
        pages += 1
      }
      #expect(pages == 3)
      #expect(subjects == ["n4", "n3", "n2", "n1", "n0"])
    }
  }

  @Test func `a query that cannot be parsed says where and what was expected`() async throws {
    try await APIHarness.run { api in
      let answer = try await api.get("/v1/search?q=%ED%95%9C%20(b")
      #expect(answer.status == 400)
      #expect(answer.headers[.contentType] == "application/problem+json")
      #expect(answer["type"] == "urn:maildex:problem:invalid-query")
      #expect(answer["position"] == 2)
      #expect(answer["expected"] == "a closing parenthesis")
      #expect(answer["suggestion"] == "한 (b)")
    }
  }

  @Test(arguments: [
    ("sort=newest", "sort"), ("sort=", "sort"), ("sort=-relevance", "sort"), ("min_seq=-1", "min_seq"),
    ("min_seq=x", "min_seq"),
    ("total=no", "total"), ("highlight=2", "highlight"), ("limit=1000", "limit"), ("qq=a", "qq"), ("Q=a", "Q"),
    ("q=a&q=b", "q"), ("q=%00", "q"), ("q=%FF", "q"), ("q=%", "q"), ("q=%4", "q"), ("q=%zz", "q"),
    ("facets=form", "facets"), ("facets=", "facets"), ("facets=from,,size", "facets"), ("facet_limit=0", "facet_limit"),
    ("facet_limit=501", "facet_limit"),
  ])
  func `a parameter that makes no sense is refused by name`(query: String, field: String) async throws {
    try await APIHarness.run { api in
      let answer = try await api.get("/v1/search?\(query)")
      #expect(answer.status == 400)
      #expect(answer["field"] == .string(field))
    }
  }

  @Test func `a cursor of another search is refused`() async throws {
    try await APIHarness.run { api in
      try await api.expect(400, .get, "/v1/search?cursor=zzz")
      try await api.expect(400, .get, "/v1/search?cursor=\(String(repeating: "A", count: 2_000))")
    }
  }

  @Test func `a query may be 8192 bytes long and no longer`() async throws {
    try await APIHarness.run { api in
      try await api.expect(200, .get, "/v1/search?q=\(String(repeating: "a", count: 8_192))")
      let answer = try await api.get("/v1/search?q=\(String(repeating: "a", count: 8_193))")
      #expect(answer.status == 400)
      #expect(answer["field"] == "q")
    }
  }

  @Test func `a search that takes too long is answered at its deadline`() async throws {
    try await APIHarness.run(configure: { $0.searchDeadline = .milliseconds(20) }) { api in
      let answer = try await api.get("/v1/search?q=slow")
      #expect(answer.status == 503)
      #expect(answer.headers[.retryAfter] != nil)
    }
  }

  // MARK: POST

  @Test func `a body asks for the same as an address`() async throws {
    try await APIHarness.run { api in
      api.mail.add(to: api.alice.id, subject: "budget 1", at: 1)
      api.mail.add(to: api.alice.id, subject: "budget 2", at: 2)
      let body = """
        {"query": {"word": "budget"}, "sort": "date", "limit": 7, "cursor": "0", "total": false, "highlight": true,
         "min_seq": 2}
        """
      let answer = try await api.send(.post, "/v1/search", body: body)
      #expect(answer.status == 200)
      let subjects = answer["hits"].elements.map { $0["message"]?["subject"] }
      #expect(subjects == ["budget 2", "budget 1"])
      #expect(answer["query"] == ["word": "budget"])
      let command = try #require(api.mail.lastSearch.withLock { $0 })
      #expect(command.query == .tree(["word": "budget"]))
      #expect(command.sort == .oldestFirst)
      #expect(command.limit == 7)
      #expect(command.cursor == "0")
      #expect(!command.wantsTotal && command.wantsHighlights)
      #expect(command.minimumSequence == SequenceNumber(rawValue: 2))
    }
  }

  @Test func `an empty body's search lists everything`() async throws {
    try await APIHarness.run { api in
      api.mail.add(to: api.alice.id, subject: "x")
      let answer = try await api.send(.post, "/v1/search", body: "{}")
      #expect(answer["total"] == 1)
      let usual = try #require(api.mail.lastSearch.withLock { $0 })
      #expect(usual.query == .text("") && usual.sort == .newestFirst && usual.limit == 50)
      #expect(usual.wantsTotal && !usual.wantsHighlights && usual.minimumSequence == nil && usual.cursor == nil)
    }
  }

  @Test func `a body's query may be longer than an address allows`() async throws {
    try await APIHarness.run { api in
      let long = String(repeating: "a", count: 60_000)
      try await api.expect(200, .post, "/v1/search", body: #"{"query": "\#(long)"}"#)
      #expect(api.mail.lastSearch.withLock { $0?.query } == .text(long))
    }
  }

  @Test func `pages of a body's search are joined by cursor`() async throws {
    try await APIHarness.run { api in
      for number in 0..<3 { api.mail.add(to: api.alice.id, subject: "n\(number)", at: Int64(number)) }
      let first = try await api.send(.post, "/v1/search", body: #"{"query": "n", "limit": 2}"#)
      #expect(first.next == nil, "no address leads to the next page of a body")
      let cursor = try #require(first["next_cursor"].string)
      let rest = try await api.send(
        .post, "/v1/search", body: #"{"query": "n", "limit": 2, "cursor": "\#(cursor)"}"#)
      #expect(rest["hits"].elements.map { $0["message"]?["subject"] } == ["n0"])
    }
  }

  @Test(arguments: [
    (#"{"query": 1}"#, "query"), (#"{"query": ["a"]}"#, "query"), (#"{"query": null}"#, "query"),
    (#"{"q": "a"}"#, "q"), (#"{"sort": "-relevance"}"#, "sort"), (#"{"sort": 1}"#, "sort"), (#"{"limit": 0}"#, "limit"),
    (#"{"limit": 501}"#, "limit"), (#"{"limit": 1.5}"#, "limit"), (#"{"limit": "7"}"#, "limit"),
    (#"{"min_seq": -1}"#, "min_seq"), (#"{"total": 1}"#, "total"), (#"{"highlight": "yes"}"#, "highlight"),
    (#"{"cursor": 3}"#, "cursor"), (#"{"facets": ["form"]}"#, "facets"), (#"{"facets": "from"}"#, "facets"),
    (#"{"facet_limit": 0}"#, "facet_limit"),
  ])
  func `a member that makes no sense is refused by name`(body: String, field: String) async throws {
    try await APIHarness.run { api in
      let answer = try await api.send(.post, "/v1/search", body: body)
      #expect(answer.status == 400)
      #expect(answer["field"] == .string(field))
    }
  }

  @Test(arguments: [#"{"query": "한 (b"}"#, #"{"query": {"nonsense": 1}}"#])
  func `a body's query that cannot be understood is an invalid query`(body: String) async throws {
    try await APIHarness.run { api in
      let answer = try await api.send(.post, "/v1/search", body: body)
      #expect(answer.status == 400)
      #expect(answer["type"] == "urn:maildex:problem:invalid-query")
    }
  }

  @Test func `a body's search that takes too long is answered at its deadline`() async throws {
    try await APIHarness.run(configure: { $0.searchDeadline = .milliseconds(20) }) { api in
      try await api.expect(503, .post, "/v1/search", body: #"{"query": "slow"}"#)
    }
  }

  @Test func `warnings come with the answer`() async throws {
    try await APIHarness.run { api in
      let answer = try await api.get("/v1/search?q=frm:alice")
      #expect(answer["warnings"] == ["did you mean from:?"])
    }
  }
}
