import Bytes
import Index
import Query
import Testing

@Suite struct SpellingCorrectorTests {
  private func mailbox(isInverted: Bool) throws -> Mailbox {
    let mailbox = try Mailbox()
    for _ in 0..<3 {
      mailbox.add("The meeting report", from: ("Jonathan", "jon@example.com"), body: "budget for Müller")
    }
    mailbox.add("meeging", body: "a rare word: bridget 1234567 회의록을")
    mailbox.add("secretword", folder: 2)
    for _ in 0..<9 { mailbox.add("repotr", folder: 2) }
    if isInverted { try mailbox.invert() }
    return mailbox
  }

  private func correction(_ query: String, isInverted: Bool) throws -> String? {
    let mailbox = try mailbox(isInverted: isInverted)
    let root = try parseQuery(query).root
    let found = try mailbox.search(root).total ?? 0
    let corrected = try SpellingCorrector(mailbox.searcher).correction(
      of: root, found: found, in: mailbox.snapshot, context: mailbox.context)
    if let corrected { #expect(try mailbox.search(corrected).total ?? 0 > found) }
    return corrected?.text
  }

  @Test(
    arguments: [
      // A letter wrong, missing, too many, two swapped; of several words the one that more mails have.
      ("meetinf", "meeting"), ("meetin", "meeting"), ("meetiing", "meeting"), ("meetign", "meeting"),
      // Two letters wrong in a long word.
      ("meatinf", "meeting"), ("mullar", "muller"),
      ("budgte meeting", "budget meeting"), ("meetign OR zzzzzz", "meeting OR zzzzzz"),
      ("subject:reprot -zebra", "subject:report -zebra"), ("from:jonathon", "from:jonathan"),
      // Right, short, quoted, of other signs than letters, negated; found in spam alone; nothing near.
      ("meeting", nil), ("teh", nil), ("\"meetinf\"", nil), ("1234568", nil), ("-meetinf", nil), ("secretwort", nil),
      ("secretword", nil),
      // More mails have a word as near, but in spam.
      ("repotrt", "report"),
      ("quuxquux", nil), ("body:reprot", nil), ("meeting budget", nil), ("", nil), ("is:unread", nil),
      // Each word is in some mail; that no mail has both is no matter of spelling.
      ("bridget report", nil),
    ] as [(String, String?)], [true, false])
  func `a word that no mail has is corrected where the query finds more then`(
    example: (query: String, expected: String?), isInverted: Bool
  ) throws {
    #expect(try correction(example.query, isInverted: isInverted) == example.expected, "\(example.query)")
  }
}
