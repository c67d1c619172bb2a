import Index

/// The names that may stand before a colon. Adding a name, or another name for one, is adding to this table.
struct QueryOperator: Sendable {
  /// What an operator makes of its value.
  enum Meaning: Sendable {
    /// Words in a field.
    case field(QueryField)
    /// A filter: a node, or nil for a value it cannot take.
    case filter(expected: String, Value, @Sendable (String) -> QueryNode?)
    /// Part of the language, but not of this version.
    case unavailable
  }

  /// What a filter's value is.
  enum Value: Equatable {
    /// A name that someone gave, taken as it was typed: a label may be called `重要！`.
    case name
    /// One of these.
    case choice([String])
    /// A date, an age or a number. Its punctuation, like that of a choice, may have any shape.
    case measure

    var choices: [String] { if case .choice(let choices) = self { choices } else { [] } }
  }

  let names: [String]
  let meaning: Meaning

  private static let dates = "a date such as 2024-05-01, 2024-05 or 2024"
  private static let ages = "an age such as 3d, 2w, 6m or 1y"
  private static let sizes = "a size such as 500K or 5M"
  private static let files = ["attachment"] + FileKind.allCases.map(\.name)
  private static let flags = QueryFlag.allCases.map(\.rawValue)

  static let all: [QueryOperator] =
    QueryField.allCases.map { QueryOperator(names: [$0.rawValue], meaning: .field($0)) } + [
      filter(["in"], "a folder's name, or anywhere", .name) { name in
        QueryScanner.plain(name).lowercased() == "anywhere" ? .anywhere : .folder(name)
      },
      filter(["is"], flags.joined(separator: ", "), .choice(flags)) {
        QueryFlag(rawValue: $0.lowercased()).map(QueryNode.flag)
      },
      filter(["has"], files.joined(separator: ", "), .choice(files)) {
        ["attachment", "attachments"].contains($0.lowercased())
          ? .hasAttachment : FileKind(name: $0).map(QueryNode.hasFile)
      },
      filter(["sender"], "an address", .name) { .sender($0) },
      filter(["label"], "a label", .name) { .label($0) },
      filter(["before"], dates) { CalendarPeriod($0).map(QueryNode.before) },
      filter(["after"], dates) { CalendarPeriod($0).map(QueryNode.after) },
      filter(["on"], dates) { CalendarPeriod($0).map(QueryNode.on) },
      filter(["older_than"], ages) { RelativeAge($0).map(QueryNode.olderThan) },
      filter(["newer_than"], ages) { RelativeAge($0).map(QueryNode.newerThan) },
      filter(["larger", "size"], sizes) { byteCount($0).map(QueryNode.larger) },
      filter(["smaller"], sizes) { byteCount($0).map(QueryNode.smaller) },
      filter(["id", "rfc822msgid"], "a message's id", .name) { .messageID(withoutAngleBrackets($0)) },
      filter(["thread"], "a thread's id", .name) { .thread($0) },
      QueryOperator(names: ["header", "attachment"], meaning: .unavailable),
    ]

  private static let byName: [String: QueryOperator] = {
    var byName: [String: QueryOperator] = [:]
    for entry in all { for name in entry.names { byName[name] = entry } }
    return byName
  }()

  static func named(_ name: String) -> QueryOperator? { byName[name.lowercased()] }

  /// The operator nearest to a mistyped name, as `from:`, or nil when none is near.
  static func suggestion(for name: String) -> String? {
    nearest(to: name, among: all.flatMap(\.names)).map { $0 + ":" }
  }

  /// The candidate with the fewest changed letters: at most two, and fewer than half of the word.
  static func nearest(to word: String, among candidates: [String]) -> String? {
    guard word.count <= 32 else { return nil }
    let word = word.lowercased()
    let distances = candidates.map { (candidate: $0, distance: editDistance(word, $0)) }
    let best = distances.min { $0.distance < $1.distance }
    return best.flatMap { $0.distance <= 2 && 2 * $0.distance < $0.candidate.count ? $0.candidate : nil }
  }

  private static func filter(
    _ names: [String], _ expected: String, _ value: Value = .measure, _ make: @escaping @Sendable (String) -> QueryNode?
  ) -> QueryOperator {
    QueryOperator(names: names, meaning: .filter(expected: expected, value, make))
  }

  /// A number with B, K, M or G (1,024 each), which may be followed by B: `5M`, `5mb`, `5000`.
  private static func byteCount(_ text: String) -> UInt64? {
    var digits = Substring(text.uppercased())
    var factor: UInt64 = 1
    if digits.hasSuffix("B") { digits.removeLast() }
    if let unit = digits.last, let power = ["K", "M", "G"].firstIndex(of: unit) {
      digits.removeLast()
      factor = 1 << (10 * UInt64(power + 1))
    }
    guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt64(digits) else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : bytes
  }

  private static func withoutAngleBrackets(_ text: String) -> String {
    var text = Substring(text)
    while text.count > 2, text.hasPrefix("<"), text.hasSuffix(">") { text = text.dropFirst().dropLast() }
    return String(text)
  }

  /// Letters to change, add, leave out or swap with their neighbour (optimal string alignment).
  private static func editDistance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left), Array(right))
    var rows = [Array(0...right.count)]
    for row in left.indices {
      var next = [row + 1]
      for column in right.indices {
        let isSame = left[row] == right[column]
        var distance = min(rows[row][column] + (isSame ? 0 : 1), rows[row][column + 1] + 1, next[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          distance = min(distance, rows[row - 1][column - 1] + 1)
        }
        next.append(distance)
      }
      rows.append(next)
    }
    return rows[left.count][right.count]
  }
}
