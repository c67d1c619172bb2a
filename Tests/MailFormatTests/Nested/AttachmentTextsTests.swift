import Testing

@testable import MailFormat

struct AttachmentTextsTests {
  private static let head = "Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n"

  /// Mails in quoted-printable, each inside the other; the innermost is plain.
  private static func encoded(_ depth: Int, innermost: String) -> [UInt8] {
    Array(((0..<depth).map { "Subject: level \($0)\n\(head)\n" }.joined() + innermost).utf8)
  }

  @Test func `mails that are encoded inside each other are read three deep`() {
    let mail = MailParser().parse(Self.encoded(3, innermost: "Subject: innermost\n\nwords\n"))
    #expect(mail.attachmentTexts.map(\.text) == ["level 1", "level 2", "innermost\nwords\n"])
    #expect(mail.defects.isEmpty)
  }

  @Test(arguments: [4, 20, 100])
  func `mails that are encoded more often are not decoded further`(depth: Int) {
    let mail = MailParser().parse(Self.encoded(depth, innermost: "Subject: innermost\n\nwords\n"))
    #expect(mail.attachmentTexts.map(\.text) == ["level 1", "level 2", "level 3"])
    #expect(mail.defects.contains(.nestingLimit))
  }

  @Test func `all decoded nested mails together are at most twice as long as the mail`() {
    let text = String(repeating: "words that fill the mail\n", count: 4_000)
    let bytes = Self.encoded(3, innermost: "Subject: innermost\n\n\(text)last\n")
    let tree = MIMEScanner.scan(bytes, limits: .default)
    var nested = AttachmentTexts(limits: .default, budget: ReadingBudget(.default, byteCount: bytes.count))
    let before = nested.budget.nestedMailByteCount
    nested.gather(tree, attachments: ShownParts(tree).attachments, charsets: CharsetHints())
    #expect(before == 2 * bytes.count)
    #expect(nested.budget.nestedMailByteCount == 0)
    #expect(nested.texts.last?.text.hasPrefix("innermost\nwords") == true)
    #expect(nested.texts.last?.text.contains("last") == false)
    #expect(nested.defects.ordered == [.sizeLimit])
  }

  @Test func `many encoded mails side by side share one budget`() {
    let part = "--b\n\(Self.head)\nSubject: side\n\n\(String(repeating: "words\n", count: 100))\n"
    let mail = "Content-Type: multipart/mixed; boundary=b\n\n" + String(repeating: part, count: 50) + "--b--\n"
    let parsed = MailParser().parse(Array(mail.utf8))
    #expect(parsed.attachmentTexts.count == 50)
    #expect(parsed.defects.isEmpty)
  }

  private static func mail(_ attachments: String...) -> [UInt8] {
    let parts = attachments.map { "--b\nContent-Disposition: attachment; filename=a\n\($0)\n" }.joined()
    return Array("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nbody\n\(parts)--b--\n".utf8)
  }

