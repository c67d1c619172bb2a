import Bytes
import GRDB
import GRDBSQLite
import MailStore
import TestSupport
import Testing

@Suite struct FolderPageTests {
  private let user = UserID(rawValue: 1)
  private let inbox = FolderID(rawValue: 1)

  /// Messages with many equal times, read and unread mixed.
  private static func messages(_ count: Int, _ random: inout SeededGenerator) -> [MessageRow] {
    (1...count).map { doc in
      Sample.row(
        doc: UInt32(doc), folder: UInt32.random(in: 1...2, using: &random),
        receivedAt: Int64.random(in: 0...Int64(count / 4), using: &random),
        flags: Bool.random(using: &random) ? [.read] : [])
    }
  }

  private func withMessages(_ rows: [MessageRow], _ body: (ViewFixture) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let fixture = try ViewFixture(directory)
      try fixture.apply([.folderCreated(Sample.folder(1)), .folderCreated(Sample.folder(2))])
      try fixture.apply(rows.map { Sample.added($0) })
      try fixture.view.commit()
      try body(fixture)
    }
  }

  @Test(arguments: [nil, true, false] as [Bool?])
  func `pages joined are the whole folder, newest first`(isRead: Bool?) throws {
    var random = SeededGenerator(seed: 7)
    let rows = Self.messages(200, &random)
    let expected = rows.filter { $0.folder == inbox && (isRead == nil || $0.flags.contains(.read) == isRead) }
      .sorted { ($0.receivedAt, $0.docID) > ($1.receivedAt, $1.docID) }
    try withMessages(rows) { fixture throws in
      for limit in [1, 7, 50, 1_000] {
        var found: [MessageRow] = []
        while true {
          let cursor = found.last.map { ($0.receivedAt, $0.docID) }
          let page = try fixture.view.read {
            try $0.folderPage(user, folder: inbox, isRead: isRead, limit: limit, after: cursor)
          }
          found += page
          #expect(page.count <= limit)
          if page.count < limit { break }
        }
        #expect(found == expected, "limit \(limit)")
      }
    }
  }

  @Test func `a page is one range of the index`() throws {
    try withMessages([Sample.row(doc: 1)]) { fixture throws in
      let plan = try DatabaseQueue(path: fixture.path).read { database in
        try Row.fetchAll(
          database, sql: "EXPLAIN QUERY PLAN " + MetadataReader.pageSQL, arguments: [1, 1, false, 0, 0, 20])
      }
      #expect(
        plan.map { $0["detail"] as String } == [
          "SEARCH message USING COVERING INDEX message_by_folder "
            + "(user=? AND folder=? AND is_read=? AND (received_at,doc)<(?,?))"
        ])
    }
  }

  /// The read ones are 5,000, the unread 10: a plan that walked the folder would take thousands of steps.
  @Test func `unread messages are found without stepping over the read ones`() throws {
    let rows = (1...5_010).map { Sample.row(doc: UInt32($0), flags: $0 % 501 == 0 ? [] : [.read]) }
    try withMessages(rows) { fixture throws in
      let steps = try DatabaseQueue(path: fixture.path).read { database in
        let statement = try database.makeStatement(sql: MetadataReader.pageSQL)
        let found = try Row.fetchAll(statement, arguments: [1, 1, false, Int64.max, Int64.max, 20])
        #expect(found.count == 10)
        return sqlite3_stmt_status(statement.sqliteStatement, SQLITE_STMTSTATUS_VM_STEP, 0)
      }
      #expect(steps < 200)
    }
  }

  @Test func `counters follow every change`() throws {
    try withMessages((1...4).map { Sample.row(doc: $0) }) { fixture throws in
      try fixture.apply([
        .messageUpdated(DocID(rawValue: 1), folder: inbox, flags: [.read], labels: []),
        .messageUpdated(DocID(rawValue: 2), folder: FolderID(rawValue: 2), flags: [], labels: []),
        .messageRemoved(DocID(rawValue: 3)),
      ])
      try fixture.view.commit()
      let summaries = try fixture.view.read { try $0.folderSummaries(user) }
      #expect(summaries.map(\.total) == [2, 1])
      #expect(summaries.map(\.unread) == [1, 1])
    }
  }
}
