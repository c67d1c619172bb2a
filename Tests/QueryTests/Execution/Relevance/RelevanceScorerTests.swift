import Analysis
import Bytes
import Index
import Query
import TestSupport
import Testing

@Suite struct RelevanceScorerTests {
  let mailbox: Mailbox
  private static let day: Int64 = 86_400_000

  init() throws {
    mailbox = try Mailbox(stemming: StemmingLanguages([.english]))
    mailbox.context = SearchContext(
      folders: [
        SearchFolder(id: FolderID(rawValue: 1), name: "Inbox", role: "inbox"),
        SearchFolder(id: FolderID(rawValue: 2), name: "Sent", role: "sent"),
        SearchFolder(id: FolderID(rawValue: 3), name: "Spam", role: "spam"),
      ], now: Timestamp(rawValue: 1_000 * Self.day))
  }

  private func add(
    _ subject: String, body: String = "", daysOld: Int64 = 100, from: String = "a@example.com", folder: UInt32 = 1
  ) -> UInt32 {
    mailbox.add(
      subject, from: (nil, from), body: body, at: mailbox.context.now.rawValue - daysOld * Self.day, folder: folder
    ).rawValue
  }

  /// The same before and after the mail is in a segment.
  private func expect(_ expected: [UInt32], for query: String, line: SourceLocation = #_sourceLocation) throws {
    #expect(try mailbox.hits(query, sort: .relevance) == expected, "pending", sourceLocation: line)
    try mailbox.invert()
    #expect(try mailbox.hits(query, sort: .relevance) == expected, "inverted", sourceLocation: line)
  }

  @Test func `the rarer word decides between mails that have one of two`() throws {
    let rare = add("zebra", daysOld: 120)
    let common = (0..<9).map { _ in add("report") }
    try expect([rare] + common.reversed(), for: "zebra OR report")
  }

  @Test func `a subject counts more than a sender, a sender more than the text, the text more than an attachment`()
    throws
  {
    let subject = add("budget")
    let sender = add("x", from: "budget@example.com")
    let body = add("x", body: "budget")
    let attachment = mailbox.add("x", at: mailbox.context.now.rawValue - 100 * Self.day) {
      $0.attachmentTexts = [.init(filename: nil, text: "budget")]
    }.rawValue
    try expect([subject, sender, body, attachment], for: "budget")
  }

  @Test func `a word that stands more often counts more, and one in a long mail less`() throws {
    let filler = String(repeating: "lorem ipsum dolor ", count: 200)
    let long = add("x", body: "budget " + filler)
    let once = add("x", body: "budget")
    let often = add("x", body: "budget, budget and budget")
    try expect([often, once, long], for: "budget")
  }

  @Test func `new mail comes before old mail that says the same, but not before old mail that says much more`() throws {
    let old = add("x", body: "budget", daysOld: 400)
    let new = add("x", body: "budget", daysOld: 1)
    let wholly = add("budget", body: "budget budget", daysOld: 300)
    try expect([wholly, new, old], for: "budget")
  }

  @Test func `mail from people whose mail was answered, or to whom mail goes, comes before that of others`() throws {
    let stranger = add("budget", from: "stranger@example.com")
    let friend = add("budget", daysOld: 110, from: "Friend@example.com")
    let colleague = add("budget", daysOld: 120, from: "colleague@example.com")
    try expect([stranger, friend, colleague], for: "budget")
    _ = mailbox.add("hello", at: 1, folder: 2) { $0.to = [.init(name: nil, address: "friend@Example.com")] }
    try expect([friend, stranger, colleague], for: "budget")
    let answered = add("lunch", from: "colleague@example.com")
    var attributes = try #require(mailbox.snapshot.attributes.attributes(of: DocID(rawValue: answered)))
    attributes.flags.insert(.isReplied)
    mailbox.apply(.setAttributes(mailbox.user, DocID(rawValue: answered), attributes))
    try expect([friend, colleague, stranger], for: "budget")
  }

