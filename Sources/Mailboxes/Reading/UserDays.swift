import Bytes
import Foundation
import Query

/// Where the days of queries begin for each user: in the zone that a search asks for, else in the user's own, else in that of
/// the settings.
final class UserDays: Sendable {
  /// The days of one zone.
  struct Days: Sendable {
    let zone: String
    let start: @Sendable (Int) -> Timestamp

    init(_ zone: TimeZone) {
      self.zone = zone.identifier
      start = DayStart.inZone(zone)
    }
  }

  /// Of zones that were asked for; a calendar takes some kilobytes, and there are some six hundred names of zones.
  private static let maxZones = 1_024

  private let usual: Days
  private let zoneOfUser: @Sendable (UserID) -> TimeZone?
  private let known = Locked([String: Days]())

  /// - Parameters:
  ///   - usual: of those who have none of their own.
  ///   - zoneOfUser: asked for each search; must not block.
  init(usual: TimeZone, zoneOfUser: @escaping @Sendable (UserID) -> TimeZone?) {
    self.usual = Days(usual)
    self.zoneOfUser = zoneOfUser
  }

  /// - Parameter zone: what the search itself asks for.
  func days(of user: UserID, in zone: TimeZone? = nil) -> Days {
    guard let zone = zone ?? zoneOfUser(user) else { return usual }
    if let days = known.withLock({ $0[zone.identifier] }) { return days }
    let days = Days(zone)
    known.withLock { known in
      if known.count >= Self.maxZones { known = [:] }
      known[zone.identifier] = days
    }
    return days
  }
}
