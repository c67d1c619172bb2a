import Foundation

/// Counts how many cases of a suite agree with another parser, and says where and how the others differ.
struct Agreement {
  private(set) var agreed = 0
  private(set) var differences: [String] = []

  mutating func compare(_ name: String, _ pairs: [(what: String, ours: String, theirs: String)]) {
    let different = pairs.filter { $0.ours != $0.theirs }
    if different.isEmpty {
      agreed += 1
    } else {
      let list = different.map {
        "\($0.what): ours \($0.ours.debugDescription.prefix(160)), theirs \($0.theirs.debugDescription.prefix(160))"
      }
      differences.append("\(name)\n    " + list.joined(separator: "\n    "))
    }
  }

  var total: Int { agreed + differences.count }

  func report(_ suite: String) {
    print("\(suite): \(agreed) of \(total) agree")
    if ProcessInfo.processInfo.environment["MAILDEX_SHOW_DIFFERENCES"] != nil {
      for difference in differences { print("  " + difference) }
    }
  }
}

/// Blanks do not count when texts of different parsers are compared.
func collapsed(_ text: String) -> String {
  text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
}
