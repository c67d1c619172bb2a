import Bytes
import MailStore
import Testing

@testable import Reports

@Suite struct ReportComposerTests {
  @Test func `a report of a failure has the fields and the three parts of RFC 3464 and RFC 6522`() {
    let envelope = Sample.envelope(
      recipients: [Sample.recipient("bob@example.com", original: "rfc822;Bob+x@example.com")], envelopeID: "QQ 314159")
    let report = Sample.composer.compose(Sample.report(envelope), of: Sample.mail)
    let text = Sample.text(report)
    let boundary = text.firstMatch(of: /boundary="(=_report_[0-9a-f]{32})"/)?.1 ?? "none"
    let expected = """
      Date: Fri, 02 Jan 2026 10:11:12 +0000
      From: Mail Delivery System <MAILER-DAEMON@mx.example.com>
      To: <dan@example.net>
      Subject: Undelivered mail returned to sender
      Message-ID: <4294967300.1767348672000.failed@mx.example.com>
      In-Reply-To: <original@example.net>
      References: <original@example.net>
      Auto-Submitted: auto-replied
      MIME-Version: 1.0
      Content-Type: multipart/report; report-type=delivery-status;
      \tboundary="\(boundary)"
      Content-Transfer-Encoding: 7bit


      --\(boundary)
      Content-Type: text/plain; charset=us-ascii
      Content-Transfer-Encoding: 7bit

      This is the mail system at mx.example.com.

      Your mail could not be delivered to one or more recipients, and is not tried any more.

        <bob@example.com>

      The reason: there is no such user here any more (5.1.1)

      A part for programs follows, and then your mail.

      --\(boundary)
      Content-Type: message/delivery-status
      Content-Transfer-Encoding: 7bit

      Reporting-MTA: dns; mx.example.com
      Original-Envelope-Id: QQ 314159
      Arrival-Date: Fri, 02 Jan 2026 10:11:12 +0000

      Original-Recipient: rfc822; Bob+x@example.com
      Final-Recipient: rfc822; bob@example.com
      Action: failed
      Status: 5.1.1
      Diagnostic-Code: x-maildex; there is no such user here any more

      --\(boundary)
      Content-Type: message/rfc822
      Content-Transfer-Encoding: 7bit

      From: <dan@example.net>
      Subject: periwinkle
      Message-ID: <original@example.net>

      The text.

      --\(boundary)--

      """
    #expect(text.replacing("\r\n", with: "\n") == expected)
    #expect(report.recipient == "dan@example.net" && !report.needsUTF8 && !report.is8Bit)
    #expect(report.messageID == "4294967300.1767348672000.failed@mx.example.com")
  }

  @Test func `the same report is the same bytes, and of another action another one`() {
    let first = Sample.composer.compose(Sample.report(), of: Sample.mail)
    #expect(Sample.composer.compose(Sample.report(), of: Sample.mail) == first)
    let identifiers = DeliveryReport.Action.allCases.map {
      Sample.composer.compose(Sample.report(Sample.envelope(), $0), of: Sample.mail).messageID
    }
    #expect(Set(identifiers).count == 3)
  }

  @Test func `a delay says when it was tried last and until when it will be`() {
    let later = Timestamp(rawValue: Sample.receivedAt.rawValue + 3_600_000)
    let until = Timestamp(rawValue: Sample.receivedAt.rawValue + 86_400_000)
    let text = Sample.text(
      Sample.composer.compose(
        Sample.report(Sample.envelope(), .delayed, lastAttempt: later, willRetryUntil: until), of: Sample.mail))
    #expect(text.contains("Action: delayed\r\nStatus: 4.0.0\r\n"))
    #expect(text.contains("Last-Attempt-Date: Fri, 02 Jan 2026 11:11:12 +0000\r\n"))
    #expect(text.contains("Will-Retry-Until: Sat, 03 Jan 2026 10:11:12 +0000\r\n"))
    let failed = Sample.text(
      Sample.composer.compose(Sample.report(Sample.envelope(), .failed, willRetryUntil: until), of: Sample.mail))
    #expect(!failed.contains("Will-Retry-Until"))
  }

  private static let returns: [(DeliveryReport.Action, InboundEnvelope.ReturnedContent?, Bool)] = [
    (.failed, nil, true), (.failed, .full, true), (.failed, .headers, false), (.delayed, nil, false),
    (.delayed, .full, false), (.delivered, .full, false),
  ]

