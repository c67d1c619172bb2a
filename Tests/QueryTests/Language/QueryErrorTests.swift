import Query
import Testing

struct QueryErrorTests {
  struct Example: Sendable, CustomTestStringConvertible {
    var text: String
    var position: Int
    var expected: String
    var suggestion: String?

    init(_ text: String, _ position: Int, _ expected: String, _ suggestion: String? = nil) {
      self.text = text
      self.position = position
      self.expected = expected
      self.suggestion = suggestion
    }

    var testDescription: String { text }
  }

  private static let word = "a word, a phrase or a group"
  private static let star = "\"word*\" or \"*part*\""
  private static let distance = "\"~\", \"~1\" or \"~2\""
  private static let date = "a date such as 2024-05-01, 2024-05, 2024, yesterday or \"last monday\""
  private static let header =
    "a header field's name, and words of its value: header:x-mailer, header:x-mailer:outlook"

  static let examples: [Example] = [
    Example("(a", 2, "a closing parenthesis"),
    Example("{a", 2, "a closing brace"),
    Example("{a OR}", 5, word),
    Example("{a OR", 5, word),
    Example("\"a b", 4, "a closing quote"),
    Example("a)", 1, "a word or the end of the query"),
    Example("a}", 1, "a word or the end of the query"),
    Example("()", 1, word),
    Example("a OR", 4, word),
    Example("OR a", 0, word),
    Example("a AND", 5, word),
    Example("NOT", 3, word),
    Example("a OR OR b", 5, word),
    Example("\"  \"", 0, "words between the quotes"),
    Example("subject:", 8, word),
    Example("subject:()", 9, word),
    Example("subject:(from:bob)", 9, word),
    Example("회의 *록", 3, star),
    Example("a*b", 1, star),
    Example("**", 0, star),
    Example("*a*b*", 0, star),
    Example("budget~3", 6, distance),
    Example("budget~0", 6, distance),
    Example("bud*~", 4, distance),
    Example("\"a b\"*", 5, "a blank"),
    Example("subject:*", 8, "letters before \"*\""),
    Example("is:unred", 3, "read, unread, starred, replied", "unread"),
    Example(
      "has:atachment", 4,
      "attachment, pdf, image, audio, video, document, spreadsheet, presentation, archive, calendar, contact, mail, text",
      "attachment"),
    Example("on:2024-02-30", 3, date),
    Example("before:someday", 7, date),
    Example("after:last budget", 6, date),
    Example("after:\"5 hours ago\"", 6, date),
    Example("date:..", 5, date + ", or a range such as 2024-01..2024-03"),
    Example("제목:(보낸사람:a)", 4, word),
    Example("size:5M..big", 5, "a size such as 500K or 5M, or a range such as 1M..5M"),
    Example("\\\"a\"", 4, "a closing quote"),
    Example("(a\\)", 4, "a closing parenthesis"),
    Example("older_than:3", 11, "an age such as 3d, 2w, 6m or 1y"),
    Example("larger:big", 7, "a size such as 500K or 5M"),
    Example("larger:99999999999999999G", 7, "a size such as 500K or 5M"),
    Example("a AROUND(0) b", 9, "a number from 1 to 1000 and \")\""),
    Example("a AROUND(x) b", 9, "a number from 1 to 1000 and \")\""),
    Example("a AROUND(5", 9, "a number from 1 to 1000 and \")\""), Example("a AROUND(5)", 11, word),
    Example("a AROUND(5) -b", 12, "a word or a phrase"),
    Example("a AROUND(5) NOT b", 12, "a word or a phrase"), Example("a AROUND(5) is:read", 12, "a word or a phrase"),
    Example("(a b) AROUND(5) c", 16, "a word or a phrase"),
    Example("from:a AROUND(5) to:b", 17, "a word or a phrase"),
    Example("a AROUND(5) b AROUND(5) c", 23, "another word or the end of the query"),
    Example("header:x-mailer:", 7, header), Example("😀 header:보낸사람:a", 9, header), Example("header:(a b:)", 10, header),
  ]

  @Test(arguments: examples)
  func `an error tells the position and what was expected`(example: Example) {
    let error = #expect(throws: QueryError.self) { try parseQuery(example.text) }
    #expect(error?.position == example.position)
    #expect(error?.expected == example.expected)
    #expect(error?.suggestion == example.suggestion)
  }

  @Test func `groups may be 64 levels deep and no deeper`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "(", count: depth) + "a" + String(repeating: ")", count: depth)
    }
    #expect(try parseQuery(nested(64)).root == .text(field: nil, TextQuery(.word, "a")))
    let error = #expect(throws: QueryError.self) { try parseQuery(nested(65)) }
    #expect(error?.expected == "fewer levels")
    #expect(throws: QueryError.self) { try parseQuery(String(repeating: "-", count: 60_000) + "a") }
  }

  @Test func `a query may have 1,024 clauses and no more`() throws {
    let most = Array(repeating: "a", count: 1_024).joined(separator: " ")
    #expect(try parseQuery(most).root.children.count == 1_024)
    let error = #expect(throws: QueryError.self) { try parseQuery(most + " b") }
    #expect(error?.position == 2_048)
  }

  @Test func `a query may have 65,536 characters and no more`() throws {
    _ = try parseQuery(String(repeating: "a", count: 65_536))
    #expect(throws: QueryError.self) { try parseQuery(String(repeating: "a", count: 65_537)) }
  }
}
