import Analysis
import Index
import Query
import Testing

/// Unquoted words find their forms, in pending mail as well as in segments.
struct StemmedSearchTests {
  private func mailbox() throws -> Mailbox {
    let mailbox = try Mailbox(stemming: StemmingLanguages([.english, .german]))
    mailbox.add("Two meetings", body: "about Häuser")
    mailbox.add("meet me", from: ("Meeting Room", "meetings@example.com"))
    mailbox.add("nothing", body: "We are MEETING the lord of the_meetings, in ｍｅｅｔｉｎｇs")
    mailbox.add("meat", body: "haus") { $0.attachmentNames = ["meetings.pdf"] }
    return mailbox
  }

  private static let examples: [(String, [UInt32])] = [
    ("meeting", [3, 2, 1]), ("meets", [3, 2, 1]), ("\"meeting\"", [3, 2]), ("\"meetings\"", [4, 3, 2, 1]),
    ("subject:meeting", [2, 1]), ("body:meet", [3]), ("from:meeting", [2]), ("filename:meeting", []),
    ("haus", [4, 1]), ("häuser", [4, 1]), ("\"häuser\"", [1]), ("meeting -meets", []), ("meeting haus", [1]),
    ("meeting*", [4, 3, 2, 1]),
  ]

  @Test(arguments: examples)
  func `a word finds its forms in mail that is pending`(query: String, hits: [UInt32]) throws {
    #expect(try mailbox().hits(query) == hits)
  }

  @Test(arguments: examples)
  func `a word finds its forms in segments`(query: String, hits: [UInt32]) throws {
    let mailbox = try mailbox()
    try mailbox.invert()
    #expect(try mailbox.snapshot.text().pending.documents.isEmpty)
    #expect(try mailbox.hits(query) == hits)
  }

  @Test func `forms are marked, and told of`() throws {
    let mailbox = try mailbox()
    var record = ExtractedTextRecord()
    record.subject = "Meetings, meat and \"meet\""
    let highlights = Highlighter(try parseQuery("meeting").root, mailbox.analyzers).highlights(of: record)
    #expect(highlights.subject.filter(\.isMatch).map(\.text) == ["Meetings", "meet"])
  }

  @Test func `of pending mail only that is read in which a word begins alike`() throws {
    let mailbox = try mailbox()
    for number in 1...60 { mailbox.add("nothing \(number)", body: "budgets and reports") }
    for query in ["meeting", "meet*", "\"meeting\""] {
      let result = try mailbox.search(query)
      #expect(result.documents.count >= 2 && result.recordsRead <= 4, "\(query): \(result.recordsRead)")
    }
    #expect(try mailbox.search("budget").documents.count == 50)
  }
}
