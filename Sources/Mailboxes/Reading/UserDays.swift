import Bytes
import Foundation
import Query

/// Where the days of queries begin for each user: in the zone that a search asks for, else in the user's own, else in that of
/// the settings.
final class UserDays: Sendable {
  typealias StartOfDay = @Sendable (Int) -> Timestamp

  /// Of zones that were asked for; a calendar takes some kilobytes, and there are some six hundred names of zones.
  private static let maxZones = 1_024

  private let usual: StartOfDay
  private let zoneOfUser: @Sendable (UserID) -> TimeZone?
  private let known = Locked([String: StartOfDay]())

  /// - Parameters:
  ///   - usual: of those who have none of their own.
  ///   - zoneOfUser: asked for each search; must not block.
  init(usual: TimeZone, zoneOfUser: @escaping @Sendable (UserID) -> TimeZone?) {
    self.usual = DayStart.inZone(usual)
    self.zoneOfUser = zoneOfUser
  }

  /// - Parameter zone: what the search itself asks for.
  func startOfDay(of user: UserID, in zone: TimeZone? = nil) -> StartOfDay {
    guard let zone = zone ?? zoneOfUser(user) else { return usual }
    return known.withLock { known in
      if let start = known[zone.identifier] { return start }
      if known.count >= Self.maxZones { known = [:] }
      let start = DayStart.inZone(zone)
      known[zone.identifier] = start
      return start
    }
  }
}
