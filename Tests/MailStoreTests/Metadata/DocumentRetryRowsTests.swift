import Bytes
import GRDB
import MailStore
import TestSupport
import Testing

/// Messages with missed documents as rows, and which of them are due.
@Suite struct DocumentRetryRowsTests {
  private func withView(_ body: (ViewFixture) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let fixture = try ViewFixture(directory)
      for user: UInt32 in 1...3 {
        try fixture.apply([.folderCreated(Sample.folder(1, name: "Inbox", role: .inbox))], user: user)
        for doc: UInt32 in 1...3 { try fixture.apply([Sample.added(Sample.row(user: user, doc: doc))], user: user) }
      }
      try body(fixture)
      fixture.view.close()
    }
  }

  private func missed(_ doc: UInt32, due: Int64?) -> ChangeBody {
    let retry = DocumentRetry(tries: 1, dueAt: due.map(Timestamp.init(rawValue:)), reason: "busy")
    return .documentsMissed(DocID(rawValue: doc), retry)
  }

  /// `u1 d2`, each user's after the last one's.
  private func due(_ fixture: ViewFixture, at now: Int64) throws -> [String] {
    var found: [String] = []
    var last: UserID?
    let now = Timestamp(rawValue: now)
    while let next = try fixture.view.readUncommitted({ try $0.nextDueDocuments(after: last, at: now) }) {
      found.append("\(next.user) \(next.docID)")
      last = next.user
    }
    return found
  }

  @Test func `of each user in turn what is due longest is due first, and what is given up never is`() throws {
    try withView { fixture in
      try fixture.apply([missed(1, due: 20), missed(2, due: 10), missed(3, due: nil)])
      try fixture.apply([missed(1, due: 30)], user: 2)
      try fixture.apply([missed(3, due: 5)], user: 3)
      #expect(try due(fixture, at: 4) == [])
      #expect(try due(fixture, at: 20) == ["u1 d2", "u3 d3"])
      #expect(try due(fixture, at: 30) == ["u1 d2", "u2 d1", "u3 d3"])
      try fixture.apply([missed(2, due: 40)])
      #expect(try due(fixture, at: 30) == ["u1 d1", "u2 d1", "u3 d3"])
      let counts = try fixture.view.readUncommitted { try $0.documentRetryCounts() }
      #expect(counts == DocumentRetryCounts(waiting: 4, givenUp: 1))
      let listed = try fixture.view.readUncommitted { try $0.documentRetries(UserID(rawValue: 1), limit: 10) }
      #expect(listed.map(\.docID.rawValue) == [3, 1, 2])
    }
  }

  @Test func `what was read, removed, or was of a mailbox that went is due no more`() throws {
    try withView { fixture in
      for user: UInt32 in 1...3 { try fixture.apply([missed(1, due: 1)], user: user) }
      try fixture.apply([.documentsMissed(DocID(rawValue: 1), nil)])
      try fixture.apply([.messageRemoved(DocID(rawValue: 1))], user: 2)
      try fixture.apply([.mailboxRemoved], user: 3)
      #expect(try due(fixture, at: 9) == [])
      #expect(try fixture.view.readUncommitted { try $0.documentRetryCounts() } == DocumentRetryCounts())
    }
  }

  @Test func `a message that is read again keeps all but its defects, and clients hear that it changed`() throws {
    try withView { fixture in
      let user = UserID(rawValue: 1)
      let before = try #require(try fixture.view.row(user, DocID(rawValue: 2)))
      try fixture.apply([.messageReread(DocID(rawValue: 2), record: [7], defects: ["nul-byte"])])
      let after = try #require(try fixture.view.row(user, DocID(rawValue: 2)))
      #expect(after.summary.defects == ["nul-byte"] && before.summary.defects != after.summary.defects)
      var summary = before.summary
      summary.defects = ["nul-byte"]
      #expect(summary == after.summary)
      #expect(after.id == before.id && after.thread == before.thread && after.receivedAt == before.receivedAt)
      #expect(after.folder == before.folder && after.flags == before.flags && after.original == before.original)
      try fixture.view.commit()
      let change = try fixture.view.read { try $0.changes(user, since: .zero, limit: 100).last }
      #expect(change?.kind == .messageUpdated && change?.docID?.rawValue == 2 && change?.folder == before.folder)
    }
  }

  @Test(arguments: [
    ChangeBody.documentsMissed(DocID(rawValue: 9), DocumentRetry(tries: 0, dueAt: nil, reason: "busy")),
    .messageReread(DocID(rawValue: 9), record: [], defects: []),
  ])
  func `a record of a message that is not there is refused`(body: ChangeBody) throws {
    try withView { fixture in #expect(throws: StoreError.self) { try fixture.apply([body]) } }
  }

  @Test func `a row that is none is damage and no trap`() throws {
    try withView { fixture in
      try fixture.apply([missed(1, due: 1)])
      try fixture.view.commit()
      try DatabaseQueue(path: fixture.path).write { try $0.execute(sql: "UPDATE document_retry SET tries = 'x'") }
      let error = #expect(throws: StoreError.self) {
        try fixture.view.read { try $0.nextDueDocuments(after: nil, at: Timestamp(rawValue: 9)) }
      }
      #expect(error?.code == .corrupt)
    }
  }

  @Test func `a file of the second version gets the table and keeps its rows`() throws {
    try withTemporaryDirectory { directory in
      let old = try ViewFixture(directory)
      try old.apply([.folderCreated(Sample.folder(1, name: "Inbox", role: .inbox))])
      try old.apply([Sample.added(Sample.row(doc: 1))])
      try old.view.commit()
      old.view.close()
      try DatabaseQueue(path: old.path).write {
        try $0.execute(
          sql: """
            ALTER TABLE message DROP COLUMN verdict; DROP TABLE document_retry; ALTER TABLE user DROP COLUMN bytes;
            PRAGMA user_version = 2
            """)
      }
      let fixture = try ViewFixture(directory)
      try fixture.apply([missed(1, due: 1)])
      #expect(try due(fixture, at: 1) == ["u1 d1"])
      #expect(try fixture.view.row(UserID(rawValue: 1), DocID(rawValue: 1)) == Sample.row(doc: 1))
      fixture.view.close()
    }
  }
}
