import Bytes
import Foundation
import Testing

@testable import Mailboxes

struct UserDaysTests {
  private let alice = UserID(rawValue: 1)
  private let bob = UserID(rawValue: 2)
  /// Whose zone this machine does not know.
  private let carol = UserID(rawValue: 3)
  /// The first moment of 2024, in GMT.
  private let midnight: Int64 = 1_704_067_200_000
  private let day = 19_723

  @Test func `a day begins where the search says, else where the user is, else where the settings say`() throws {
    let seoul = try #require(TimeZone(identifier: "Asia/Seoul"))
    let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
    let days = UserDays(usual: berlin) { [zones = [alice: "Asia/Seoul", carol: "Mars/Base"]] in zones[$0] }
    for _ in 0..<2 {
      #expect(days.days(of: bob).start(day).rawValue == midnight - 3_600_000)
      #expect(days.days(of: carol).zone == "Europe/Berlin")
      #expect(days.days(of: alice).start(day).rawValue == midnight - 9 * 3_600_000)
      #expect(days.days(of: alice, in: .gmt).start(day).rawValue == midnight)
      #expect(days.days(of: bob, in: seoul).start(day).rawValue == midnight - 9 * 3_600_000)
    }
  }

  @Test func `more zones than are kept are understood`() throws {
    let days = UserDays(usual: .gmt) { _ in nil }
    for minutes in 1...1_100 {
      let zone = try #require(TimeZone(secondsFromGMT: minutes % 800 * 60))
      #expect(days.days(of: alice, in: zone).start(day).rawValue == midnight - Int64(minutes % 800) * 60_000)
    }
  }
}
