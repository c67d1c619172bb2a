import Bytes
import Testing

@testable import Ingest

struct MboxSeparatorDateTests {
  @Test(arguments: [
    ("From a@example.com Thu Jan  1 00:00:00 1970", 0),
    ("From a@example.com Thu Nov 23 22:20:01 2026\n", 1_795_472_401),
    ("From - Thu Nov 23 22:20:01 2026\r\n", 1_795_472_401),
    ("From 17@xxx Thu Nov 23 22:20:01 +0000 2026", 1_795_472_401),
    ("From a@example.com Thu Nov 23 22:20:01 2026 +0900", 1_795_440_001),
    ("From a@example.com Thu Nov 23 22:20:01 -0130 2026", 1_795_477_801),
    ("From a@example.com Thu Nov 23 22:20:01 CET 2026", 1_795_472_401),
    ("From a@example.com Thu Nov 23 22:20 2026", 1_795_472_400),
    ("From a at example.com  Thu Nov 23 22:20:01 2026", 1_795_472_401),
    ("From a@example.com Thu, 23 Nov 2026 22:20:01", 1_795_472_401),
    ("From \"mar may\"@example.com Thu Nov 23 22:20:01 2026", 1_795_472_401),
    ("From a@example.com Thu Feb 29 12:00:00 2024", 1_709_208_000),
    ("From a@example.com\tTHU,Feb\u{B}29\u{C}12:00:00 2024\r\n", 1_709_208_000),
    ("From jos\u{E9}@example.com\u{A0}Thu\u{2003}FEB 29, 12:00:00 2024\r\n", 1_709_208_000),
    ("From a@example.com Fri Mar 1 00:00:00 1901", -2_172_355_200),
    ("From a@example.com Sat Dec 31 23:59:60 2016", 1_483_228_800),
  ])
  func `a date is read`(line: String, seconds: Int) {
    #expect(MboxSeparatorDate.parse(line.utf8)?.rawValue == Int64(seconds) * 1_000)
  }

  @Test(arguments: [
    "", "From ", "From a@example.com", "From a@example.com Thu Nov 23 2026", "From a@example.com Thu 23 22:20:01 2026",
    "From a@example.com Thu Nov 23 22:20:01", "From a@example.com Thu Nov 0 22:20:01 2026",
    "From x Thu Nov 32 22:20:01 2026",
    "From x Thu Nov 23 24:20:01 2026", "From x Thu Nov 23 22:60:01 2026", "From x Thu Nov 23 22:20:61 2026",
    "From x Thu Nov 23 22:20:01 99999", "From x Thu Nov 9223372036854775807 22:20:01 2026",
    "From x Thu Nov 23 9223372036854775807:20:01 2026", "From x Thu Nov 23 22:20:01 9223372036854775807",
    "From x Thu Nov -3 22:20:01 2026", "nov", "From x Nov",
  ])
  func `what is no date is none`(line: String) {
    #expect(MboxSeparatorDate.parse(line.utf8) == nil)
  }
}
