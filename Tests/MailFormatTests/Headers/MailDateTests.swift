import Bytes
import MailFormat
import Testing

struct MailDateTests {
  @Test(arguments: [
    ("Tue, 5 Mar 2024 09:30:00 +0100", 1_709_627_400),
    ("5 Mar 2024 08:30 GMT", 1_709_627_400),
    ("Tue,  5 Mar 2024 03:30:00 EST", 1_709_627_400),
    ("Tue, 05 Mar 24 08:30:00 -0000", 1_709_627_400),
    ("Tue, 5 Mar 2024 09:30:00 +0100 (MEZ)", 1_709_627_400),
    ("Tue, 5 Mar 2024 08:30:00.516 +0000 (UTC)", 1_709_627_400),
    ("Thu,\n 13\n Feb 1969\n 23:32 -0330 (Newfoundland (Time))", -27_723_480),
  ])
  func `a date is read in its zone`(field: String, seconds: Int64) {
    #expect(MailParser().parse(Array("Date: \(field)\n\n".utf8)).date == Timestamp(rawValue: seconds * 1_000))
  }

  @Test(arguments: ["", "yesterday", "(5 Mar 2024)", String(repeating: "5 ", count: 10_000)])
  func `what is no date gives none`(field: String) {
    #expect(MailParser().parse(Array("Date: \(field)\n\n".utf8)).date == nil)
  }

  @Test func `the topmost Received field says when the mail came`() {
    let mail = MailParser().parse(
      Array(
        "Received: by x; id y; Tue, 5 Mar 2024 08:30:00 +0000\nReceived: by z; Mon, 4 Mar 2024 08:30:00 +0000\n\n".utf8)
    )
    #expect(mail.receivedDate == Timestamp(rawValue: 1_709_627_400_000))
  }
}
