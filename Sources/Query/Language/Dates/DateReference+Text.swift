extension DateReference {
  /// Reads a date as people write it, in English or Korean and in any case.
  ///
  /// - `2024-05-01`, `2024/5/1`, `2024.5.1`, `2024-05`, `2024`, `5 may 2024`, `may 5, 2024`, `may 2024`, `2024년 5월 1일`
  /// - `today`, `yesterday`, `3 days ago`, `last monday`, `monday`, `this week`, `last month`, `may`, `may 5`
  /// - `오늘`, `어제`, `그저께`, `3일 전`, `지난 월요일`, `이번 주`, `지난달`, `올해`, `작년`, `5월`, `5월 3일`
  package init?(_ text: String) {
    let trimmed = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    if let period = CalendarPeriod(trimmed) {
      self = .period(period)
      return
    }
    // Long texts are no dates, and are not taken apart to see that.
    guard trimmed.utf8.count <= 64, trimmed.last != "," else { return nil }
    let pieces = DateWord.pieces(of: trimmed)
    let words = pieces.compactMap(DateWord.init)
    guard words.count == pieces.count, let date = Self.relative(words) ?? Self.named(words) ?? Self.korean(words)
    else { return nil }
    self = date
  }

  private static func relative(_ words: [DateWord]) -> DateReference? {
    switch triple(words) {
    case (.whole(let date)?, nil, nil): return date
    case (.weekday(let day)?, nil, nil), (.this?, .weekday(let day)?, nil): return .weekday(day)
    case (.last?, .weekday(let day)?, nil): return .lastWeekday(day)
    case (.this?, let unit?, nil): return unit.unit?.span.map(DateReference.this)
    case (.last?, let unit?, nil): return unit.unit?.span.map(DateReference.last)
    case (.number(let count)?, let unit?, .ago?):
      guard let unit = unit.unit, unit != .hours else { return nil }
      return RelativeAge(count: count, unit: unit).map(DateReference.ago)
    default: return nil
    }
  }

  /// Months by name.
  private static func named(_ words: [DateWord]) -> DateReference? {
    switch triple(words) {
    case (.month(let month)?, nil, nil): return .month(month)
    case (.month(let month)?, .number(let number)?, nil) where number > 999:
      return CalendarPeriod(year: number, month: month).map(DateReference.period)
    case (.month(let month)?, .number(let day)?, nil), (.number(let day)?, .month(let month)?, nil):
      return monthDay(month, day)
    case (.month(let month)?, .number(let day)?, .number(let year)?),
      (.number(let day)?, .month(let month)?, .number(let year)?):
      return CalendarPeriod(year: year, month: month, day: day).map(DateReference.period)
    default: return nil
    }
  }

  /// Three words at most; none where there are more.
  private static func triple(_ words: [DateWord]) -> (DateWord?, DateWord?, DateWord?) {
    guard (1...3).contains(words.count) else { return (nil, nil, nil) }
    return (words[0], words.count > 1 ? words[1] : nil, words.count > 2 ? words[2] : nil)
  }

  /// Numbers, each with its mark behind it: 2024 년 5 월 1 일.
  private static func korean(_ words: [DateWord]) -> DateReference? {
    var numbers: [RelativeAge.Unit: Int] = [:]
    var last: RelativeAge.Unit?
    for index in stride(from: 0, to: words.count, by: 2) {
      guard case .number(let number) = words[index], index + 1 < words.count, case .mark(let unit) = words[index + 1],
        unit == .years && last == nil || unit == .months && (last == nil || last == .years)
          || unit == .days && last == .months
      else { return nil }
      numbers[unit] = number
      last = unit
    }
    if let year = numbers[.years] {
      return CalendarPeriod(year: year, month: numbers[.months], day: numbers[.days]).map(DateReference.period)
    }
    guard let month = numbers[.months], (1...12).contains(month) else { return nil }
    guard let day = numbers[.days] else { return .month(month) }
    return monthDay(month, day)
  }

  /// Of a year with a 29 February.
  private static func monthDay(_ month: Int, _ day: Int) -> DateReference? {
    CalendarPeriod(year: 2024, month: month, day: day) == nil ? nil : .monthDay(month: month, day: day)
  }
}

