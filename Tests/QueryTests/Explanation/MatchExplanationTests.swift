import Bytes
import Index
import Query
import TestSupport
import Testing

@Suite struct MatchExplanationTests {
  private let mailbox: Mailbox

  init() throws { mailbox = try Mailbox() }

  private func explain(_ docID: DocID, _ query: String) throws -> MatchExplanation {
    try mailbox.searcher.explainMatch(
      of: docID, with: parseQuery(query).root, in: mailbox.snapshot, context: mailbox.context)
  }

  @Test func `of neighbours each is told of by itself`() throws {
    let mailbox = try Mailbox()
    let docID = mailbox.add("apple x y pear")
    func lines(_ query: String) throws -> [String] {
      try mailbox.searcher.explainMatch(
        of: docID, with: parseQuery(query).root, in: mailbox.snapshot, context: mailbox.context
      ).lines
    }
    let far = try lines("subject:(apple AROUND(1) pear)").joined(separator: "\n")
    #expect(far.contains("apple stands in subject") && far.contains("pear stands in subject"), "\(far)")
    #expect(far.contains("in no value of a field do they stand within 1 of each other"), "\(far)")
    #expect(!far.contains("in their places"), "\(far)")
    #expect(try lines("subject:(apple AROUND(3) pear)").joined().hasPrefix("yes"))
  }

  @Test func `each clause says whether it holds, where its words stand, and what is near to those that are missing`()
    throws
  {
    let docID = mailbox.add("Budget for the torque wrench", body: "Please wrench it, a torque of 5.", at: 86_400_000)
    let explanation = try explain(docID, "budgets OR (\"wrench torque\" in:inbox is:read -after:1970-01-02)")
    #expect(explanation.isHit == false)
    #expect(
      explanation.lines == [
        "no  or",
        "  no  budgets",
        "        budgets stands nowhere in subject, from, to, cc, bcc, body, filename, attachment; near it: budget",
        "  no  and",
        "    no  \"wrench torque\"",
        "          wrench stands in subject, body",
        "          torque stands in subject, body",
        "          these stand in no field in their places: wrench torque",
        "    yes in:inbox",
        "          it is in Inbox",
        "    no  is:read",
        "          it is unread",
        "    no  not",
        "      yes after:1970-01-02",
        "            it was received 1970-01-02T00:00:00Z",
      ])
    #expect(try explain(docID, "wren*").lines.contains("      wren* stands in subject, body (wrench)"))
    #expect(try explain(docID, "torqe~").isHit == true)
  }

  @Test func `spam is left out, and the explanation says so`() throws {
    let docID = mailbox.add("word", folder: 2)
    let explanation = try explain(docID, "word")
    #expect(explanation.isHit == false)
    #expect(
      explanation.lines[0] == "it is in Spam, which searches leave out unless they say in:spam, in:trash or in:anywhere"
    )
    #expect(explanation.lines[1] == "yes word")
    #expect(try explain(docID, "word in:spam").isHit == true)
  }

  @Test func `words without a letter ask nothing`() throws {
    let docID = mailbox.add("R and D")
    #expect(try explain(docID, "r & d").isHit == true)
    #expect(try explain(docID, "& -").isHit == false)
    #expect(try explain(docID, "&").lines[0] == "the query asks for nothing, and nothing is a hit")
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `the verdict is the search's, whatever the query, the mail and the schedule`(seed: UInt64) throws {
    var world = try World(seed: seed)
    var hitCount = 0
    for step in 0..<150 {
      try world.act()
      guard step % 3 == 0 else { continue }
      let user = world.random.pick(World.users)
      let plain = world.random.query()
      let query = world.random.chance(30) ? world.random.sprinkled(plain) : plain
      let snapshot = try world.snapshot(user)
      let hits = Set(
        try world.searcher.search(query, in: snapshot, context: world.model.context, limit: 500).documents)
      for docID in world.mails[user, default: [:]].keys.sorted().prefix(40) {
        let explanation = try world.searcher.explainMatch(
          of: docID, with: query, in: snapshot, context: world.model.context)
        #expect(explanation.isHit == hits.contains(docID), "seed \(seed), step \(step), \(docID): \(query)")
        if hits.contains(docID) { hitCount += 1 }
      }
    }
    #expect(hitCount > 20, "too few hits to show anything")
  }
}
