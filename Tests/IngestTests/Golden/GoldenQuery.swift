/// A query of `Fixtures/Golden/queries` with what it must find: see the README there.
struct GoldenQuery: Sendable {
  enum Answer: Hashable, Sendable {
    /// The names of the mails.
    case mails(Set<String>)
    /// The query cannot be understood.
    case refused
  }

  let id: String
  let text: String
  let answer: Answer
  /// What it shows.
  let reason: String
  /// Why it is known not to be answered so; `nil` for nearly all.
  let known: String?

  /// - Parameters:
  ///   - line: five columns with tabulators between them.
  ///   - shown: the mails that `*` stands for, which lie neither in spam nor in trash.
  init(_ line: Substring, shown: Set<String>) throws {
    let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard columns.count == 5 else { throw GoldenText.Malformed(description: "not five columns: \(line)") }
    id = columns[0]
    text = GoldenText.unescape(columns[1])
    answer = Self.answer(columns[2], shown)
    reason = columns[3]
    known = columns[4].isEmpty ? nil : columns[4]
  }

  private static func answer(_ column: String, _ shown: Set<String>) -> Answer {
    if column == "!" { return .refused }
    var mails: Set<String> = []
    for name in column.split(separator: " ") where name != "-" {
      if name == "*" {
        mails = shown
      } else if name.hasPrefix("-") {
        mails.remove(String(name.dropFirst()))
      } else {
        mails.insert(String(name))
      }
    }
    return .mails(mails)
  }
}

extension GoldenQuery.Answer: CustomStringConvertible {
  var description: String {
    switch self {
    case .mails(let names): names.isEmpty ? "nothing" : names.sorted().joined(separator: " ")
    case .refused: "refused"
    }
  }
}
