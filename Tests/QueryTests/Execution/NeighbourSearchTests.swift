import Index
import Query
import Testing

struct NeighbourSearchTests {
  private static let examples: [(String, [UInt32])] = [
    ("apple AROUND(1) pear", [2, 1]), ("apple AROUND(3) pear", [3, 2, 1]), ("pear AROUND(2) apple", [3, 2, 1]),
    ("apple AROUND(1000) pear", [3, 2, 1]), ("\"red apple\" AROUND(2) pear", [3]), ("apple AROUND(5) apple", [5]),
    ("subject:(apple AROUND(1) pear)", [1]), ("body:apple AROUND(1) pear", [2]), ("app* AROUND(1) *ea*", [2, 1]),
    ("apple AROUND(3) pear -red", [2, 1]), ("apple AROUND(3) \"?\"", []), ("aple~ AROUND(1) pear", [2, 1]),
  ]

  private func mailbox() throws -> Mailbox {
    let mailbox = try Mailbox()
    mailbox.add("apple pear")
    mailbox.add(body: "one pear, apple")
    mailbox.add(body: "a red apple and pear")
    // In two values, and in two fields.
    mailbox.add("apple", body: "pear")
    mailbox.add("an apple, an apple") { $0.attachmentTexts = ["apple", "pear"].map { .init(filename: nil, text: $0) } }
    mailbox.add("nothing")
    return mailbox
  }

  @Test(arguments: examples)
  func `words near each other are found in mail that is pending`(query: String, hits: [UInt32]) throws {
    #expect(try mailbox().hits(query) == hits)
  }

  @Test(arguments: examples)
  func `words near each other are found in segments`(query: String, hits: [UInt32]) throws {
    let mailbox = try mailbox()
    try mailbox.invert()
    #expect(try mailbox.hits(query) == hits)
  }
}
