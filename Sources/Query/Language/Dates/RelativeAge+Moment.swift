package import Bytes

extension RelativeAge {
  /// The moment that lies this age before `now`. Hours, days and weeks are exact spans; months and years keep the day of
  /// the month (UTC), or take the month's last day where it is shorter.
  package func moment(before now: Timestamp) -> Timestamp {
    let hour: Int64 = 3_600_000
    switch unit {
    case .hours: return Timestamp(rawValue: now.rawValue - Int64(count) * hour)
    case .days: return Timestamp(rawValue: now.rawValue - Int64(count) * 24 * hour)
    case .weeks: return Timestamp(rawValue: now.rawValue - Int64(count) * 7 * 24 * hour)
    case .months: return Self.moment(monthsBack: count, from: now)
    case .years: return Self.moment(monthsBack: 12 * count, from: now)
    }
  }

  private static func moment(monthsBack: Int, from now: Timestamp) -> Timestamp {
    let dayLength: Int64 = 86_400_000
    let timeOfDay = ((now.rawValue % dayLength) + dayLength) % dayLength
    let day = CivilCalendar.day(monthsBack: monthsBack, from: Int((now.rawValue - timeOfDay) / dayLength))
    return Timestamp(rawValue: Int64(day) * dayLength + timeOfDay)
  }
}
