import Bytes
import Index
import Query
import Testing

@Suite struct HeaderMatcherTests {
  private static let headers: [UInt32: [HeaderEntry]] = [
    1: [
      HeaderEntry(name: "X-Mailer", value: "Microsoft Outlook Express 6.00"),
      HeaderEntry(name: "Received", value: "from mx.example.com by mail.example.net"),
      HeaderEntry(name: "Received", value: "from localhost by mx.example.com"),
    ],
    2: [HeaderEntry(name: "X-Mailer", value: "Évolution"), HeaderEntry(name: "List-Unsubscribe", value: "")],
    3: [HeaderEntry(name: "Subject", value: "x-mailer outlook")],
  ]

  private func mailbox(isInverted: Bool) throws -> Mailbox {
    let mailbox = try Mailbox()
    mailbox.context = SearchContext(
      folders: RandomMail.folders, now: Timestamp(rawValue: 1_000_000), headers: { Self.headers[$0.rawValue] ?? [] })
    for number in 1...4 { mailbox.add("budget \(number)", folder: number == 4 ? 2 : 1) }
    if isInverted { try mailbox.invert() }
    return mailbox
  }

  @Test(
    arguments: [
      ("header:x-mailer", [2, 1]), ("header:X-MAILER:outlook", [1]), ("header:x-mailer:\"outlook express\"", [1]),
      ("header:x-mailer:\"express outlook\"", []), ("header:x-mailer:out*", [1]), ("header:x-mailer:*look*", [1]),
      ("header:x-mailer:look", []), ("header:x-mailer:evolution", [2]), ("header:x-mailer:évolution", [2]),
      ("header:received:example.com", [1]), ("header:received:localhost", [1]), ("header:list-unsubscribe", [2]),
      ("header:list-unsubscribe:a", []), ("header:subject:outlook", [3]), ("header:nothing", []),
      ("-header:x-mailer", [3]), ("budget header:x-mailer -1", [2]), ("header:{list-unsubscribe subject}", [3, 2]),
      ("header:x-mailer OR \"budget 3\"", [3, 2, 1]), ("header:x-mailer:?!", []),
      ("header:{subject:outlook list-unsubscribe}", [3, 2]), ("header:-subject:outlook", [2, 1]),
    ] as [(String, [UInt32])], [true, false])
  func `fields are found by name and by words of their values`(
    example: (query: String, expected: [UInt32]), isInverted: Bool
  ) throws {
    let mailbox = try mailbox(isInverted: isInverted)
    let result = try mailbox.search(example.query)
    #expect(result.documents.map(\.rawValue) == example.expected, "\(example.query)")
    #expect(result.total == example.expected.count)
  }

  @Test func `a header that cannot be read fails the search, and is not taken for one without the field`() throws {
    struct Unreadable: Error {}
    let mailbox = try mailbox(isInverted: true)
    mailbox.context = SearchContext(
      folders: [], now: Timestamp(rawValue: 1), headers: { _ in throw Unreadable() })
    #expect(throws: Unreadable.self) { try mailbox.search("header:x") }
    #expect(try mailbox.hits("budget").count == 4)
  }

  @Test func `only mail that all else lets through is read`() throws {
    let read = Locked<[DocID]>([])
    let mailbox = try mailbox(isInverted: true)
    mailbox.context = SearchContext(
      folders: [], now: Timestamp(rawValue: 1),
      headers: { docID in
        read.withLock { $0.append(docID) }
        return []
      })
    #expect(try mailbox.hits("\"budget 2\" header:x").isEmpty)
    #expect(read.withLock { $0 } == [DocID(rawValue: 2)])
  }

  @Test func `words of a value count as words of the query`() throws {
    let mailbox = try mailbox(isInverted: false)
    let many = "header:x:\"" + String(repeating: "a ", count: 1_025) + "\""
    #expect(throws: QueryError.self) { try mailbox.search(many) }
  }

  @Test func `a search past its deadline ends`() throws {
    let mailbox = try mailbox(isInverted: true)
    #expect(throws: SearchError.self) { try mailbox.search("header:x", deadline: SearchDeadline { true }) }
  }
}
