import Bytes
import Index
import Query
import TestSupport
import Testing

@Suite struct SearchCursorTests {
  let mailbox: Mailbox

  init() throws {
    mailbox = try Mailbox()
    for number in 1...10 { mailbox.add("mail \(number)", at: Int64(number) * 10) }
  }

  @Test func `an altered cursor is refused, whichever character was changed`() throws {
    let cursor = try #require(try mailbox.search("mail", limit: 2).nextCursor)
    #expect(try mailbox.search("mail", limit: 2, cursor: cursor).documents.map(\.rawValue) == [8, 7])
    for index in cursor.indices {
      for other in ["A", "Q", "_"] where String(cursor[index]) != other {
        let altered = cursor.replacingCharacters(index, with: other)
        let error = #expect(throws: SearchError.self) { try mailbox.search("mail", limit: 2, cursor: altered) }
        #expect(error?.code == .invalidCursor)
      }
    }
    for text in ["", "x", String(repeating: "A", count: 10_000), cursor + "A", String(cursor.dropLast()), "é"] {
      let error = #expect(throws: SearchError.self, "\(text)") { try mailbox.search("mail", cursor: text) }
      #expect(error?.code == .invalidCursor)
    }
  }

  @Test func `a cursor of another query, order, user or store is refused`() throws {
    let cursor = try #require(try mailbox.search("mail", limit: 2).nextCursor)
    #expect(throws: SearchError.self) { try mailbox.search("mail mail", cursor: cursor) }
    #expect(throws: SearchError.self) { try mailbox.search("mail", sort: .oldestFirst, cursor: cursor) }
    let other = try Mailbox(user: 2)
    #expect(throws: SearchError.self) { try other.search("mail", cursor: cursor) }
    let foreign = Searcher(analyzers: mailbox.analyzers, cursorSecret: [UInt8](repeating: 1, count: 32))
    #expect(throws: SearchError.self) {
      try foreign.search(
        parseQuery("mail").root, in: mailbox.snapshot, context: mailbox.context, cursor: cursor)
    }
  }

  @Test(arguments: [SortOrder.newestFirst, .oldestFirst, .subject, .largestFirst])
  func `pages stay in step while mail arrives and goes`(sort: SortOrder) throws {
    let first = try mailbox.search("mail", sort: sort, limit: 3)
    // The page's last hit goes, new mail arrives at both ends and in between.
    mailbox.apply(.remove(mailbox.user, first.documents[2]))
    for time in [5, 45, 55, 200] as [Int64] { mailbox.add("mail new", at: time) }
    var rest: [DocID] = []
    var cursor = first.nextCursor
    while cursor != nil {
      let page = try mailbox.search("mail", sort: sort, limit: 3, cursor: cursor)
      rest += page.documents
      cursor = page.nextCursor
    }
    let all = first.documents + rest
    #expect(Set(all).count == all.count, "no document twice")
    #expect(Set(all).isSuperset(of: (1...10).map { DocID(rawValue: $0) }), "every document that stayed, once")
  }

  @Test func `what now means stays that of the first page`() throws {
    mailbox.context = mailbox.context.at(Timestamp(rawValue: 100 + 3_600_000))
    let first = try mailbox.search("older_than:1h", limit: 5)
    #expect(first.total == 9)
    mailbox.context = mailbox.context.at(Timestamp(rawValue: 10_000_000_000))
    let second = try mailbox.search("older_than:1h", limit: 5, cursor: first.nextCursor)
    #expect(second.total == 9 && second.documents.count == 4)
  }
}

extension String {
  fileprivate func replacingCharacters(_ index: Index, with text: String) -> String {
    self[..<index] + text + self[self.index(after: index)...]
  }
}
