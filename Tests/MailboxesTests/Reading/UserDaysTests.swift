import Bytes
import Foundation
import Testing

@testable import Mailboxes

struct UserDaysTests {
  private let alice = UserID(rawValue: 1)
  private let bob = UserID(rawValue: 2)
  /// The first moment of 2024, in GMT.
  private let midnight: Int64 = 1_704_067_200_000
  private let day = 19_723

  @Test func `a day begins where the search says, else where the user is, else where the settings say`() throws {
    let seoul = try #require(TimeZone(identifier: "Asia/Seoul"))
    let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
    let days = UserDays(usual: berlin) { [alice] in $0 == alice ? seoul : nil }
    for _ in 0..<2 {
      #expect(days.startOfDay(of: bob)(day).rawValue == midnight - 3_600_000)
      #expect(days.startOfDay(of: alice)(day).rawValue == midnight - 9 * 3_600_000)
      #expect(days.startOfDay(of: alice, in: .gmt)(day).rawValue == midnight)
      #expect(days.startOfDay(of: bob, in: seoul)(day).rawValue == midnight - 9 * 3_600_000)
    }
  }

  @Test func `more zones than are kept are understood`() throws {
    let days = UserDays(usual: .gmt) { _ in nil }
    for minutes in 1...1_100 {
      let zone = try #require(TimeZone(secondsFromGMT: minutes % 800 * 60))
      #expect(days.startOfDay(of: alice, in: zone)(day).rawValue == midnight - Int64(minutes % 800) * 60_000)
    }
  }
}
