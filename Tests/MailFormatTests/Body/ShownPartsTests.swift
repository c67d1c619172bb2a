import MailFormat
import Testing

struct ShownPartsTests {
  @Test(arguments: [
    ("inline", false), ("INLINE; filename=a.txt", false), ("attachment", true), ("x-unheard-of", true),
    ("form-data; name=a", true), ("", false), ("filename=a.txt", false), ("; filename=a.txt", false),
  ])
  func `a disposition that nobody knows means attachment`(disposition: String, isAttachment: Bool) {
    let mail = "Content-Type: text/plain\nContent-Disposition: \(disposition)\n\nwords"
    let parsed = MailParser().parse(Array(mail.utf8))
    #expect(parsed.text == (isAttachment ? "" : "words"))
    #expect(parsed.attachments.count == (isAttachment ? 1 : 0))
  }

  @Test func `a file name is cut at a scalar, however few characters it has`() throws {
    for (start, byteCount) in [("ae", 1_024), ("e", 1_023)] {
      let name = start + String(repeating: "\u{301}", count: 5_000)
      let mail = "Content-Type: image/png; name=\"\(name)\"\n\nx"
      let filename = try #require(MailParser().parse(Array(mail.utf8)).attachments.first?.filename)
      #expect(filename.utf8.count == byteCount)
      #expect(filename.unicodeScalars.dropFirst(start.count).allSatisfy { $0 == "\u{301}" })
    }
  }

  @Test func `a parameter is found after thousands of others`() {
    let others = String(repeating: "; a=b", count: 5_000)
    let mail = "Content-Type: image/png\(others); name=c.png\n\nx"
    #expect(MailParser().parse(Array(mail.utf8)).attachments.map(\.filename) == ["c.png"])
  }
}
