import Bytes
import Index
import Query
import TestSupport

/// Mails and queries from a small vocabulary, so that words meet often.
struct RandomMail {
  static let words = [
    "budget", "Budget", "report", "quarterly", "café", "cafe", "naïve", "re", "lunch", "the_lord_of_rings", "a.b-c/d",
    "1,234.56", "meeting", "meet", "invoice-2024.pdf", "Straße", "東京都", "회의실", "会议", "🎉", "x", "ΑΒΓ", "over", "e-mail",
    "résumé", "resumé", "resume", "INV-2024", "invoice", "ทำงาน", "ㅎㅇㅅ", "ㅎㅇ", "ㅋㅋ", "회의록", "한양시", "meetings", "Häuser",
    "haus", "résumés", "reports",
  ]
  static let people: [(String?, String)] = [
    ("Alice Example", "alice@mail.example.com"), (nil, "bob@example.com"), ("Carol Café", "carol@example.org"),
    ("김철수", "kim@example.net"), ("", "no-name@lists.example.com"),
    (nil, "_bob@example.com"), ("Bobby", "bobby@example.com"), ("'bob@example.com' via Team", "prvs=1=bob@example.com"),
    ("José", "josé@müller.example"),
  ]
  static let folders = [
    SearchFolder(id: FolderID(rawValue: 1), name: "Inbox", role: "inbox"),
    SearchFolder(id: FolderID(rawValue: 2), name: "Spam", role: "spam"),
    SearchFolder(id: FolderID(rawValue: 3), name: "Trash", role: "trash"),
    SearchFolder(id: FolderID(rawValue: 4), name: "Work/Bills 2024", role: nil),
  ]
  static let labels = ["urgent", "Family", "todo", "Todo"]
  /// On both sides of the borders of the facet by size.
  static let borders: [UInt64] = [10_240, 102_400, 1_048_576, 10_485_760].flatMap { [$0, $0 + 1] }

  var generator: SeededGenerator

  mutating func record() -> ExtractedTextRecord {
    var record = ExtractedTextRecord()
    record.subject = (chance(30) ? "Re: " : "") + text(0...4)
    if chance(95) { record.from = [person()] }
    if chance(10) { record.from.append(person()) }
    record.to = (0..<Int.random(in: 0...2, using: &generator)).map { _ in person() }
    if chance(20) { record.cc = [person()] }
    if chance(10) { record.bcc = [person()] }
    record.body = text(0...30)
    if chance(20) { record.attachmentNames = ["invoice-2024.pdf", "photo_of_cafe.jpg"] }
    record.kinds = FileKinds(ofNames: record.attachmentNames)
    if chance(15) { record.kinds.insert(FileKinds(pick(FileKind.allCases))) }
    if chance(10) { record.attachmentTexts = (0..<2).map { _ in .init(filename: nil, text: text(1...5)) } }
    if chance(20) { record.listID = "team.lists.example.com" }
    if chance(80) { record.messageID = "\(Int.random(in: 0..<40, using: &generator))@example.com" }
    return record
  }

  mutating func attributes() -> DocumentAttributes {
    DocumentAttributes(
      receivedAt: Timestamp(rawValue: Int64.random(in: 0..<40, using: &generator) * 21_600_000),
      folder: pick(Self.folders).id, flags: IndexFlags(rawValue: UInt8.random(in: 0..<16, using: &generator)),
      labels: chance(30) ? [pick(Self.labels)] : [],
      size: chance(30) ? pick(Self.borders) : UInt64.random(in: 0..<20, using: &generator) * 100,
      thread: UInt32.random(in: 1..<6, using: &generator))
  }

