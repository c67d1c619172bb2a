import Bytes

/// The date in an mbox separator, as asctime(3) writes it: `From a@example.com Thu Nov 23 22:20:01 2026`, in UTC.
///
/// Other writers put the day before the month, a comma after the weekday, or a zone (`+0900`) before or after the year;
/// these are read as well. A zone's name is not.
enum MboxSeparatorDate {
  private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

  /// - Returns: `nil` when the line has no month by name, with a day beside it and a time and a year behind it.
  static func parse(_ line: some Sequence<UInt8>) -> Timestamp? {
    let words = words(of: Array(line))
    guard let place = words.indices.last(where: { months.contains(words[$0]) }), place > 0,
      let month = months.firstIndex(of: words[place])
    else { return nil }
    let rest = words[(place + 1)...]
    guard let day = [rest.first, words[place - 1]].compactMap({ number($0, digits: 1...2, in: 1...31) }).first,
      let second = rest.lazy.compactMap(secondOfDay).first,
      let year = rest.lazy.compactMap({ number($0, digits: 4...4, in: 1_900...9_998) }).first
    else { return nil }
    let zone = rest.lazy.compactMap(zoneSeconds).first ?? 0
    return Timestamp(rawValue: Int64(daysSince1970(year, month + 1, day) * 86_400 + second - zone) * 1_000)
  }

  /// In small letters. Nearly all lines are ASCII, and cut without a look at characters.
  private static func words(of line: [UInt8]) -> [String] {
    guard line.allSatisfy({ $0 < 0x80 }) else {
      return String(decoding: line, as: UTF8.self).split { $0.isWhitespace || $0 == "," }.map { $0.lowercased() }
    }
    return line.split { $0 == 0x20 || (0x09...0x0D).contains($0) || $0 == UInt8(ascii: ",") }.map {
      String(decoding: $0, as: UTF8.self).lowercased()
    }
  }

  private static func number(_ word: String?, digits: ClosedRange<Int>, in range: ClosedRange<Int>) -> Int? {
    guard let word, digits.contains(word.utf8.count), word.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
      let value = Int(word), range.contains(value)
    else { return nil }
    return value
  }

  private static func secondOfDay(_ word: String) -> Int? {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 || parts.count == 3, let hour = number(parts[0], digits: 1...2, in: 0...23),
      let minute = number(parts[1], digits: 2...2, in: 0...59)
    else { return nil }
    if parts.count == 2 { return hour * 3_600 + minute * 60 }
    // 60 is a leap second.
    guard let second = number(parts[2], digits: 2...2, in: 0...60) else { return nil }
    return hour * 3_600 + minute * 60 + second
  }

  private static func zoneSeconds(_ word: String) -> Int? {
    guard word.utf8.count == 5, let sign = word.first, sign == "+" || sign == "-",
      let value = number(String(word.dropFirst()), digits: 4...4, in: 0...1_459)
    else { return nil }
    return (value / 100 * 3_600 + value % 100 * 60) * (sign == "-" ? -1 : 1)
  }

  /// Of the proleptic Gregorian calendar; a day past the end of its month counts on.
  private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
    // The year begins in March, so that the leap day is its last (Howard Hinnant, "chrono-compatible low-level date
    // algorithms", days_from_civil).
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
