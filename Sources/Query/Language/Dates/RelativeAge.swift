/// An age such as `3d` or `2w`, counted back from now.
package struct RelativeAge: Hashable, Sendable, CustomStringConvertible {
  package enum Unit: String, Hashable, Sendable, CaseIterable {
    case hours = "h"
    case days = "d"
    case weeks = "w"
    case months = "m"
    case years = "y"

    /// In full: `week`.
    var name: String {
      switch self {
      case .hours: "hour"
      case .days: "day"
      case .weeks: "week"
      case .months: "month"
      case .years: "year"
      }
    }
  }

  /// 1 to 100,000.
  package let count: Int
  package let unit: Unit

  package init?(count: Int, unit: Unit) {
    guard (1...100_000).contains(count) else { return nil }
    self.count = count
    self.unit = unit
  }

  package var description: String { "\(count)\(unit.rawValue)" }

  /// Reads a number and its unit, in any case: `3d`, `2 weeks`, `1year`, `6개월`.
  package init?(_ text: String) {
    let lowered = text.lowercased()
    let digits = lowered.prefix { ("0"..."9").contains($0) }
    let unit = lowered.dropFirst(digits.count).drop(while: \.isWhitespace)
    guard (1...6).contains(digits.count), let count = Int(digits), let unit = Self.units[String(unit)] else {
      return nil
    }
    self.init(count: count, unit: unit)
  }

  private static let units: [String: Unit] = {
    var units: [String: Unit] = [
      "시간": .hours, "일": .days, "주": .weeks, "주일": .weeks, "달": .months, "개월": .months, "년": .years,
    ]
    for unit in Unit.allCases {
      for name in [unit.rawValue, unit.name, unit.name + "s"] { units[name] = unit }
    }
    return units
  }()
}
