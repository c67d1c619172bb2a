package import Bytes

/// Times as the API writes them: RFC 3339 in UTC with milliseconds, `2024-05-01T09:30:00.000Z`.
package enum RFC3339 {
  /// - Returns: nil for years that the format cannot write (before 0 or after 9999).
  package static func text(_ time: Timestamp) -> String? {
    let milliseconds = time.rawValue
    let (days, ofDay) = quotientAndRemainder(milliseconds, by: 86_400_000)
    let (year, month, day) = civilDate(days: days)
    guard (0...9_999).contains(year) else { return nil }
    let seconds = ofDay / 1_000
    var text: [UInt8] = []
    text.reserveCapacity(24)
    append(year, 4, to: &text, before: "-")
    append(month, 2, to: &text, before: "-")
    append(day, 2, to: &text, before: "T")
    append(seconds / 3_600, 2, to: &text, before: ":")
    append(seconds / 60 % 60, 2, to: &text, before: ":")
    append(seconds % 60, 2, to: &text, before: ".")
    append(ofDay % 1_000, 3, to: &text, before: "Z")
    return String(decoding: text, as: UTF8.self)
  }

  /// Year, month and day of so many days after 1970-01-01, by the proleptic Gregorian calendar
  /// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
  private static func civilDate(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = quotientAndRemainder(days + 719_468, by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }

  /// With a remainder that is never negative.
  private static func quotientAndRemainder(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }

  /// The number with zeros before it, and the mark that follows.
  private static func append(_ value: Int64, _ width: Int, to text: inout [UInt8], before mark: UnicodeScalar) {
    var unit = Int64(1)
    for _ in 1..<width { unit *= 10 }
    while unit > 0 {
      text.append(UInt8(ascii: "0") + UInt8(value / unit % 10))
      unit /= 10
    }
    text.append(UInt8(ascii: mark))
  }
}
