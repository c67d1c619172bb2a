import Foundation
import Testing

@testable import MailFormat

@Suite struct MailPartsTests {
  private func parts(_ mail: String, limit: Int = 1 << 20) -> (parts: [MailPart], isWhole: Bool) {
    var parts: [MailPart] = []
    let isWhole = MailParts(Array(mail.utf8)).forEach(contentLimit: limit) {
      parts.append($0)
      return true
    }
    return (parts, isWhole)
  }

  private func text(_ part: MailPart) -> String { String(decoding: part.content, as: UTF8.self) }

  private let mixed = """
    From: a@example.net
    Subject: =?utf-8?q?H=C3=A4fen?=
    MIME-Version: 1.0
    Content-Type: multipart/mixed; boundary=b

    --b

    Hello
    --b
    Content-Type: application/pdf; name="a.pdf"
    Content-Transfer-Encoding: base64

    SGVsbG8=
    --b
    Content-Type: message/rfc822

    Subject: inner

    Inside
    --b--

    """

  @Test func `leaves come one after another, decoded, those of nested mails among them`() {
    let (parts, isWhole) = parts(mixed)
    #expect(parts.map(text) == ["Hello", "Hello", "Inside"])
    #expect(parts.map(\.filename) == [nil, "a.pdf", nil])
    #expect(parts.map(\.isAttachment) == [false, true, false])
    #expect(parts.map(\.contentType) == ["text/plain", "application/pdf", "text/plain"])
    #expect(isWhole)
  }

  @Test func `the header is read, and no text`() {
    let header = MailParts(Array(mixed.utf8)).header
    #expect(header.subject == "Häfen" && header.from.map(\.address) == ["a@example.net"])
    #expect(header.text.isEmpty && header.attachments.isEmpty)
  }

  @Test func `a part is cut at the limit and says so`() {
    let (parts, _) = parts(mixed, limit: 3)
    #expect(parts.map(text) == ["Hel", "Hel", "Ins"] && parts.allSatisfy(\.isCut))
  }

  @Test func `who has seen enough stops`() {
    var count = 0
    MailParts(Array(mixed.utf8)).forEach(contentLimit: 100) { _ in
      count += 1
      return false
    }
    #expect(count == 1)
  }

  @Test func `nested mails that are encoded are walked, but not without end`() {
    var mail = "Subject: innermost\n\nfound"
    for depth in 1...4 {
      let encoded = Data(mail.utf8).base64EncodedString()
      mail = "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n\(encoded)"
      let (parts, isWhole) = parts(mail)
      #expect(parts.map(text) == (depth <= 3 ? ["found"] : []))
      #expect(isWhole == (depth <= 3))
    }
  }
}
