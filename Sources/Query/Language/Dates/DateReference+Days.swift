extension DateReference {
  /// The days that are meant on a day; all are counted from 1970-01-01. Nothing where the calendar has no such days any
  /// more (before the year 1).
  package func days(today: @autoclosure () -> Int) -> Range<Int> {
    if case .period(let period) = self { return period.days }
    let today = today()
    switch self {
    case .period(let period): return period.days
    case .today: return today..<today + 1
    case .ago(let age):
      // The calendar begins with the year 1.
      let day = max(Self.day(age, before: today), -719_162)
      return day..<day + 1
    case .this(let span): return span.days(around: today)
    case .last(let span): return span.days(around: span.days(around: today).lowerBound - 1)
    case .weekday(let weekday):
      let day = today - (Weekday.index(of: today) - weekday.rawValue + 7) % 7
      return day..<day + 1
    case .lastWeekday(let weekday): return DateReference.weekday(weekday).days(today: today - 1)
    case .month(let month): return Self.latest(today) { CalendarPeriod(year: $0, month: month) }
    case .monthDay(let month, let day): return Self.latest(today) { CalendarPeriod(year: $0, month: month, day: day) }
    }
  }

  private static func day(_ age: RelativeAge, before today: Int) -> Int {
    switch age.unit {
    case .hours, .days: return today - age.count
    case .weeks: return today - 7 * age.count
    case .months: return CivilCalendar.day(monthsBack: age.count, from: today)
    case .years: return CivilCalendar.day(monthsBack: 12 * age.count, from: today)
    }
  }

  /// The latest one that has begun; eight years hold a 29 February in any century.
  private static func latest(_ today: Int, _ period: (_ year: Int) -> CalendarPeriod?) -> Range<Int> {
    let year = CivilCalendar.date(ofDay: today).year
    for year in stride(from: year, through: year - 8, by: -1) {
      if let days = period(year)?.days, days.lowerBound <= today { return days }
    }
    return today..<today
  }
}

extension DateReference.Span {
  fileprivate func days(around day: Int) -> Range<Int> {
    let date = CivilCalendar.date(ofDay: day)
    switch self {
    case .week:
      let monday = day - DateReference.Weekday.index(of: day)
      return monday..<monday + 7
    case .month: return CalendarPeriod(year: date.year, month: date.month)?.days ?? day..<day
    case .year: return CalendarPeriod(year: date.year)?.days ?? day..<day
    }
  }
}

extension DateReference.Weekday {
  /// 1970-01-01 was a Thursday.
  fileprivate static func index(of day: Int) -> Int { (((day + 3) % 7) + 7) % 7 }
}

extension DateRange {
  /// - Returns: the first day, and the day after the last one; `nil` where an end is open.
  package func days(today: @autoclosure () -> Int) -> (lower: Int?, upper: Int?) {
    (first?.days(today: today()).lowerBound, last?.days(today: today()).upperBound)
  }
}
