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
  private let zoneOfUser: @Sendable (UserID) -> String?
  private let known = Locked([String: Days]())

  /// - Parameters:
  ///   - usual: of those who have none of their own.
  ///   - zoneOfUser: the name of a user's own; asked for each search, and must not block.
  init(usual: TimeZone, zoneOfUser: @escaping @Sendable (UserID) -> String?) {
    self.usual = Days(usual)
    self.zoneOfUser = zoneOfUser
  }

  /// - Parameter zone: what the search itself asks for.
  func days(of user: UserID, in zone: TimeZone? = nil) -> Days {
    guard let name = zone?.identifier ?? zoneOfUser(user) else { return usual }
    // Zones and calendars are made once: making them takes longer than most searches.
    if let days = known.withLock({ $0[name] }) { return days }
    guard let zone = zone ?? TimeZone(identifier: name) else { return usual }
    let days = Days(zone)
    known.withLock { known in
      if known.count >= Self.maxZones { known = [:] }
      known[name] = days
    }
    return days
  }
}
