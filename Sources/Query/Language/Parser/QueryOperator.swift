import Index

/// The names that may stand before a colon. Adding a name, or another name for one, is adding to this table.
struct QueryOperator: Sendable {
  /// What an operator makes of its value.
  enum Meaning: Sendable {
    /// Words in a field.
    case field(QueryField)
    /// A filter: a node, or nil for a value it cannot take.
    case filter(expected: String, Value, @Sendable (String) -> QueryNode?)
  }

  /// What a filter's value is.
  enum Value: Equatable {
    /// A name that someone gave, taken as it was typed: a label may be called `重要！`.
    case name
    /// A name, a colon, and a name that may be in quotes.
    case pair
    /// One of these.
    case choice([String])
    /// A date, an age or a number, of so many words at most. Its punctuation, like that of a choice, may have any shape.
    case measure(words: Int)

    var choices: [String] { if case .choice(let choices) = self { choices } else { [] } }
    var maxWordCount: Int { if case .measure(let count) = self { count } else { 1 } }
  }

  let names: [String]
  let meaning: Meaning

  private static let dates = "a date such as 2024-05-01, 2024-05, 2024, yesterday or \"last monday\""
  private static let ages = "an age such as 3d, 2w, 6m or 1y"
  private static let sizes = "a size such as 500K or 5M"
  private static let files = ["attachment"] + FileKind.allCases.map(\.name)
  private static let flags = QueryFlag.allCases.map(\.rawValue)

  static let all: [QueryOperator] =
    QueryField.allCases.map { QueryOperator(names: names($0), meaning: .field($0)) } + [
      filter(["in", "folder", "편지함", "폴더"], "a folder's name, or anywhere", .name) { QueryNode(folder: $0) },
      filter(["is"], flags.joined(separator: ", "), .choice(flags)) { flag($0).map(QueryNode.flag) },
      filter(["has"], files.joined(separator: ", "), .choice(files)) {
        ["attachment", "attachments", "첨부", "첨부파일"].contains($0.lowercased())
          ? .hasAttachment : FileKind(name: $0).map(QueryNode.hasFile)
      },
      filter(["sender"], "an address", .name) { .sender($0) },
      filter(["label", "tag", "라벨", "태그"], "a label", .name) { .label($0) },
      filter(["before", "older", "이전"], dates, .measure(words: 3)) { DateReference($0).map(QueryNode.before) },
      filter(["after", "newer", "since", "이후"], dates, .measure(words: 3)) { DateReference($0).map(QueryNode.after) },
      filter(["on"], dates, .measure(words: 3)) { DateReference($0).map(QueryNode.on) },
      filter(["date", "날짜"], dates + ", or a range such as 2024-01..2024-03", .measure(words: 7)) {
        DateRange($0).map(QueryNode.date) ?? DateReference($0).map(QueryNode.on)
      },
      filter(["older_than"], ages, .measure(words: 2)) { RelativeAge($0).map(QueryNode.olderThan) },
      filter(["newer_than"], ages, .measure(words: 2)) { RelativeAge($0).map(QueryNode.newerThan) },
      filter(["larger"], sizes) { byteCount($0).map(QueryNode.larger) },
      filter(["smaller"], sizes) { byteCount($0).map(QueryNode.smaller) },
      filter(["size", "크기"], sizes + ", or a range such as 1M..5M") {
        $0.contains("..") ? sizeRange($0) : byteCount($0).map(QueryNode.larger)
      },
      filter(["id", "rfc822msgid", "mid"], "a message's id", .name) { QueryNode(messageID: $0) },
      filter(["thread"], "a thread's id", .name) { .thread($0) },
      filter(
        ["header", "헤더"], "a header field's name, and words of its value: header:x-mailer, header:x-mailer:outlook",
        .pair
      ) { HeaderQuery($0).map(QueryNode.header) },
    ]

  /// As mail programs call the fields, in English and Korean.
  private static func names(_ field: QueryField) -> [String] {
    let others: [String] =
      switch field {
      case .subject: ["제목"]
      case .from: ["보낸사람", "보낸이", "발신"]
      case .to: ["받는사람", "받는이", "수신"]
      case .cc: ["참조"]
      case .bcc: ["숨은참조"]
      case .body: ["본문", "내용"]
      case .filename: ["파일", "파일명", "파일이름"]
      case .attachment: ["첨부"]
      case .list: ["메일링리스트"]
      }
    return [field.rawValue] + others
  }

  private static func flag(_ name: String) -> QueryFlag? {
    switch name {
    case "읽음": .read
    case "안읽음", "읽지않음": .unread
    case "별표", "중요": .starred
    case "답장", "답장함": .replied
    default: QueryFlag(rawValue: name.lowercased())
    }
  }

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
    _ names: [String], _ expected: String, _ value: Value = .measure(words: 1),
    _ make: @escaping @Sendable (String) -> QueryNode?
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

  /// Both ends included, of which one may be missing: `1M..5M`, `1M..`, `..5M`.
  private static func sizeRange(_ text: String) -> QueryNode? {
    guard let dots = text.firstRange(of: "..") else { return nil }
    let (first, last) = (String(text[..<dots.lowerBound]), String(text[dots.upperBound...]))
    var nodes: [QueryNode] = []
    if !first.isEmpty {
      guard let least = byteCount(first) else { return nil }
      // Nothing is asked of a size by "0 or more".
      nodes.append(least == 0 ? .all : .larger(least - 1))
    }
    if !last.isEmpty {
      guard let most = byteCount(last), most < .max else { return nil }
      nodes.append(.smaller(most + 1))
    }
    return nodes.isEmpty ? nil : .conjunction(nodes)
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
