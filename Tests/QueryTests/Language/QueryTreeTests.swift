import Foundation
import Query
import TestSupport
import Testing

/// The three forms of a query (text, tree, JSON) turn into one another without loss.
struct QueryTreeTests {
  @Test(arguments: 1...200 as ClosedRange<UInt64>)
  func `any tree survives JSON and the query language`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let tree = Self.tree(depth: 4, inside: nil, &generator)
    let json = try JSONEncoder().encode(tree)
    #expect(try JSONDecoder().decode(QueryNode.self, from: json) == tree, "seed \(seed)")
    #expect(try parseQuery(tree.text).root == tree, "seed \(seed): \(tree.text)")
  }

  private enum Kind { case and, or }

  /// A random tree as a text could give it: no group of one kind directly inside the same kind.
  private static func tree(depth: Int, inside: Kind?, _ generator: inout SeededGenerator) -> QueryNode {
    func nodes(_ kind: Kind) -> [QueryNode] {
      (0..<Int.random(in: 2...4, using: &generator)).map { _ in tree(depth: depth - 1, inside: kind, &generator) }
    }
    switch depth == 0 ? 9 : Int.random(in: 0..<10, using: &generator) {
    case 0, 1, 2: return inside == .and ? .or(nodes(.or)) : .and(nodes(.and))
    case 3, 4: return inside == .or ? .and(nodes(.and)) : .or(nodes(.or))
    case 5: return .not(tree(depth: depth - 1, inside: nil, &generator))
    default: return leaf(&generator)
    }
  }

  private static func leaf(_ generator: inout SeededGenerator) -> QueryNode {
    let field = Bool.random(using: &generator) ? QueryField.allCases.randomElement(using: &generator) : nil
    let names = ["Inbox", "받은 편지함", "a \"b\" \\ c", "x:y", "-x", "(a)", "“a”", "a＼＂"]
    let words = [
      "budget", "12:30", "from:alice", "OR", "NOT", "ＯＲ", "or", "Not", "ａｎｄ", "-a", "−a", "a b", "a\\", "\\OR", "*",
      "a*b~", "(“", "제목:x",
      "a\u{0}", "～2",
      "{}", "~", "re:invent",
    ]
    func word() -> String { words.randomElement(using: &generator) ?? "" }
    let dates: [DateReference] = [
      .today, .ago(RelativeAge("1d")!), .ago(RelativeAge("3w")!), .this(.week), .last(.month), .weekday(.monday),
      .lastWeekday(.sunday), .month(5), .monthDay(month: 2, day: 29), .period(CalendarPeriod("2024-05")!),
      .period(CalendarPeriod("2024")!), .period(CalendarPeriod("0987-01-02")!),
    ]
    func date() -> DateReference { dates.randomElement(using: &generator) ?? .today }
    let leaves: [QueryNode] = [
      .all, .text(field: field, TextQuery(.word, word())), .text(field: field, TextQuery(.word, word())),
      .text(field: field, TextQuery(.phrase, names.randomElement(using: &generator) ?? "")),
      .text(field: field, TextQuery(.prefix, word())),
      .text(field: field, TextQuery(.substring, word().filter { !$0.isWhitespace })),
      .text(field: field, TextQuery(.word, word(), near: TextQuery.Neighbour(TextQuery(.phrase, "a b"), within: 5))),
      .text(
        field: field, TextQuery(.prefix, word(), near: TextQuery.Neighbour(TextQuery(.fuzzy2, word()), within: 1000))),
      .text(field: field, TextQuery(.fuzzy, word())), .text(field: field, TextQuery(.fuzzy2, word())),
      .folder(names.randomElement(using: &generator) ?? ""),
      .anywhere,
      .flag(QueryFlag.allCases.randomElement(using: &generator) ?? .read), .label("work"), .hasAttachment,
      .before(date()), .after(date()), .on(date()), .date(DateRange(from: date(), through: date())!),
      .date(DateRange(from: date(), through: nil)!), .date(DateRange(from: nil, through: date())!),
      RelativeAge(count: 3, unit: .days).map(QueryNode.olderThan) ?? .all,
      RelativeAge(count: 100_000, unit: .months).map(QueryNode.newerThan) ?? .all, .larger(5_000), .smaller(0),
      .messageID("a@example.com"), .thread("018f"),
      .header(HeaderQuery("x-mailer")!), .header(HeaderQuery("x-mailer:" + names[0])!),
      .header(HeaderQuery("x:" + (names.randomElement(using: &generator) ?? "a"))!), .header(HeaderQuery("x：a*")!),
    ]
    return leaves.randomElement(using: &generator) ?? .all
  }

  @Test func `JSON has the documented shape`() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let tree = try parseQuery("subject:(bud* OR \"q3 plan\") -is:read in:anywhere larger:5K on:2024-05 *udg* a~ b~2")
      .root
    #expect(
      String(decoding: try encoder.encode(tree), as: UTF8.self)
        == #"{"and":[{"or":[{"field":"subject","prefix":"bud"},{"field":"subject","phrase":"q3 plan"}]},"#
        + #"{"not":{"is":"read"}},{"anywhere":true},{"larger":5120},{"on":"2024-05"},"#
        + #"{"substring":"udg"},{"fuzzy":"a"},{"distance":2,"fuzzy":"b"}]}"#)
  }

  @Test(arguments: [
    #"{}"#, #"{"all": false}"#, #"{"word": ""}"#, #"{"word": "a", "phrase": "b"}"#, #"{"word": "a", "field": "x"}"#,
    #"{"is": "read", "field": "to"}"#, #"{"field": "to"}"#, #"{"and": []}"#, #"{"or": [{"word": "a"}]}"#,
    #"{"not": []}"#,
    #"{"around": 0, "of": [{"word": "a"}, {"word": "b"}]}"#, #"{"around": 2, "of": [{"word": "a"}]}"#,
    #"{"around": 2}"#,
    #"{"around": 2, "of": [{"word": "a"}, {"is": "read"}]}"#, #"{"word": "a", "of": []}"#,
    #"{"around": 2, "of": [{"word": "a"}, {"word": "b", "field": "subject"}]}"#,
    #"{"on": "2024-02-30"}"#, #"{"older_than": "3"}"#, #"{"larger": -1}"#, #"{"words": "a"}"#, #"[]"#, #""a""#,
  ])
  func `JSON of another shape is refused`(json: String) {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(QueryNode.self, from: Data(json.utf8)) }
  }

  @Test func `JSON has the limits of the text`() throws {
    func nested(_ depth: Int) -> Data {
      Data(
        (String(repeating: #"{"not":"#, count: depth) + #"{"word":"a"}"# + String(repeating: "}", count: depth)).utf8)
    }
    _ = try JSONDecoder().decode(QueryNode.self, from: nested(64))
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(QueryNode.self, from: nested(200)) }
    let wide = "{\"or\":[" + Array(repeating: #"{"word":"a"}"#, count: 1_025).joined(separator: ",") + "]}"
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(QueryNode.self, from: Data(wide.utf8)) }
  }

  @Test(arguments: [(32_768, true), (32_769, false)])
  func `the words and names of JSON have the length of a text`(length: Int, isAllowed: Bool) throws {
    let (word, name) = (String(repeating: "é", count: length), String(repeating: "b", count: 32_768))
    let json = Data("{\"and\":[{\"word\":\"\(word)\"},{\"not\":{\"in\":\"\(name)\"}}]}".utf8)
    if isAllowed {
      _ = try JSONDecoder().decode(QueryNode.self, from: json)
    } else {
      #expect(throws: DecodingError.self) { try JSONDecoder().decode(QueryNode.self, from: json) }
    }
  }
}
