import MailFormat
import Testing

/// Mails built to exhaust a parser. Each is read within its time limit, with its defect noted and what is readable read;
/// work that grows with the square of the input would miss the limit by far. One after another, as waiting for a thread
/// would count too.
@Suite(.serialized, .timeLimit(.minutes(30)))
struct AttackTests {
  private static let head = "From: alice@example.com\nSubject: attack\n"

  private func parse(_ text: String, limits: MailLimits = .default) -> ParsedMail {
    MailParser(limits: limits).parse(Array(text.utf8))
  }

  @Test func `deep nesting ends at the limit and the innermost words are found`() {
    var text = Self.head
    for depth in 0..<1_000 { text += "Content-Type: multipart/mixed; boundary=b\(depth)\n\n--b\(depth)\n" }
    let mail = parse(text + "\ninnermost words\n")
    #expect(mail.subject == "attack")
    #expect(mail.defects.contains(.nestingLimit))
    #expect(mail.text.contains("innermost words"))
  }

  @Test func `deep nesting of mails ends at the limit and the innermost words are kept`() {
    let text = Self.head + String(repeating: "Content-Type: message/rfc822\n\n", count: 1_000) + "\ninnermost words\n"
    let mail = parse(text)
    #expect(mail.defects.contains(.nestingLimit))
    #expect(mail.attachmentTexts.contains { $0.text.contains("innermost words") })
  }

  @Test func `a boundary bomb of many parts ends at the limit and keeps the rest`() {
    let text =
      Self.head + "Content-Type: multipart/mixed; boundary=b\n\n" + String(repeating: "--b\n\n", count: 100_000)
    let mail = parse(text + "--b\n\nlast words\n--b--\n")
    #expect(mail.defects.contains(.partLimit))
    #expect(mail.text.contains("last words"))
  }

  @Test func `a boundary bomb of nested boundaries costs no more per line`() {
    var text = Self.head
    for depth in 0..<90 { text += "Content-Type: multipart/mixed; boundary=b\(depth)\n\n--b\(depth)\n" }
    let mail = parse(text + "\n" + String(repeating: "--no boundary\n", count: 50_000))
    #expect(mail.text.contains("--no boundary"))
  }

  @Test func `one boundary for all levels closes the innermost first`() {
    let level = "Content-Type: multipart/mixed; boundary=same\n\n--same\n"
    let mail = parse(
      Self.head + String(repeating: level, count: 50) + "\nwords\n" + String(repeating: "--same--\n", count: 50))
    #expect(mail.text == "words")
    #expect(mail.defects.isEmpty)
  }

  @Test func `a header flood ends at the limit and the body is read`() {
    let mail = parse(Self.head + String(repeating: "X: y\n", count: 50_000) + "\nbody words\n")
    #expect(mail.headers.count == MailLimits.default.headerFieldCount)
    #expect(mail.defects.contains(.headerLimit))
    #expect(mail.text == "body words\n")
  }

  @Test func `a header flood in a part ends at the limit and the part is read`() {
    let part = "--b\n" + String(repeating: "Content-X: y\n", count: 50_000) + "\npart words\n"
    let mail = parse(Self.head + "Content-Type: multipart/mixed; boundary=b\n\n" + part + "--b--\n")
    #expect(mail.defects.contains(.headerLimit))
    #expect(mail.text == "part words")
  }

  @Test func `a header line of 10 MB is cut and the body is read`() {
    let mail = parse(
      Self.head + "X-Long: " + String(repeating: "a", count: 10_000_000) + "\nTo: bob@example.org\n\nbody words\n")
    #expect(mail.defects.contains(.headerLimit))
    // The blank after the colon is not kept.
    #expect(mail.headers.map(\.value.utf8.count).max() == MailLimits.default.headerFieldByteCount - 1)
    #expect(mail.text == "body words\n")
  }

  @Test(arguments: [
    "<a@b>", "a@b,", "(", "\"", "=?", "=?utf-8?Q?a?=", "<", ":", "Group:", "\\", "@", " \t", "=?utf-8?Q?",
  ])
  func `an address field that repeats one piece is read in linear time`(piece: String) {
    let field = String(repeating: piece, count: 300_000 / piece.utf8.count)
    let mail = parse("To: \(field)\nReferences: \(field)\nSubject: \(field)\n\nbody words\n")
    #expect(mail.to.count <= MailLimits.default.addressCount)
    #expect(mail.text == "body words\n")
  }

  @Test(arguments: ["; a=b", ";a*0=b", "; a*0*=utf-8''%", "\"", "(", ";", "a b", "\n ", "=", "/"])
  func `a content type that repeats one piece is read in linear time`(piece: String) {
    let field = String(repeating: piece, count: 300_000 / piece.utf8.count)
    let mail = parse("Content-Type: text/plain\(field)\n\nbody words\n")
    #expect(mail.text.contains("body words"))
  }

  @Test(arguments: [
    "<b>", "<div><p>", "<table><tr><td>", "<b></i>", "<", "&", "&#", "<!--", "<a href='", "</", "<script>", "<p title=",
  ])
  func `an HTML bomb that repeats one piece is read in linear time`(piece: String) {
    let html = "<p>first words</p>" + String(repeating: piece, count: 300_000 / piece.utf8.count)
    let mail = parse("Content-Type: text/html\n\n\(html)")
    #expect(mail.text.hasPrefix("first words"))
  }

  @Test func `an HTML bomb of open elements loses its structure but not its words`() {
    let html = String(repeating: "<b>", count: 50_000) + "words" + String(repeating: "</i>", count: 50_000) + "<p>more"
    let mail = parse("Content-Type: text/html\n\n\(html)")
    #expect(mail.text == "words\n\nmore")
    #expect(mail.defects == [.longLine, .htmlLimit])
  }

  @Test func `text over the limit is cut at a character`() {
    var limits = MailLimits()
    limits.textByteCount = 1_000
    let mail = parse(
      "Content-Type: text/plain; charset=utf-8\n\n" + String(repeating: "한", count: 1_000), limits: limits)
    #expect(mail.text.utf8.count <= 1_000)
    #expect(mail.text.unicodeScalars.allSatisfy { $0 == "한" })
    #expect(mail.defects.contains(.sizeLimit))
  }

  @Test func `a mail over the limit is read up to it`() {
    var limits = MailLimits()
    limits.byteCount = 100
    let mail = parse(Self.head + "\n" + String(repeating: "words\n", count: 100), limits: limits)
    #expect(mail.defects.contains(.sizeLimit))
    #expect(mail.text.hasPrefix("words"))
  }
}
