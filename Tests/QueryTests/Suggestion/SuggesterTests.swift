import Bytes
import Index
import Query
import Testing

struct SuggesterTests {
  private static let day: Int64 = 86_400_000

  private func mailbox(isInverted: Bool) throws -> Mailbox {
    let mailbox = try Mailbox()
    mailbox.context = SearchContext(folders: RandomMail.folders, now: Timestamp(rawValue: 1_000 * Self.day))
    for day in 1...5 as ClosedRange<Int64> {
      mailbox.add("Budget \(day % 2)", from: ("Alice Example", "alice@mail.example.com"), at: (500 + day) * Self.day)
    }
    mailbox.add("budget again", from: ("Alina", "al@example.org"), at: 999 * Self.day, labels: ["Alpha", "todo"])
    mailbox.add(from: (nil, "bob@example.com"), at: 998 * Self.day) {
      $0.to = [.init(name: "Ali Baba", address: "Ali@Cave.example")]
      $0.cc = [.init(name: "Jane Roe", address: "jr@hill.example")]
    }
    for number in 1...9 { mailbox.add(from: ("Alfred", "al\(number)@spam.example"), at: 990 * Self.day, folder: 2) }
    mailbox.add(from: (nil, "carol@example.net"), body: "not to alias@example.com", at: 997 * Self.day)
    if isInverted { try mailbox.invert() }
    return mailbox
  }

  private func suggestions(_ query: String, limit: Int = 8, isInverted: Bool = true) throws -> [Suggestion] {
    let mailbox = try mailbox(isInverted: isInverted)
    return try Suggester(mailbox.searcher).suggestions(
      for: query, in: mailbox.snapshot, context: mailbox.context, limit: limit)
  }

  @Test(arguments: [true, false])
  func `people come by how often and how lately there was mail`(isInverted: Bool) throws {
    #expect(
      try suggestions("from:al", isInverted: isInverted) == [
        Suggestion(
          .person, "alice@mail.example.com", query: "from:alice@mail.example.com", name: "Alice Example"),
        Suggestion(.person, "al@example.org", query: "from:al@example.org", name: "Alina"),
        Suggestion(.person, "ali@cave.example", query: "from:ali@cave.example", name: "Ali Baba"),
      ])
    #expect(try suggestions("to:EXAMPLE", isInverted: isInverted).map(\.text).contains("alice@mail.example.com"))
    #expect(try suggestions("from:example", limit: 1, isInverted: isInverted).count == 1)
    for beginning in ["jane", "roe", "jr", "hill", "Jane R"] {
      #expect(
        try suggestions("to:\"" + beginning, isInverted: isInverted).map(\.text) == ["jr@hill.example"], "\(beginning)")
    }
    #expect(try suggestions("from:lice", isInverted: isInverted).isEmpty)
    #expect(try suggestions("from:", isInverted: isInverted).isEmpty)
  }

  @Test(arguments: [
    ("fr", ["from:"]), ("is:un", ["is:unread"]), ("a is:un", ["a is:unread"]), ("-is:r", ["-is:read", "-is:replied"]),
    ("after:last", ["after:\"last week\"", "after:\"last month\"", "after:\"last year\""]),
    ("in:b", ["in:\"Work/Bills 2024\""]), ("in:an", ["in:anywhere"]), ("label:al", ["label:Alpha"]),
    ("제", ["제목:"]), ("has:p", ["has:pdf", "has:presentation"]), ("이후:yes", ["이후:yesterday"]),
    ("subject:bud", ["subject:\"budget again\"", "subject:\"Budget 1\"", "subject:\"Budget 0\""]),
    ("subject:\"bud", ["subject:\"budget again\"", "subject:\"Budget 1\"", "subject:\"Budget 0\""]),
    ("buda", []), ("", []), ("a ", []), ("\"a b\" ", []), ("larger:1", ["larger:100K", "larger:1M", "larger:10M"]),
    ("after:last w", ["after:\"last week\""]), ("a after:last  mo", ["a after:\"last month\""]),
    ("after:2024 fr", ["after:2024 from:"]),
    ("is:(un", ["is:(unread"]), ("(is:un", ["(is:unread"]),
    (
      "subject:(x bud",
      [
        "subject:(x \"budget again\"", "subject:(x \"Budget 1\"", "subject:(x \"Budget 0\"",
      ]
    ), ("from:(fr", []), ("from:(al) fr", ["from:(al) from:"]), (String(repeating: "a.", count: 4_000), []),
    ("id:x", []), ("\"from:al", []), ("trash", ["in:Trash"]),
  ])
  func `the word being typed is completed, and the rest stays`(query: String, completed: [String]) throws {
    #expect(try suggestions(query).map(\.query) == completed)
    for suggestion in try suggestions(query) where suggestion.kind != .operator {
      _ = try parseQuery(suggestion.query + (query.contains("(") && !query.contains(")") ? ")" : ""))
    }
  }

  @Test func `a bare word is completed to people, operators, folders and subjects`() throws {
    #expect(
      try suggestions("b").map { "\($0.kind) \($0.query)" } == [
        "operator bcc:", "operator body:", "operator before:", "person ali@cave.example", "person bob@example.com",
        "folder in:\"Work/Bills 2024\"",
      ])
    #expect(
      try suggestions("from:(al").map(\.query) == [
        "from:(alice@mail.example.com", "from:(al@example.org", "from:(ali@cave.example",
      ])
    #expect(try suggestions("bud").map(\.kind) == [.subject, .subject, .subject])
  }

  @Test func `a search past its deadline is a clear error`() throws {
    let mailbox = try mailbox(isInverted: true)
    #expect(throws: SearchError.self) {
      try Suggester(mailbox.searcher).suggestions(
        for: "al", in: mailbox.snapshot, context: mailbox.context, limit: 1, deadline: SearchDeadline { true })
    }
  }
}
