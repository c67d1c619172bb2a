import Query
import Testing

@Suite struct HeaderQueryTests {
  @Test(
    arguments: [
      ("X-Mailer", "x-mailer", nil), ("X-Mailer:Outlook", "x-mailer", "Outlook"), ("a:b:c", "a", "b:c"),
      ("a： b", "a", "b"), ("a:*b*", "a", "*b*"), ("!#$%&'*+-.^_`|~0", "!#$%&'*+-.^_`|~0", nil),
    ] as [(String, String, String?)])
  func `a name may have a value behind its colon`(example: (text: String, name: String, value: String?)) throws {
    let query = try #require(HeaderQuery(example.text))
    #expect(query.name == example.name)
    #expect(query.value == example.value)
    #expect(HeaderQuery(query.description) == query)
  }

  @Test(arguments: ["", ":", ":a", "a:", "a: ", "a b", "보낸사람", "a\u{7F}", String(repeating: "x", count: 257)])
  func `what is no field's name is refused`(text: String) {
    #expect(HeaderQuery(text) == nil)
  }
}
