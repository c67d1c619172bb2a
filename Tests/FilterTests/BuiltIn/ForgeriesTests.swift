import MailFormat
import Testing

@testable import Filter

@Suite struct ForgeriesTests {
  private func kinds(_ header: String, own: Set<String> = []) -> Set<Suspicion.Kind> {
    Set(Forgeries.suspicions(MailParts(Array((header + "\r\n\r\nHello\r\n").utf8)).header, ownDomains: own).map(\.kind))
  }

  private static let rest = "Date: Mon, 1 Sep 2025 10:00:00 +0000\r\nMessage-ID: <1@example.net>"

  @Test func `an ordinary header has nothing against it`() {
    #expect(kinds("From: Alice <alice@example.net>\r\nTo: bob@example.com\r\n\(Self.rest)") == [])
  }

  @Test(arguments: [
    ("", Suspicion.Kind.noFrom), ("From: \r\n", .noFrom), ("From: nobody\r\n", .noFrom),
    ("From: a@example.net\r\nFrom: b@example.net\r\nSender: a@example.net\r\n", .severalFrom),
    ("From: a@example.net, b@example.net\r\n", .severalAuthors),
    ("From: \"support@bank.example\" <x@example.net>\r\n", .nameIsAddress),
    ("From: \"Bank (help@bank.example)\" <x@example.net>\r\n", .nameIsAddress),
    ("From: a@example.net\r\nSubject: one\r\nSubject: two\r\n", .repeatedField),
    ("From: a@example.net\r\nX-A: \u{0}\r\n", .nulByte),
  ])
  func `each forgery is told`(fields: String, kind: Suspicion.Kind) {
    #expect(kinds(fields + Self.rest) == [kind])
  }

  @Test func `a name that is the address itself, or another of its domain, is none`() {
    #expect(kinds("From: \"a@example.net\" <a@example.net>\r\n\(Self.rest)") == [])
    #expect(kinds("From: \"team@mail.example.net\" <a@example.net>\r\n\(Self.rest)") == [])
    #expect(kinds("From: \"Ann @ Work\" <a@example.net>\r\n\(Self.rest)") == [])
  }

  @Test func `what is missing is told, and an own domain where there are any`() {
    #expect(kinds("From: a@example.net") == [.noDate, .noMessageID])
    #expect(kinds("From: a@Example.COM\r\n\(Self.rest)") == [])
    #expect(kinds("From: a@Example.COM\r\n\(Self.rest)", own: ["example.com"]) == [.ownDomain])
  }
}
