import Index
import Query
import Testing

/// Initial consonants find syllables in what is short.
struct InitialConsonantSearchTests {
  private static let examples: [(String, [UInt32])] = [
    ("ㅎㅇㄹ", [3, 2, 1]), ("subject:ㅎㅇㄹ", [1]), ("from:ㅎㅇㄹ", [2]), ("filename:ㅎㅇㄹ", [3]), ("body:ㅎㅇㄹ", []),
    ("\"ㅎㅇㄹ\"", []),
    ("ㅋㅋ", [5]), ("body:ㅋㅋ", [5]), ("ㅎㅇㄹ -ㄱㅅ", [3, 2]), ("ㄱㅅ", [1]),
  ]

  private func mailbox() throws -> Mailbox {
    let mailbox = try Mailbox()
    mailbox.add("결산 회의록")
    mailbox.add(from: ("한유리", "han@example.com"))
    mailbox.add { $0.attachmentNames = ["대회의록_v2.pdf"] }
    mailbox.add(body: "회의록")
    mailbox.add(body: "ㅋㅋㅋ")
    return mailbox
  }

  @Test(arguments: examples)
  func `in mail that is pending`(query: String, hits: [UInt32]) throws {
    #expect(try mailbox().hits(query) == hits)
  }

  @Test(arguments: examples)
  func `in segments`(query: String, hits: [UInt32]) throws {
    let mailbox = try mailbox()
    try mailbox.invert()
    #expect(try mailbox.hits(query) == hits)
  }

  @Test func `syllables that were found are marked`() throws {
    let mailbox = try mailbox()
    var record = ExtractedTextRecord()
    record.subject = "대회의록집"
    let highlights = Highlighter(try parseQuery("ㅎㅇㄹ").root, mailbox.analyzers).highlights(of: record)
    #expect(highlights.subject.map { $0.isMatch ? "[\($0.text)]" : $0.text }.joined() == "대[회의록]집")
  }
}