  mutating func query(depth: Int = 3) -> QueryNode {
    guard depth > 0, chance(60) else { return leaf() }
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: return .not(query(depth: depth - 1))
    case 1: return .or([query(depth: depth - 1), query(depth: depth - 1)])
    default: return .and([query(depth: depth - 1), query(depth: depth - 1)])
    }
  }

  /// The same query with words of punctuation put into it.
  mutating func sprinkled(_ query: QueryNode) -> QueryNode {
    switch query {
    case .and(let nodes): return .and(sprinkled(nodes))
    case .or(let nodes): return .or(sprinkled(nodes))
    case .not(let node): return .not(sprinkled(node))
    default: return chance(30) ? pick([.and([query, punctuation()]), .or([punctuation(), query])]) : query
    }
  }

  private mutating func sprinkled(_ nodes: [QueryNode]) -> [QueryNode] {
    var nodes = nodes.map { sprinkled($0) }
    if chance(40) { nodes.insert(punctuation(), at: Int.random(in: 0...nodes.count, using: &generator)) }
    return nodes
  }

  /// Nothing but punctuation.
  mutating func punctuation(depth: Int = 2) -> QueryNode {
    guard depth > 0, chance(40) else {
      return .text(field: chance(50) ? nil : pick(QueryField.allCases), TextQuery(.word, pick(["?", "&", "-", "…"])))
    }
    let nodes = [punctuation(depth: depth - 1), punctuation(depth: depth - 1)]
    return pick([.and(nodes), .or(nodes), .not(nodes[0])])
  }

  private mutating func leaf() -> QueryNode {
    let day = date()
    switch Int.random(in: 0..<27, using: &generator) {
    case 26: return .date(DateRange(from: chance(70) ? day : nil, through: date())!)
    case 24: return .hasFile(pick([.pdf, .image, pick(FileKind.allCases)]))
    case 25: return .sender(chance(80) ? pick(Self.people).1.uppercased() : "none@example.com")
    case 0: return .folder(pick(["inbox", "SPAM", "trash", "work/bills 2024", "Bills 2024", "nowhere"]))
    case 1: return .flag(pick(QueryFlag.allCases))
    case 2: return .label(pick(Self.labels + ["none"]))
    case 3: return .hasAttachment
    case 4: return .before(day)
    case 5: return .after(day)
    case 6: return .on(day)
    case 7: return .olderThan(RelativeAge("4d")!)
    case 8: return .newerThan(RelativeAge("30h")!)
    case 9: return .larger(900)
    case 10: return .smaller(500)
    case 11: return .messageID("\(Int.random(in: 0..<45, using: &generator))@example.com")
    case 12: return .thread("\(Int.random(in: 0..<7, using: &generator))")
    case 13: return pick([.all, .anywhere])
    default: return textLeaf()
    }
  }

  private mutating func date() -> DateReference {
    let day = CalendarPeriod(year: 1970, month: 1, day: Int.random(in: 1...11, using: &generator))!
    return chance(60)
      ? .period(day)
      : pick([
        .today, .ago(RelativeAge("2d")!), .ago(RelativeAge("1w")!), .this(.week), .last(.week), .this(.month),
        .weekday(pick(DateReference.Weekday.allCases)), .lastWeekday(.sunday), .month(1), .monthDay(month: 1, day: 3),
      ])
  }

  private mutating func textLeaf() -> QueryNode {
    guard chance(10), case .text(let field, let first) = word(), case .text(_, let second) = word() else {
      return word()
    }
    let distance = Int.random(in: 1...6, using: &generator)
    return .text(field: field, TextQuery(first.kind, first.text, near: TextQuery.Neighbour(second, within: distance)))
  }

  private mutating func word() -> QueryNode {
    let field = chance(50) ? nil : pick(QueryField.allCases)
    let word =
      chance(30)
      ? pick([
        "alice", "example.com", "bob@example.com", "jose@muller.example", "josé@muller.example", "muller.example",
        "lists", "pdf", "-", "?!", "京都", "lord of",
      ]) : pick(Self.words)
    switch Int.random(in: 0..<6, using: &generator) {
    case 4: return .text(field: field, insideWord())
    case 5: return .text(field: field, misspelt())
    case 0: return .text(field: field, TextQuery(.phrase, "\(word) \(pick(Self.words))"))
    case 1 where chance(20):
      let begun = pick(["bob@", "INV-", "josé@", "rés", "résu", "_bob@", "the_"])
      return .text(field: field, TextQuery(.prefix, begun))
    case 1:
      return .text(field: field, TextQuery(.prefix, String(word.prefix(Int.random(in: 1...4, using: &generator)))))
    default: return .text(field: field, TextQuery(.word, word))
    }
  }

  /// Some letters from within a word.
  mutating func insideWord() -> TextQuery {
    let word = Array(pick(Self.words))
    let start = Int.random(in: 0..<word.count, using: &generator)
    return TextQuery(.substring, String(word[start...].prefix(Int.random(in: 1...4, using: &generator))))
  }

  /// A word with a letter or two wrong.
  mutating func misspelt() -> TextQuery {
    var word = Array(pick(Self.words))
    for _ in 0..<Int.random(in: 0...2, using: &generator) where !word.isEmpty {
      let index = Int.random(in: 0..<word.count, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: word.remove(at: index)
      case 1: word.insert("e", at: index)
      case 2: word[index] = "o"
      default: word.swapAt(index, max(0, index - 1))
      }
    }
    return TextQuery(Bool.random(using: &generator) ? .fuzzy : .fuzzy2, word.isEmpty ? "a" : String(word))
  }

  private mutating func person() -> ExtractedTextRecord.Address {
    let (name, address) = pick(Self.people)
    return ExtractedTextRecord.Address(name: name, address: address)
  }

  mutating func text(_ count: ClosedRange<Int>) -> String {
    (0..<Int.random(in: count, using: &generator)).map { _ in pick(Self.words) }.joined(separator: " ")
  }

  mutating func pick<Value>(_ values: [Value]) -> Value { values.randomElement(using: &generator)! }
  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }
}
