import Bytes
import Foundation
import SMTP
import TestSupport
import Testing

struct InternetDateTests {
  @Test(arguments: [
    (Int64(0), "Thu, 01 Jan 1970 00:00:00 +0000"),
    (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
    (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 +0000"),
    (951_868_799_999, "Tue, 29 Feb 2000 23:59:59 +0000"),
    (4_107_542_400_000, "Mon, 01 Mar 2100 00:00:00 +0000"),
    (253_402_300_799_999, "Fri, 31 Dec 9999 23:59:59 +0000"),
  ])
  func `writes RFC 5322 dates`(milliseconds: Int64, text: String) {
    #expect("\(InternetDate(Timestamp(rawValue: milliseconds)))" == text)
  }

  @Test func `agrees with Foundation on any day of four centuries`() {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(identifier: "UTC")
    formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss '+0000'"
    var random = SeededGenerator(seed: 3)
    for _ in 0..<2_000 {
      let seconds = Int64.random(in: -11_644_473_600...4_102_444_800, using: &random)
      let expected = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
      if seconds < -2_208_988_800 { continue }
      #expect("\(InternetDate(Timestamp(rawValue: seconds * 1_000)))" == expected, "\(seconds)")
    }
  }
}
