import Bytes

/// Tells in which month of the user's time zone a moment lies, as `on:` has it. Remembers the last, because the next moment is
/// mostly in the same.
struct MonthFinder {
  /// Months from January of the year 0.
  typealias Month = Int

  private let startOfDay: @Sendable (Int) -> Timestamp
  private var month: Month?
  private var range = Timestamp(rawValue: 0)..<Timestamp(rawValue: 0)

  init(_ startOfDay: @escaping @Sendable (Int) -> Timestamp) { self.startOfDay = startOfDay }

  /// - Returns: `nil` outside the years 1 to 9999, of which no query can be asked.
  mutating func month(of moment: Timestamp) -> (month: Month, start: Timestamp)? {
    if let month, range.contains(moment) { return (month, range.lowerBound) }
    // In no time zone is it another day than yesterday's, today's or tomorrow's in UTC.
    let today = moment.rawValue >= 0 ? moment.rawValue / 86_400_000 : (moment.rawValue + 1) / 86_400_000 - 1
    guard (-720_000...2_933_000).contains(today) else { return nil }
    for day in Int(today) - 1...Int(today) + 1 {
      let date = CivilCalendar.date(ofDay: day)
      guard let period = CalendarPeriod(year: date.year, month: date.month) else { continue }
      let (start, end) = (startOfDay(period.days.lowerBound), startOfDay(period.days.upperBound))
      if start <= moment, moment < end {
        (month, range) = (date.year * 12 + date.month - 1, start..<end)
        return (date.year * 12 + date.month - 1, start)
      }
    }
    return nil
  }

  static func name(of month: Month) -> String {
    CalendarPeriod(year: month / 12, month: month % 12 + 1)?.description ?? ""
  }
}
