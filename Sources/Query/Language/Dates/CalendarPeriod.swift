/// A day, month or year of the Gregorian calendar in the user's time zone. Always a real one: there is no 30 February.
package struct CalendarPeriod: Hashable, Sendable, CustomStringConvertible {
  /// 1 to 9999.
  package let year: Int
  package let month: Int?
  package let day: Int?

  /// `nil` when there is no such period, also for a day without a month.
  package init?(year: Int, month: Int? = nil, day: Int? = nil) {
    guard (1...9999).contains(year), month != nil || day == nil else { return nil }
    if let month, !(1...12).contains(month) { return nil }
    if let month, let day, !(1...CivilCalendar.dayCount(year: year, month: month)).contains(day) { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  /// Its days, counted from 1970-01-01.
  package var days: Range<Int> {
    let first = CivilCalendar.days(year: year, month: month ?? 1, day: day ?? 1)
    if day != nil { return first..<first + 1 }
    let next = month.map { month in month == 12 ? (year + 1, 1) : (year, month + 1) } ?? (year + 1, 1)
    return first..<CivilCalendar.days(year: next.0, month: next.1, day: 1)
  }

  /// `2024-05-01`, `2024-05` or `2024`.
  package var description: String {
    func padded(_ number: Int, _ width: Int) -> String {
      String(repeating: "0", count: max(0, width - String(number).count)) + String(number)
    }
    return [padded(year, 4), month.map { padded($0, 2) }, day.map { padded($0, 2) }].compactMap { $0 }
      .joined(separator: "-")
  }

  /// Reads `YYYY-MM-DD`, `YYYY/MM/DD`, `YYYY.MM.DD`, `YYYY-MM` or `YYYY`; months and days may have one digit.
  package init?(_ text: String) {
    let separator = text.first { "-/.".contains($0) } ?? "-"
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    guard (1...3).contains(parts.count), parts[0].utf8.count == 4 else { return nil }
    let numbers = parts.compactMap { part in
      part.utf8.count <= 4 && part.utf8.allSatisfy { (48...57).contains($0) } ? Int(part) : nil
    }
    guard numbers.count == parts.count else { return nil }
    self.init(
      year: numbers[0], month: numbers.count > 1 ? numbers[1] : nil, day: numbers.count > 2 ? numbers[2] : nil)
  }
}
