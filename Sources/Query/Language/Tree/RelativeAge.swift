/// An age such as `3d` or `2w`, counted back from now.
package struct RelativeAge: Hashable, Sendable, CustomStringConvertible {
  package enum Unit: String, Hashable, Sendable, CaseIterable {
    case hours = "h"
    case days = "d"
    case weeks = "w"
    case months = "m"
    case years = "y"
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

  /// Reads a number and one of `h d w m y`, in either case.
  package init?(_ text: String) {
    let lowered = text.lowercased()
    guard let unit = lowered.last.flatMap({ Unit(rawValue: String($0)) }) else { return nil }
    let digits = lowered.dropLast()
    guard (1...6).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) }),
      let count = Int(digits)
    else { return nil }
    self.init(count: count, unit: unit)
  }
}
