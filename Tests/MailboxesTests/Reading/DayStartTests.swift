import Bytes
import Foundation
import Testing

@testable import Mailboxes

struct DayStartTests {
  @Test(
    arguments: [
      ("GMT", 19_723, 1_704_067_200_000), ("Europe/Berlin", 19_723, 1_704_063_600_000),
      // The day after the clocks went forward.
      ("Europe/Berlin", 19_814, 1_711_922_400_000), ("Asia/Seoul", 0, -32_400_000),
    ] as [(String, Int, Int64)])
  func `a day begins at midnight of the zone`(zone: String, day: Int, milliseconds: Int64) throws {
    let startOfDay = DayStart.inZone(try #require(TimeZone(identifier: zone)))
    #expect(startOfDay(day) == Timestamp(rawValue: milliseconds))
  }
}
