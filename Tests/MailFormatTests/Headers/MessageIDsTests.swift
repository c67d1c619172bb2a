import MailFormat
import Testing

struct MessageIDsTests {
  @Test(arguments: [
    ("<a@example.com>", ["a@example.com"]),
    ("<a@example.com> <b@example.com>", ["a@example.com", "b@example.com"]),
    ("<a@example.com><b@example.com>", ["a@example.com", "b@example.com"]),
    ("<a@example.com>,\n\t<b@example.com>", ["a@example.com", "b@example.com"]),
    ("mail of \"Bob\" <a@example.com> on Monday", ["a@example.com"]),
    ("a@example.com b@example.com", ["a@example.com", "b@example.com"]),
    ("<broken <a@example.com>", ["a@example.com"]),
    ("<never closed", []),
    ("<>", []),
    ("no identifier", []),
  ])
  func `identifiers come in their order`(field: String, expected: [String]) {
    #expect(MailParser().parse(Array("References: \(field)\n\n".utf8)).references == expected)
  }

  @Test func `of too many references the first and the latest stay`() {
    var limits = MailLimits()
    limits.referenceCount = 4
    let field = (1...20).map { "<\($0)@example.com>" }.joined(separator: " ")
    let mail = MailParser(limits: limits).parse(Array("References: \(field)\n\n".utf8))
    #expect(mail.references.map { $0.prefix { $0 != "@" } } == ["1", "18", "19", "20"])
  }

  @Test(arguments: [
    ("<a@example.com>", "a@example.com"), ("a@example.com", "a@example.com"), ("  <a@example.com> x", "a@example.com"),
  ])
  func `the message's own identifier is without brackets`(field: String, expected: String) {
    #expect(MailParser().parse(Array("Message-Id: \(field)\n\n".utf8)).messageID == expected)
  }
}
