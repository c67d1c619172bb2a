import Bytes

/// Tells in which month of the user's time zone a moment lies, as `on:` has it. Remembers those it was asked about: where a month begins
/// in a time zone is dear to find out.
struct MonthFinder {
  /// Months from January of the year 0.
  typealias Month = Int

  private let startOfDay: @Sendable (Int) -> Timestamp
  /// Ascending.
  private var known: [(month: Month, range: Range<Timestamp>)] = []
  /// In which the last moment was, as the next one mostly is.
  private var last = 0

  init(_ startOfDay: @escaping @Sendable (Int) -> Timestamp) { self.startOfDay = startOfDay }

  /// - Returns: `nil` outside the years 1 to 9999, of which no query can be asked.
  mutating func month(of moment: Timestamp) -> (month: Month, start: Timestamp)? {
    if !(last < known.count && known[last].range.contains(moment)) { last = place(of: moment) }
    if last < known.count, known[last].range.contains(moment) {
      return (known[last].month, known[last].range.lowerBound)
    }
    // In no time zone is it another day than yesterday's, today's or tomorrow's in UTC.
    let today = moment.rawValue >= 0 ? moment.rawValue / 86_400_000 : (moment.rawValue + 1) / 86_400_000 - 1
    guard (-720_000...2_933_000).contains(today) else { return nil }
    for day in Int(today) - 1...Int(today) + 1 {
      let date = CivilCalendar.date(ofDay: day)
      guard let period = CalendarPeriod(year: date.year, month: date.month) else { continue }
      let (start, end) = (startOfDay(period.days.lowerBound), startOfDay(period.days.upperBound))
      if start <= moment, moment < end {
        known.insert((date.year * 12 + date.month - 1, start..<end), at: last)
        return (known[last].month, start)
      }
    }
    return nil
  }

  /// The first known month that ends after a moment.
  private func place(of moment: Timestamp) -> Int {
    var low = 0
    var high = known.count
    while low < high {
      let middle = (low + high) / 2
      if known[middle].range.upperBound <= moment { low = middle + 1 } else { high = middle }
    }
    return low
  }

  static func name(of month: Month) -> String {
    CalendarPeriod(year: month / 12, month: month % 12 + 1)?.description ?? ""
  }
}