  /// RFC 3461 §4.3: RET is about failures; of all else the header is returned.
  @Test(arguments: returns)
  func `all of the mail or its header is returned`(
    action: DeliveryReport.Action, wanted: InboundEnvelope.ReturnedContent?, isWhole: Bool
  ) {
    let text = Sample.text(
      Sample.composer.compose(Sample.report(Sample.envelope(returning: wanted), action), of: Sample.mail))
    #expect(text.contains("The text.") == isWhole)
    #expect(text.contains(isWhole ? "Content-Type: message/rfc822\r\n" : "Content-Type: text/rfc822-headers\r\n"))
    #expect(text.contains("Subject: periwinkle"))
  }

  @Test func `a mail that is dangerous or large comes back as its header`() {
    let dangerous = Sample.text(Sample.composer.compose(Sample.report(headersOnly: true), of: Sample.mail))
    #expect(!dangerous.contains("The text."))
    let large = Sample.mail + Sample.bytes(String(repeating: "long line\n", count: 6_000))
    let report = Sample.composer.compose(Sample.report(), of: large)
    #expect(report.bytes.count < 4_000 && Sample.text(report).contains("text/rfc822-headers"))
  }

  @Test func `a thousand recipients do not make a report without end, and what is not named is counted`() {
    let addresses = (0..<1_000).map { number in
      Sample.recipient(
        String(repeating: "a", count: 200) + "\(number)@example.com",
        original: "rfc822;" + String(repeating: "b", count: 480))
    }
    let mail =
      Sample.mail + Array(repeating: UInt8(ascii: "x"), count: 900)
      + Sample.bytes("\n" + String(repeating: String(repeating: "y", count: 98) + "\n", count: 480))
    let report = Sample.composer.compose(Sample.report(Sample.envelope(recipients: addresses)), of: mail)
    #expect(report.bytes.count <= 100 << 10 && report.bytes.count > 80 << 10)
    let text = Sample.text(report)
    let named = text.matches(of: /Final-Recipient:/).count
    #expect(named > 10 && text.contains("and \(1_000 - named) more\r\n"))
  }

  // MARK: RFC 6533

  @Test func `addresses that are not ASCII make global parts where the sender has SMTPUTF8`() {
    let envelope = Sample.envelope(
      from: "dän@example.net", recipients: [Sample.recipient("bøb@example.com", original: "utf-8;Bøb@example.com")],
      needsUTF8: true)
    let mail = Sample.bytes("Subject: größer\nMessage-ID: <a@b>\n\nText\n")
    let report = Sample.composer.compose(Sample.report(envelope), of: mail)
    let text = Sample.text(report)
    #expect(report.needsUTF8 && report.is8Bit)
    #expect(text.contains("To: <dän@example.net>\r\n"))
    #expect(text.contains("Content-Type: message/global-delivery-status\r\nContent-Transfer-Encoding: 8bit"))
    #expect(text.contains("Original-Recipient: utf-8; Bøb@example.com\r\n"))
    #expect(text.contains("Final-Recipient: utf-8; bøb@example.com\r\n"))
    #expect(text.contains("Content-Type: message/global\r\nContent-Transfer-Encoding: 8bit"))
    let headers = Sample.text(Sample.composer.compose(Sample.report(envelope, headersOnly: true), of: mail))
    #expect(headers.contains("Content-Type: message/global-headers\r\n"))
  }

  @Test func `without SMTPUTF8 such an address is said in ASCII`() {
    let envelope = Sample.envelope(
      recipients: [Sample.recipient("bob@example.com", original: "utf-8;B\\ö\u{1F600}@example.com")])
    let report = Sample.composer.compose(Sample.report(envelope), of: Sample.mail)
    #expect(Sample.text(report).contains("Original-Recipient: utf-8; B\\x{5C}\\x{F6}\\x{1F600}@example.com\r\n"))
    #expect(report.bytes.allSatisfy { $0 < 0x80 } && !report.needsUTF8)
  }

  @Test func `eight-bit content is carried as it is and said to be so`() {
    let mail = Sample.mail + [0xFC, 13, 10]
    let report = Sample.composer.compose(Sample.report(), of: mail)
    #expect(report.is8Bit && !report.needsUTF8)
    #expect(Sample.text(report).contains("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit"))
  }
}
