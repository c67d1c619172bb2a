package import Bytes

/// A time as RFC 5322 §3.3 writes it, in UTC: `Fri, 02 Jan 2026 10:11:12 +0000`.
package struct InternetDate: Sendable, CustomStringConvertible {
  private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private let time: Timestamp

  package init(_ time: Timestamp) { self.time = time }

  package var description: String {
    let seconds = Self.floorDivide(time.rawValue, 1_000)
    let days = Self.floorDivide(seconds, 86_400)
    let secondOfDay = seconds - days * 86_400
    let (year, month, day) = Self.civilDate(daysSinceEpoch: days)
    let weekday = Self.weekdays[Int(days - Self.floorDivide(days, 7) * 7)]
    let clock = [secondOfDay / 3_600, secondOfDay / 60 % 60, secondOfDay % 60].map { Self.twoDigits(Int($0)) }
    let paddedYear = String(repeating: "0", count: max(0, 4 - String(year).count)) + String(year)
    return "\(weekday), \(Self.twoDigits(day)) \(Self.months[month - 1]) \(paddedYear) "
      + "\(clock.joined(separator: ":")) +0000"
  }

  /// Howard Hinnant's `civil_from_days`: years begin in March, so that the leap day is a year's last.
  private static func civilDate(daysSinceEpoch: Int64) -> (year: Int64, month: Int, day: Int) {
    let shifted = daysSinceEpoch + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, Int(month), Int(dayOfYear - (153 * marchMonth + 2) / 5 + 1))
  }

  private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    value >= 0 ? value / divisor : -((-(value + 1)) / divisor) - 1
  }

  private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
}
