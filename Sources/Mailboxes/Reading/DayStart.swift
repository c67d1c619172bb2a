import Bytes
import Foundation
import Query

/// Where the days of a time zone begin.
enum DayStart {
  /// - Returns: the moment at which a day begins; days are counted from 1970-01-01.
  static func inZone(_ zone: TimeZone) -> @Sendable (Int) -> Timestamp {
    guard zone.secondsFromGMT() != 0 || zone.identifier != "GMT" else { return SearchContext.startOfDayUTC }
    // Made once: making one takes longer than most searches.
    let calendar = calendar(zone)
    let utc = self.calendar(.gmt)
    return { day in
      let midnightUTC = Date(timeIntervalSince1970: Double(day) * 86_400)
      let civil = utc.dateComponents([.year, .month, .day], from: midnightUTC)
      let start = calendar.date(from: civil) ?? midnightUTC
      return Timestamp(rawValue: Int64(start.timeIntervalSince1970 * 1_000))
    }
  }

  private static func calendar(_ zone: TimeZone) -> Calendar {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    return calendar
  }
}
