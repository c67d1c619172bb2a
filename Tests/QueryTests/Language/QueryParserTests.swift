import Bytes
import Query
import TestSupport
import Testing

struct QueryParserTests {
  private func word(_ text: String, _ field: QueryField? = nil) -> QueryNode {
    .text(field: field, TextQuery(.word, text))
  }

  @Test func `AND binds tighter than OR, and spaces mean AND`() throws {
    #expect(
      try parseQuery("a b OR c AND d").root == .or([.and([word("a"), word("b")]), .and([word("c"), word("d")])]))
    #expect(try parseQuery("a (b OR c)").root == .and([word("a"), .or([word("b"), word("c")])]))
  }

  @Test(arguments: ["", "  ", "\u{3000}", "*", "\n\t"])
  func `an empty query lists everything`(text: String) throws {
    #expect(try parseQuery(text).root == .all)
  }

  @Test(arguments: ["or", "and", "not", "ORDER", "ANDROID", "NOTE", "order", "Ｏｒder", "nota"])
  func `a keyword alone, and what only begins with one, is a word`(text: String) throws {
    let query = try parseQuery(text)
    #expect(query.root == word(text))
    #expect(query.warnings.isEmpty)
  }

  @Test(arguments: [
    ("a or b c", "a OR b c"), ("a Or b", "a OR b"), ("a ｏｒ b", "a OR b"), ("a and b or c", "a b OR c"),
    ("not a", "-a"), ("a Not b", "a -b"), ("a or not b", "a OR -b"), ("subject:(a or b)", "subject:(a OR b)"),
    ("{a or b}", "a OR b"), ("a or(b and\"c\")", "a OR (b \"c\")"), ("not not a", "--a"),
    ("a around(5) b", "a AROUND(5) b"), ("a Around(5) b", "a AROUND(5) b"),
  ])
  func `operators are words in any case, and the answer says that they were taken so`(typed: String, meant: String)
    throws
  {
    let query = try parseQuery(typed)
    #expect(query.root == (try parseQuery(meant).root))
    #expect(!query.warnings.isEmpty)
    for warning in query.warnings {
      let typed = ["or", "Or", "ｏｒ", "and", "not", "Not", "around", "Around"]
      #expect(
        typed.contains { warning.suggestion == "\"\($0)\"" && warning.message.hasPrefix("\($0) is the operator") })
    }
  }

  @Test func `the warning of an operator in small letters tells where it stands and how to search for the word`() throws
  {
    let warning = try #require(try parseQuery("😀 or b").warnings.first)
    #expect(warning.position == 2)
    #expect(warning.message == "or is the operator OR here; put it in quotes to search for the word.")
    #expect(try parseQuery("😀 \"or\" b").warnings.isEmpty)
  }

  @Test(arguments: [
    ("or a", ["or", "a"]), ("a or", ["a", "or"]), ("(a or)", ["a", "or"]), ("a not", ["a", "not"]),
    ("a \\or b", ["a", "or", "b"]), ("a \\Not b", ["a", "Not", "b"]), ("a around", ["a", "around"]),
  ])
  func `where no operator can stand, and behind a backslash, small letters are a word`(
    text: String, words: [String]
  ) throws {
    let query = try parseQuery(text)
    #expect(query.root == .and(words.map { word($0) }))
    #expect(query.warnings.isEmpty)
  }

  @Test(arguments: [
    "a around(0) b", "a around(2)", "a around(5) is:read", "a around(5) -b", "in:inbox around(5) b", "a around(x) b",
    "built around(1999) x", "(a b) around(5) c",
  ])
  func `around in small letters that can join nothing is text`(text: String) throws {
    let query = try parseQuery(text)
    #expect(query.root.text.contains("around"))
    #expect(query.warnings.isEmpty)
  }

  @Test func `of two arounds in small letters the first joins`() throws {
    let query = try parseQuery("a around(3) b around(3) c")
    #expect(query.root == (try parseQuery("a AROUND(3) b around 3 c").root))
    #expect(query.warnings.count == 1)
  }

  @Test(arguments: [
    ("a and or b", ["a", "or", "b"]), ("a or or b", ["a", "or", "b"]), ("{a and b}", ["a", "and", "b"]),
  ])
  func `a keyword where none can stand is a word, and the answer says so`(text: String, words: [String]) throws {
    let query = try parseQuery(text)
    #expect(words.allSatisfy { query.root.text.contains($0) })
    #expect(query.warnings.contains { $0.message.contains("is a word here") })
  }

  @Test func `what a minus or a name stands directly before is a word`() throws {
    #expect(try parseQuery("-not a").root == .and([.not(word("not")), word("a")]))
    #expect(try parseQuery("-or a").root == .and([.not(word("or")), word("a")]))
    #expect(try parseQuery("subject:or a").root == .and([word("or", .subject), word("a")]))
    #expect(try parseQuery("a around(the b)").root == .and(["a", "around", "the", "b"].map { word($0) }))
  }

  @Test func `a minus negates what touches it and is a word when it stands alone`() throws {
    #expect(try parseQuery("-a").root == .not(word("a")))
    #expect(try parseQuery("-(a b)").root == .not(.and([word("a"), word("b")])))
    #expect(try parseQuery("-from:a").root == .not(word("a", .from)))
    #expect(try parseQuery("--a").root == .not(.not(word("a"))))
    #expect(try parseQuery("a - b-c").root == .and([word("a"), word("-"), word("b-c")]))
  }

  @Test(arguments: [
    "subject:(a OR \"b c\" -d*)", "SUBJECT:(a OR \"b c\" -d*)", "subject: (a OR \u{201C}b c\u{201D} -d*)",
    "subject：（a OR ＂b c＂ －d＊）",
  ])
  func `a group in a scope belongs to the field, in whatever punctuation people type`(text: String) throws {
    let phrase = QueryNode.text(field: .subject, TextQuery(.phrase, "b c"))
    let prefix = QueryNode.text(field: .subject, TextQuery(.prefix, "d"))
    #expect(try parseQuery(text).root == .or([word("a", .subject), .and([phrase, .not(prefix)])]))
  }

  @Test func `names are taken as they were typed, and know where they stand`() throws {
    #expect(try parseQuery("label:重要！").root == .label("重要！"))
    #expect(try parseQuery("in:（받은）").root == .folder("받은"))
    #expect(try parseQuery("in：ａ／ｂ").root == .folder("ａ／ｂ"))
    #expect(try parseQuery("in:ＡＮＹＷＨＥＲＥ").root == .anywhere)
    #expect(try parseQuery("id:a＠b thread:ｘ").root == .and([.messageID("a＠b"), .thread("ｘ")]))
    #expect(try parseQuery("is:ｒｅａｄ on:２０２４－０１").root == .and([.flag(.read), .on(DateReference("2024-01")!)]))
    guard case .and(let nodes) = try parseQuery("a label:b subject:\"c\"").root, case .text(_, let a) = nodes[0],
      case .label(_, let b) = nodes[1], case .text(_, let c) = nodes[2]
    else {
      Issue.record("three leaves")
      return
    }
    #expect([a.position, b, c.position].map(\.scalars) == [0, 8, 18])
  }

  @Test func `AROUND joins two words or phrases of one field`() throws {
    func near(_ field: QueryField?, _ other: TextQuery = TextQuery(.phrase, "b c")) -> QueryNode {
      .text(field: field, TextQuery(.word, "a", near: TextQuery.Neighbour(other, within: 5)))
    }
    #expect(try parseQuery("a AROUND(5) \"b c\"").root == near(nil))
    #expect(try parseQuery("x a AROUND(5) \"b c\" OR y").root == .or([.and([word("x"), near(nil)]), word("y")]))
    #expect(try parseQuery("subject:(a AROUND(5) \"b c\")").root == near(.subject))
    #expect(try parseQuery("subject:a AROUND(5) \"b c\"").root == near(.subject))
    #expect(try parseQuery("-a　ＡＲＯＵＮＤ（５） b*").root == .not(near(nil, TextQuery(.prefix, "b"))))
    #expect(try parseQuery("AROUND (5)").root == .and([word("AROUND"), word("5")]))
  }

  @Test func `braces mean OR`() throws {
    #expect(try parseQuery("{a b OR c}").root == .or([word("a"), word("b"), word("c")]))
    #expect(try parseQuery("from:{a b}").root == .or([word("a", .from), word("b", .from)]))
    #expect(try parseQuery("is:{starred replied}").root == .or([.flag(.starred), .flag(.replied)]))
  }

  @Test func `an escaped quote and backslash belong to the phrase`() throws {
    #expect(try parseQuery(#""a \"b\" \\ \c""#).root == .text(field: nil, TextQuery(.phrase, #"a "b" \ \c"#)))
  }

  @Test(arguments: [
    (#"a\ b"#, "a b"), (#"\-draft"#, "-draft"), (#"from\:alice"#, "from:alice"), (#"\*"#, "*"), (#"C\*"#, "C*"),
    (#"a\~"#, "a~"),
    (#"\OR"#, "OR"), (#"\“a\”"#, "“a”"), (#"\(a\)"#, "(a)"), (#"a\\"#, #"a\"#), (#"d\Users\bob"#, #"d\Users\bob"#),
    (#"\ORDER"#, #"\ORDER"#),
  ])
  func `a backslash makes letters of what the language would take for its own`(text: String, typed: String) throws {
    let parsed = try parseQuery(text)
    #expect(parsed.root == word(typed))
    #expect(parsed.warnings.isEmpty)
    #expect(try parseQuery("subject:" + text).root == word(typed, .subject))
    #expect(try parseQuery("(" + text + ")").root == word(typed))
  }

  @Test func `a backslash at the end is a character like any other`() throws {
    #expect(try parseQuery(#"\"#).root == word(#"\"#))
    #expect(try parseQuery(#"a\"#).root == word(#"a\"#))
  }

  @Test func `a word may end in a star or a tilde of its own before the one that is an operator`() throws {
    #expect(try parseQuery(#"C\**"#).root == .text(field: nil, TextQuery(.prefix, "C*")))
    #expect(try parseQuery(#"*a\*b*"#).root == .text(field: nil, TextQuery(.substring, "a*b")))
    #expect(try parseQuery(#"a\~~2"#).root == .text(field: nil, TextQuery(.fuzzy2, "a~")))
  }

  @Test(arguments: [
    ("제목:예산", "subject:예산"), ("보낸사람:김", "from:김"), ("받는사람:a", "to:a"), ("참조:a", "cc:a"), ("본문:a", "body:a"),
    ("파일:pdf", "filename:pdf"), ("편지함:업무", "in:업무"), ("is:안읽음", "is:unread"), ("has:첨부", "has:attachment"),
    ("tag:a", "label:a"), ("folder:a", "in:a"), ("older:2024", "before:2024"), ("since:2024", "after:2024"),
    ("mid:a@b", "id:a@b"), ("이후:2024년 5월", "after:2024-05"), ("size:5M", "larger:5M"), ("date:2024-05", "on:2024-05"),
    ("size:1K..2K", "larger:1023 smaller:2049"), ("size:..2K", "smaller:2049"), ("size:1K..", "larger:1023"),
  ])
  func `other names of an operator mean the same`(text: String, same: String) throws {
    #expect(try parseQuery(text).root == parseQuery(same).root)
  }

  @Test func `a date takes the words that belong to it, and no others`() throws {
    #expect(try parseQuery("after:last monday budget").root == .and([.after(.lastWeekday(.monday)), word("budget")]))
    #expect(try parseQuery("budget on:5 may 2024 x").root == parseQuery("budget on:2024-05-05 x").root)
    #expect(try parseQuery("on:may 5").root == .on(.monthDay(month: 5, day: 5)))
    #expect(try parseQuery("on:may budget").root == .and([.on(.month(5)), word("budget")]))
    #expect(try parseQuery("on:2024 5월").root == .and([.on(DateReference("2024")!), word("5월")]))
    #expect(try parseQuery("(on:3일 전)").root == .on(.ago(RelativeAge("3d")!)))
    #expect(
      try parseQuery("on:{yesterday \"last week\"}").root == .or([.on(.ago(RelativeAge("1d")!)), .on(.last(.week))]))
    #expect(
      try parseQuery("date:last monday..today a").root
        == .and([.date(DateRange(from: .lastWeekday(.monday), through: .today)!), word("a")]))
    let spring = QueryNode.date(DateRange(from: DateReference("2024-01"), through: DateReference("2024-03"))!)
    for text in ["date:2024-01 .. 2024-03", "date:2024-01.. 2024-03", "date:2024-01 ..2024-03"] {
      #expect(try parseQuery(text + " a").root == .and([spring, word("a")]), "\(text)")
    }
    #expect(try parseQuery("newer_than:2 weeks a").root == .and([.newerThan(RelativeAge("2w")!), word("a")]))
  }

  @Test(arguments: ["12:30", "https://example.com/a?b=c", "<a@b.example>", ":-", "C++", "#1", "~/mail", "회의록"])
  func `text that mail is full of is a word and no warning`(text: String) throws {
    let parsed = try parseQuery(text)
    #expect(parsed.root == word(text))
    #expect(parsed.warnings.isEmpty)
  }

  @Test(arguments: [
    ("form:bob", "from:"), ("sujbect:x", "subject:"), ("filname:x", "filename:"), ("re:invent", nil), ("Notes:x", nil),
  ])
  func `an unknown name is searched as text and the warning names the nearest operator`(
    text: String, suggestion: String?
  ) throws {
    let parsed = try parseQuery("a " + text)
    #expect(parsed.root == .and([word("a"), word(text)]))
    #expect(parsed.warnings.map(\.position) == [2])
    #expect(parsed.warnings.map(\.suggestion) == [suggestion])
  }

  @Test func `ages are counted back from now, months and years by the calendar`() throws {
    let march31 = Timestamp(rawValue: 1_711_888_496_789)  // 2024-03-31T12:34:56.789Z
    func moment(_ age: String) throws -> Int64 { try #require(RelativeAge(age)).moment(before: march31).rawValue }
    #expect(try moment("3d") == 1_711_888_496_789 - 3 * 86_400_000)
    #expect(try moment("2W") == 1_711_888_496_789 - 14 * 86_400_000)
    #expect(try moment("5h") == 1_711_888_496_789 - 5 * 3_600_000)
    #expect(try moment("1m") == 1_709_210_096_789)  // 2024-02-29T12:34:56.789Z
    #expect(try moment("1y") == 1_680_266_096_789)  // 2023-03-31T12:34:56.789Z
    #expect(RelativeAge("0d") == nil && RelativeAge("d") == nil && RelativeAge("3") == nil && RelativeAge("-1d") == nil)
  }

  @Test func `a period knows its days`() throws {
    #expect(CalendarPeriod("1970-01-01")?.days == 0..<1)
    #expect(CalendarPeriod("2024-02")?.days == 19_754..<19_783)
    #expect(CalendarPeriod("2024/12/31")?.days == 20_088..<20_089)
    #expect(CalendarPeriod("2024")?.days.count == 366)
    #expect(CalendarPeriod("1900")?.days.count == 365)
    for wrong in ["2024-13", "2023-02-29", "24-01-01", "2024-", "2024-1-1-1", "0000", "２０２４"] {
      #expect(CalendarPeriod(wrong) == nil, "\(wrong)")
    }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `any string gives a tree or an error inside the text`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let pieces = [
      "a", "회의", "(", ")", "{", "}", "\"", "\\", "-", "*", "~", ":", "OR", "AND", "NOT", " ", "subject:", "in:",
      "is:read",
      "on:2024", "\u{201C}", "（", "é\u{301}", "😀", "\u{0}", "larger:", "5M", "\u{FEFF}",
    ]
    for round in 0..<3_000 {
      let text = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
        pieces[Int.random(in: 0..<pieces.count, using: &generator)]
      }.joined(separator: Bool.random(using: &generator) ? "" : " ")
      do {
        _ = try parseQuery(text)
      } catch {
        let isInside = (0...text.unicodeScalars.count).contains(error.position)
        #expect(isInside && !error.expected.isEmpty, "seed \(seed), round \(round): \(text.debugDescription)")
      }
    }
  }
}