  @Test func `a word counts once, whether a sender has it as a name or a text has a form of it`() throws {
    // "alice" is rare as a sender; typed once, it is one word, and both mails have it in one field of weight 4 or 3.
    let subject = add("alices")
    let sender = add("x", from: "alice@example.com")
    for _ in 0..<30 { _ = add("alice in text", body: "alice", daysOld: 300) }
    let hits = try mailbox.search("alice", sort: .relevance)
    let scores = Dictionary(zip(hits.documents.map(\.rawValue), hits.scores)) { first, _ in first }
    let (one, other) = (try #require(scores[subject]), try #require(scores[sender]))
    #expect(abs(one / other - 1) < 0.15)
    #expect(hits.scores == hits.scores.sorted(by: >))
  }

  @Test func `what a query excludes counts for nothing, and a query without words goes by date`() throws {
    let one = add("plan", body: "draft draft draft")
    let other = add("plan budget")
    let third = add("plan", daysOld: 3)
    try expect([third, other, one], for: "plan -zebra")
    try expect([third], for: "plan newer_than:10d")
    try expect([third, other, one], for: "in:inbox")
    #expect(try mailbox.hits("zebra", sort: .relevance) == [])
  }

  @Test(arguments: [
    "budg*", "*udge*", "budgte~", "\"the budget\"", "from:budget", "예산안", "bud* OR plan",
    "\"budget\" AROUND(3) \"plan\"",
  ])
  func `pending mail is ranked as inverted mail is`(query: String) throws {
    var random = SeededGenerator(seed: 7)
    let words = ["the", "budget", "budgets", "plan", "예산안", "예산", "report", "bud", "budgte"]
    for number in 0..<60 {
      func text(_ count: Int) -> String {
        (0..<count).map { _ in words[Int.random(in: 0..<words.count, using: &random)] }.joined(separator: " ")
      }
      let from = number % 7 == 0 ? "budget@example.com" : "a@example.com"
      _ = add(text(2), body: text(Int.random(in: 0...40, using: &random)), daysOld: Int64(number) * 10, from: from)
    }
    let pending = try mailbox.hits(query, sort: .relevance)
    #expect(!pending.isEmpty)
    try mailbox.invert()
    let inverted = try mailbox.hits(query, sort: .relevance)
    #expect(Set(inverted) == Set(pending))
    // How many mails a beginning or a part is in is known exactly of inverted mail alone; with one word it changes no order.
    #expect(inverted == pending)
  }

  @Test func `pages hold every hit once, whatever comes, goes or is merged between them`() throws {
    for number in 0..<40 { _ = add(number % 3 == 0 ? "budget" : "plan", body: "budget plan", daysOld: Int64(number)) }
    var others = (0..<5).map { _ in add("budget", daysOld: 900) }
    let whole = try mailbox.hits("budget plan", sort: .relevance)
    var found: [UInt32] = []
    var cursor: String?
    repeat {
      let page = try mailbox.search("budget plan", sort: .relevance, limit: 7, cursor: cursor)
      found += page.documents.map(\.rawValue)
      cursor = page.nextCursor
      // What goes, here no hit, makes a word rarer; what comes makes it less rare, and would be first itself.
      if let gone = others.popLast() { mailbox.apply(.remove(mailbox.user, DocID(rawValue: gone))) }
      for _ in 0..<5 { _ = add("plan budget budget", body: "plan", daysOld: 0) }
      try mailbox.invert()
      #expect(page.total == 40)
    } while cursor != nil
    #expect(found == whole)
  }

  @Test func `a cursor of another order is refused`() throws {
    for _ in 0..<3 { _ = add("budget") }
    let cursor = try #require(try mailbox.search("budget", sort: .relevance, limit: 1).nextCursor)
    #expect(throws: SearchError.self) { try mailbox.search("budget", sort: .largestFirst, limit: 1, cursor: cursor) }
  }
}