  @Test func `text files say what they say, each by its charset and form`() {
    let mail = MailParser().parse(
      Self.mail(
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n7ZqM7J2Y66Gd",
        "Content-Type: text/html\n\n<p>Hello <b>there</b><script>no()</script>",
        "Content-Type: text/csv\n\nname;budget", "Content-Type: application/pdf\n\nnothing",
        "Content-Type: text/calendar\n\nSUMMARY:Long su\n mmary\\, with\\nlines",
        "Content-Type: message/rfc822\n\nSubject: inner\n\nwords"))
    #expect(mail.text == "body")
    #expect(
      mail.attachmentTexts.map { $0.text.split(whereSeparator: \.isWhitespace).joined(separator: " ") } == [
        "회의록", "Hello there", "name;budget", "Long summary, with lines", "inner words",
      ], "\(mail.attachmentTexts)")
    #expect(mail.defects.isEmpty)
  }

  @Test func `text files share the room of all attachments' texts`() {
    var limits = MailLimits()
    limits.textByteCount = 10
    let text = "Content-Type: text/plain\n\n123456"
    let mail = MailParser(limits: limits).parse(Self.mail(text, text, text))
    #expect(mail.attachmentTexts.map(\.text) == ["123456", "1234"])
    #expect(mail.defects == [.sizeLimit])
  }

  @Test(arguments: [
    ("notes.TXT", "tide tables", ["tide tables"]), ("table.csv", "a;b", ["a;b"]), ("photo.jpg", "tide", []),
    ("notes.txt", "binary\u{0}", []),
  ])
  func `what is text by its name is read, unless its bytes say otherwise`(
    name: String, content: String, texts: [String]
  ) {
    let part = "Content-Type: application/octet-stream; name=\(name)\nContent-Disposition: attachment\n\n\(content)\n"
    let mail = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nbody\n--b\n\(part)--b--\n"
    #expect(MailParser().parse(Array(mail.utf8)).attachmentTexts.map(\.text) == texts)
  }

  /// "тестовое письмо" as windows-1251 has it.
  private static let russian: [UInt8] = [
    0xF2, 0xE5, 0xF1, 0xF2, 0xEE, 0xE2, 0xEE, 0xE5, 0x20, 0xEF, 0xE8, 0xF1, 0xFC, 0xEC, 0xEE,
  ]

  @Test(arguments: [
    "--b\nContent-Type: text/plain; charset=koi8-r\n\nouter\n", String(repeating: "--b\n\nouter\n", count: 120),
  ])
  func `raw bytes of a nested mail are read by the charset of its own parts`(parts: String) {
    let outer = "Content-Type: multipart/mixed; boundary=b\n\n\(parts)--b\nContent-Type: message/rfc822\n\n"
    let inner = "Content-Type: text/plain; charset=windows-1251\nSubject: "
    let mail = Array((outer + inner).utf8) + Self.russian + Array("\n\ninner\n--b--\n".utf8)
    #expect(MailParser().parse(mail).attachmentTexts.map(\.text) == ["тестовое письмо\ninner"])
  }

  @Test func `a nested mail that names no charset is read by that of the mail around it`() {
    let outer = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=koi8-r\n\nouter\n"
    let inner = "--b\nContent-Type: message/rfc822\n\nSubject: "
    let mail = Array((outer + inner).utf8) + [0xD4, 0xC5, 0xD3, 0xD4] + Array("\n\ninner\n--b--\n".utf8)
    #expect(MailParser().parse(mail).attachmentTexts.map(\.text) == ["тест\ninner"])
  }

  /// Takes whatever begins with `%DOC` for a document, which says what follows that and takes a second.
  private struct Documents: DocumentTextSource {
    var extent = DocumentText.Extent.whole

    func recognises(_ beginning: [UInt8]) -> Bool { beginning.starts(with: "%DOC".utf8) && beginning.count <= 1_024 }

    func read(_ bytes: [UInt8], within limit: Duration) -> DocumentText {
      let text = extent == .unread ? "" : String(decoding: bytes.dropFirst(4), as: UTF8.self)
      return DocumentText(text: text, extent: extent, spent: .seconds(1))
    }
  }

  private static let document =
    "Content-Type: application/octet-stream; name=b.doc\nContent-Transfer-Encoding: base64\n\nJURPQ3RpZGVz"

  @Test func `a document says what its source reads, under its name, also within a nested mail`() {
    let parser = MailParser(documents: Documents())
    let nested = "Content-Type: message/rfc822\n\nSubject: inner\n" + Self.document
    let mail = parser.parse(
      Self.mail(Self.document, "Content-Type: image/png\n\nnone", "Content-Type: text/rtf\n\n%DOCrich", nested))
    #expect(mail.attachmentTexts.map(\.text) == ["tides", "rich", "inner\nb.doc", "tides"])
    #expect(mail.attachmentTexts.map(\.filename) == ["a", "a", "a", "b.doc"])
    #expect(mail.defects.isEmpty)
    #expect(
      MailParser().parse(Self.mail(Self.document)).attachmentTexts.isEmpty, "without a source there is nothing to read")
  }

  @Test(arguments: [(DocumentText.Extent.cut, MailDefect.sizeLimit, 1), (.unread, .unreadAttachment, 0)])
  func `a document that is not read whole is a defect, and the mail is read all the same`(
    extent: DocumentText.Extent, defect: MailDefect, texts: Int
  ) {
    let mail = MailParser(documents: Documents(extent: extent)).parse(Self.mail(Self.document))
    #expect(mail.text == "body" && mail.defects == [defect] && mail.attachmentTexts.count == texts)
  }

  @Test func `documents that were missed are named with their places, and are no defects`() {
    let text = "Content-Type: text/plain; name=c\n\nread"
    let mail = MailParser(documents: Documents(extent: .missed(reason: "busy"))).parse(
      Self.mail(Self.document, text, Self.document, Self.document))
    #expect(mail.attachmentTexts.map(\.text) == ["read"] && mail.defects.isEmpty)
    #expect(mail.missedDocuments.map(\.position) == [0, 1, 1])
    #expect(mail.missedDocuments.first == MissedDocument(filename: "a", position: 0, reason: "busy"))
    var limits = MailLimits()
    limits.documentTime = .seconds(1)
    let second = MailParser(limits: limits, documents: Documents()).parse(Self.mail(Self.document, Self.document))
    #expect(second.attachmentTexts.count == 1 && second.missedDocuments.map(\.reason) == ["timeout"])
  }

  @Test func `documents of one mail share a number and a time, and half a document is none`() {
    var limits = MailLimits()
    limits.documentTime = .seconds(2)
    let three = Self.mail(Self.document, Self.document, Self.document)
    func texts(_ limits: MailLimits) -> (Int, [MailDefect]) {
      let mail = MailParser(limits: limits, documents: Documents()).parse(three)
      return (mail.attachmentTexts.count, mail.defects)
    }
    #expect(texts(limits) == (2, []))
    limits.documentTime = .seconds(60)
    #expect(texts(limits) == (3, []))
    limits.documentCount = 1
    #expect(texts(limits) == (1, [.sizeLimit]))
    limits.documentCount = 10
    limits.attachmentByteCount = 8
    #expect(texts(limits) == (0, [.sizeLimit]))
  }
}
