import APISupport
import Bytes
import HTTPAPI
import HTTPTypes
import MailStore
import Testing

struct OriginalRoutesTests {
  private static let original = Array("Subject: a\r\n\r\n".utf8) + [0, 0xFF, 0xC3] + Array("\r\nend".utf8)

  private func attachment(
    _ path: String, filename: String? = "plan.pdf", contentType: String = "application/pdf", size: Int
  ) -> MessageSummary.Attachment {
    MessageSummary.Attachment(
      partPath: path, filename: filename, contentType: contentType, contentID: nil, isInline: false,
      byteCount: UInt64(size))
  }

  @Test func `the raw message is every byte as it is`() async throws {
    try await APIHarness.run { api in
      let message = api.mail.add(to: api.alice.id, subject: "x", original: Self.original)
      let answer = try await api.get("/v1/messages/\(message.row.id)/raw")
      #expect(answer.status == 200)
      #expect(answer.bytes == Self.original)
      #expect(answer.headers[.contentType] == "message/rfc822")
      #expect(answer.headers[.contentLength] == String(Self.original.count))
      #expect(answer.headers[.xContentTypeOptions] == "nosniff")
    }
  }

  @Test func `an attachment is handed out decoded, under its name, to be saved`() async throws {
    try await APIHarness.run { api in
      let message = api.mail.add(
        to: api.alice.id, subject: "x",
        attachments: [
          (attachment("2", filename: "Überblick \"1\".pdf", size: 3), [1, 2, 3]),
          (attachment("1.3", filename: nil, contentType: "text/html", size: 1), [4]),
        ])
      let address = "/v1/messages/\(message.row.id)/attachments"
      let pdf = try await api.get("\(address)/2")
      #expect(pdf.bytes == [1, 2, 3])
      #expect(pdf.headers[.contentType] == "application/pdf")
      #expect(
        pdf.headers[.contentDisposition]
          == "attachment; filename=\"_berblick _1_.pdf\"; filename*=UTF-8''%C3%9Cberblick%20%221%22.pdf")
      let html = try await api.get("\(address)/1.3")
      #expect(html.bytes == [4])
      #expect(html.headers[.contentType] == "application/octet-stream")
      #expect(html.headers[.contentDisposition] == "attachment")
      #expect(html.headers[.contentSecurityPolicy]?.contains("sandbox") == true)
    }
  }

  @Test(arguments: ["3", "2.1", "", "2/", "../2", "%32", "2%00", "..%2f2", "attachments", "２"])
  func `an attachment that the message does not have is not found`(id: String) async throws {
    try await APIHarness.run { api in
      let message = api.mail.add(to: api.alice.id, subject: "x", attachments: [(attachment("2", size: 3), [1, 2, 3])])
      let answer = try await api.get("/v1/messages/\(message.row.id)/attachments/\(id)")
      #expect(answer.status == 404 || (id == "2/" && answer.status == 200))
    }
  }

  @Test(arguments: [
    ("bytes=0-3", 206, 0..<4, "bytes 0-3/10"), ("bytes=7-", 206, 7..<10, "bytes 7-9/10"),
    ("bytes=-3", 206, 7..<10, "bytes 7-9/10"), ("bytes=-99", 206, 0..<10, "bytes 0-9/10"),
    ("bytes=9-9", 206, 9..<10, "bytes 9-9/10"), ("bytes=4-99999999999", 206, 4..<10, "bytes 4-9/10"),
    ("Bytes=0-0", 206, 0..<1, "bytes 0-0/10"), ("bytes=0-1,3-4", 200, 0..<10, nil), ("lines=0-1", 200, 0..<10, nil),
    ("bytes=3-1", 200, 0..<10, nil), ("bytes=", 200, 0..<10, nil), ("bytes=a-b", 200, 0..<10, nil),
    ("bytes=--1", 200, 0..<10, nil), ("bytes=99999999999999999999-", 200, 0..<10, nil),
  ])
  func `one range of bytes is answered as a part`(
    range: String, status: Int, expected: Range<Int>, contentRange: String?
  ) async throws {
    try await APIHarness.run { api in
      let content = (0..<10).map { UInt8($0) }
      let message = api.mail.add(to: api.alice.id, subject: "x", attachments: [(attachment("2", size: 10), content)])
      let answer = try await api.get("/v1/messages/\(message.row.id)/attachments/2", headers: [.range: range])
      #expect(answer.status == status)
      #expect(answer.bytes == Array(content[expected]))
      #expect(answer.headers[.contentRange] == contentRange)
      #expect(answer.headers[.acceptRanges] == "bytes")
    }
  }

  @Test(arguments: ["bytes=10-", "bytes=10-12", "bytes=-0"])
  func `a range beyond the end is refused with the length`(range: String) async throws {
    try await APIHarness.run { api in
      let message = api.mail.add(to: api.alice.id, subject: "x", original: Array("0123456789".utf8))
      let answer = try await api.get("/v1/messages/\(message.row.id)/raw", headers: [.range: range])
      #expect(answer.status == 416)
      #expect(answer.headers[.contentRange] == "bytes */10")
    }
  }

  @Test func `a tag spares sending the same bytes again, and guards a range`() async throws {
    try await APIHarness.run { api in
      let message = api.mail.add(to: api.alice.id, subject: "x", original: Array("0123456789".utf8))
      let raw = "/v1/messages/\(message.row.id)/raw"
      let tag = try #require(try await api.get(raw).headers[.eTag])
      let again = try await api.get(raw, headers: [.ifNoneMatch: tag])
      #expect(again.status == 304)
      #expect(again.bytes.isEmpty)
      try await api.expect(206, .get, raw, headers: [.range: "bytes=0-0", .ifRange: tag])
      try await api.expect(200, .get, raw, headers: [.range: "bytes=0-0", .ifRange: "\"other\""])
    }
  }

  @Test func `an answer without its body holds nothing`() async throws {
    try await APIHarness.run(configure: { $0.maxMailInFlight = 300_000 }) { api in
      let message = api.mail.add(to: api.alice.id, subject: "x", original: Array(repeating: 0x61, count: 200_000))
      let raw = "/v1/messages/\(message.row.id)/raw"
      for _ in 0..<3 {
        try await api.expect(200, .head, raw)
        try await api.expect(206, .get, raw, headers: [.range: "bytes=0-99999"])
        try await api.expect(416, .get, raw, headers: [.range: "bytes=200000-"])
        try await api.expect(200, .get, "/v1/messages/\(message.row.id)")
        #expect(try await api.get(raw).bytes.count == 200_000)
      }
    }
  }

  @Test func `bytes that are lost are called lost`() async throws {
    try await APIHarness.run { api in
      let message = api.mail.add(to: api.alice.id, subject: "x")
      api.mail.nextFailure.withLock { $0 = MailServiceError(.damaged, "the original is missing; run maildex verify") }
      let answer = try await api.get("/v1/messages/\(message.row.id)/raw")
      #expect(answer.status == 500)
      #expect(answer["detail"] == "the original is missing; run maildex verify")
    }
  }
}
