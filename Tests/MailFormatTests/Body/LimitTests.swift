import MailFormat
import Testing

/// Whatever was not read for its size is said, also of mails inside the mail.
struct LimitTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var mail: [UInt8]
    var defect: MailDefect
    /// Smaller than what the mail holds.
    var limits: MailLimits

    init(
      _ name: String, _ defect: MailDefect, _ mail: String, isLatin1: Bool = false, _ limit: (inout MailLimits) -> Void
    ) {
      testDescription = name
      self.defect = defect
      self.mail = isLatin1 ? mail.unicodeScalars.map { UInt8($0.value) } : Array(mail.utf8)
      limits = MailLimits()
      limit(&limits)
    }
  }

  private static func mixed(_ parts: String...) -> String {
    "Content-Type: multipart/mixed; boundary=b\n\n" + parts.map { "--b\n\($0)\n" }.joined() + "--b--\n"
  }

  private static let html = "Content-Type: text/html\n\n<p>ten words of text that are read</p>"
  private static let nested = "Content-Type: message/rfc822\n\nSubject: inner subject\nTo: a@b, c@d, e@f\n\ninner text"

  private static let cases = [
    Case("Latin-1 that grows", .sizeLimit, "Content-Type: text/plain; charset=latin1\n\nüüüüü üüüüü", isLatin1: true) {
      $0.textByteCount = 15
    },
    Case("KOI8-R that grows", .sizeLimit, "Content-Type: text/plain; charset=koi8-r\n\nÔÅÓÔ ÔÅÓÔ", isLatin1: true) {
      $0.textByteCount = 14
    },
    Case("UTF-8 text", .sizeLimit, "Content-Type: text/plain; charset=utf-8\n\nüüüüü üüüüü") { $0.textByteCount = 12 },
    Case("text that was encoded", .sizeLimit, "Content-Transfer-Encoding: base64\n\nQUJDREVGR0g=") {
      $0.textByteCount = 7
    },
    Case("a second text part", .sizeLimit, mixed("\n0123456789", "\nmore")) { $0.textByteCount = 11 },
    Case("the text of HTML", .sizeLimit, html) { $0.textByteCount = 10 },
    Case("HTML", .sizeLimit, html) { $0.htmlByteCount = 20 },
    Case("HTML of two parts together", .sizeLimit, mixed(html, html)) { $0.htmlByteCount = 50 },
    Case("addresses", .headerLimit, "To: a@b, c@d, e@f\n\n") { $0.addressCount = 2 },
    Case("addresses of two fields", .headerLimit, "To: a@b, c@d\nTo: e@f\n\n") { $0.addressCount = 2 },
    Case("references", .headerLimit, "References: <a@b> <c@d> <e@f>\n\n") { $0.referenceCount = 2 },
    Case("references of two fields", .headerLimit, "References: <a@b> <c@d>\nReferences: <e@f>\n\n") {
      $0.referenceCount = 2
    },
    Case("an attachment", .sizeLimit, mixed("\nx", "Content-Type: image/png\n\n0123456789")) {
      $0.attachmentByteCount = 9
    },
    Case(
      "an encoded attachment", .sizeLimit,
      mixed("\nx", "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\nQUJDREVGR0g=")
    ) { $0.attachmentByteCount = 7 },
    Case("a nested text", .sizeLimit, mixed("\nx", nested)) { $0.textByteCount = 30 },
    Case("a second nested mail", .sizeLimit, mixed("\nx", nested, nested)) { $0.textByteCount = 40 },
    Case("HTML of a nested mail", .sizeLimit, mixed("\nx", "Content-Type: message/rfc822\n\n\(html)")) {
      $0.htmlByteCount = 20
    },
    Case("HTML of two mails together", .sizeLimit, mixed(html, "Content-Type: message/rfc822\n\n\(html)")) {
      $0.htmlByteCount = 50
    },
    Case("addresses of a nested mail", .headerLimit, mixed("\nx", nested)) { $0.addressCount = 2 },
    Case(
      "header fields of a nested mail that is encoded", .headerLimit,
      mixed(
        "\nx",
        "Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\nX: a\nY: b\nZ: c\nV: d\n\ntext")
    ) { $0.headerFieldCount = 3 },
    Case("a file name", .headerLimit, "Content-Type: image/png; name=\"\(String(repeating: "a", count: 1_025))\"\n\n") {
      _ in
    },
  ]

  @Test(arguments: cases)
  func `what is left out is a defect`(_ test: Case) {
    #expect(MailParser(limits: test.limits).parse(test.mail).defects.contains(test.defect))
  }

  @Test(arguments: cases.dropLast())
  func `what is read whole is none`(_ test: Case) {
    let limits: Set<MailDefect> = [.sizeLimit, .headerLimit]
    #expect(limits.isDisjoint(with: MailParser().parse(test.mail).defects))
  }

  @Test func `all HTML of a mail shares one budget`() {
    let page = "Content-Type: text/html\n\n" + String(repeating: "words ", count: 100)
    let mail = Self.mixed(page, page, page, "Content-Type: message/rfc822\n\n\(page)")
    var limits = MailLimits()
    limits.htmlByteCount = 1_500
    let parsed = MailParser(limits: limits).parse(Array(mail.utf8))
    // Three pages with a line end between them; nothing is left for the nested mail.
    #expect(parsed.html?.utf8.count == 1_502)
    #expect(parsed.attachmentTexts.isEmpty)
    #expect(parsed.defects == [.sizeLimit])
  }

  @Test func `an attachment counts what is handed out`() {
    var limits = MailLimits()
    limits.attachmentByteCount = 7
    let parser = MailParser(limits: limits)
    for encoding in ["7bit", "base64", "quoted-printable", "uuencode"] {
      let mail = Array(
        "Content-Type: image/png\nContent-Transfer-Encoding: \(encoding)\n\nbegin 644 a\n-2&5L;&\\L('=O<FQD(0``\n`\nend\n"
          .utf8)
      #expect(parser.parse(mail).attachments.map(\.byteCount) == [7])
      #expect(parser.attachmentContent(mail, partPath: "1")?.count == 7)
    }
  }
}