/// A word of a date.
private enum DateWord: Equatable {
  case number(Int)
  case month(Int)
  case weekday(DateReference.Weekday)
  case unit(RelativeAge.Unit)
  /// 년, 월, 일: behind a number a part of a date, before 전 a unit.
  case mark(RelativeAge.Unit)
  case whole(DateReference)
  case this, last, ago

  var unit: RelativeAge.Unit? {
    switch self {
    case .unit(let unit), .mark(let unit): unit
    default: nil
    }
  }

  /// Words and numbers, also where no blank stands between them: `3일전`, `지난주`; ordinals without their endings.
  static func pieces(of text: String) -> [String] {
    var pieces: [String] = []
    for word in text.lowercased().split(whereSeparator: { $0 == " " || $0 == "," }) {
      var rest = word
      for beginning in ["지난", "이번"] where rest.hasPrefix(beginning) && rest != "지난해" {
        pieces.append(beginning)
        rest = rest.dropFirst(beginning.count)
      }
      while let first = rest.first {
        let isDigit = isDigit(first)
        let run = rest.prefix { self.isDigit($0) == isDigit }
        rest = rest.dropFirst(run.count)
        if !isDigit, ["st", "nd", "rd", "th"].contains(run), let last = pieces.last?.last, self.isDigit(last) {
          continue
        }
        if run.count > 1, run.hasSuffix("전") {
          pieces += [String(run.dropLast()), "전"]
        } else {
          pieces.append(String(run))
        }
      }
    }
    return pieces
  }

  private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }

  init?(_ text: String) {
    if let number = text.utf8.count <= 6 ? Int(text) : nil {
      self = .number(number)
    } else if let word = Self.words[text] {
      self = word
    } else {
      return nil
    }
  }

  private static let words: [String: DateWord] = {
    var words: [String: DateWord] = [
      "today": .whole(.today), "오늘": .whole(.today), "올해": .whole(.this(.year)), "작년": .whole(.last(.year)),
      "지난해": .whole(.last(.year)), "this": .this, "이번": .this, "last": .last, "지난": .last, "ago": .ago, "전": .ago,
      "주": .unit(.weeks), "주일": .unit(.weeks), "달": .unit(.months), "개월": .unit(.months), "해": .unit(.years),
      "년": .mark(.years), "월": .mark(.months), "일": .mark(.days), "sept": .month(9), "tues": .weekday(.tuesday),
      "thur": .weekday(.thursday), "thurs": .weekday(.thursday),
    ]
    for (name, days) in [("yesterday", 1), ("어제", 1), ("그제", 2), ("그저께", 2)] {
      words[name] = RelativeAge(count: days, unit: .days).map { .whole(.ago($0)) }
    }
    for unit in RelativeAge.Unit.allCases {
      words[unit.name] = .unit(unit)
      words[unit.name + "s"] = .unit(unit)
    }
    for (index, name) in DateReference.monthNames.enumerated() {
      words[name] = .month(index + 1)
      words[String(name.prefix(3))] = .month(index + 1)
    }
    for (day, korean) in zip(DateReference.Weekday.allCases, "월화수목금토일") {
      words["\(day)"] = .weekday(day)
      words[String("\(day)".prefix(3))] = .weekday(day)
      words["\(korean)요일"] = .weekday(day)
    }
    return words
  }()
}

extension RelativeAge.Unit {
  fileprivate var span: DateReference.Span? {
    switch self {
    case .hours, .days: nil
    case .weeks: .week
    case .months: .month
    case .years: .year
    }
  }
}
