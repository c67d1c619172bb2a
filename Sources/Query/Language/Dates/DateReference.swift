/// Days of the user's calendar as a query names them: a period that stays where it is, or one that is counted from the
/// day of the search. A tree keeps what was meant, so that a saved query goes on meaning it.
package enum DateReference: Hashable, Sendable {
  case period(CalendarPeriod)
  case today
  /// The day that lies so long ago; never of hours.
  case ago(RelativeAge)
  /// The week, month or year in which today lies.
  case this(Span)
  /// The one before.
  case last(Span)
  /// The latest such day, today included.
  case weekday(Weekday)
  /// The latest such day before today.
  case lastWeekday(Weekday)
  /// The latest such month that has begun.
  case month(Int)
  /// The latest such day that has begun.
  case monthDay(month: Int, day: Int)

  package enum Span: String, Hashable, Sendable, CaseIterable {
    /// From Monday on (ISO 8601).
    case week
    case month, year
  }

  /// As ISO 8601 counts them.
  package enum Weekday: Int, Hashable, Sendable, CaseIterable {
    case monday, tuesday, wednesday, thursday, friday, saturday, sunday
  }

  static let monthNames = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
  ]
}

extension DateReference: CustomStringConvertible {
  /// In the words that the language reads: `2024-05`, `last monday`, `3 weeks ago`, `may 5`.
  package var description: String {
    switch self {
    case .period(let period): return period.description
    case .today: return "today"
    case .ago(let age):
      if age.count == 1, age.unit == .days { return "yesterday" }
      return "\(age.count) \(age.unit.name)\(age.count == 1 ? "" : "s") ago"
    case .this(let span): return "this \(span.rawValue)"
    case .last(let span): return "last \(span.rawValue)"
    case .weekday(let day): return "\(day)"
    case .lastWeekday(let day): return "last \(day)"
    case .month(let month): return Self.monthNames[month - 1]
    case .monthDay(let month, let day): return "\(Self.monthNames[month - 1]) \(day)"
    }
  }
}

/// From a day on, through another, or both: `2024-01..2024-03`, `last monday..`, `..2023`.
package struct DateRange: Hashable, Sendable, CustomStringConvertible {
  package let first: DateReference?
  package let last: DateReference?

  /// `nil` where both ends are open.
  package init?(from first: DateReference?, through last: DateReference?) {
    if first == nil, last == nil { return nil }
    self.first = first
    self.last = last
  }

  /// Reads two dates with `..` between them, of which one may be missing.
  package init?(_ text: String) {
    guard let dots = text.firstRange(of: "..") else { return nil }
    func end(_ text: Substring) -> DateReference?? {
      if text.allSatisfy(\.isWhitespace) { return .some(nil) }
      return DateReference(String(text)).map { .some($0) } ?? nil
    }
    guard let first = end(text[..<dots.lowerBound]), let last = end(text[dots.upperBound...]) else { return nil }
    self.init(from: first, through: last)
  }

  package var description: String { (first?.description ?? "") + ".." + (last?.description ?? "") }
}
