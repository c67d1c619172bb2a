import MailFormat
import Testing

@Suite struct HeaderReaderTests {
  private func headers(_ text: String) -> [HeaderField] { MailParser().headers(Array(text.utf8)) }

  @Test func `the header's fields come in order, unfolded and decoded, and those of the body are none`() {
    let fields = headers(
      "Received: a\r\n b\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\nreceived: c\r\nX-Empty:\r\n\r\nTo: body@example.com\r\n")
    #expect(
      fields == [
        HeaderField(name: "Received", value: "a b"), HeaderField(name: "Subject", value: "café"),
        HeaderField(name: "received", value: "c"), HeaderField(name: "X-Empty", value: ""),
      ])
    #expect(headers("A: 1\n\nB: 2\n").map(\.name) == ["A"])
  }

  @Test(arguments: ["", "\r\n", "\n\nA: 1", "no header at all", "\u{0}\u{0}"])
  func `what has no header has no fields`(text: String) {
    #expect(headers(text).isEmpty)
  }

  @Test func `a header that is cut has the fields before the cut`() {
    #expect(headers("A: 1\r\nB: 2").map(\.name) == ["A", "B"])
  }

  @Test func `they are those of the whole mail`() {
    let mail =
      "From: a@example.com\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nX-Part: 1\r\n\r\ntext\r\n--x--\r\n"
    #expect(headers(mail) == MailParser().parse(Array(mail.utf8)).headers)
  }
}
