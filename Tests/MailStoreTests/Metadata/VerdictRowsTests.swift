import Bytes
import GRDB
import MailStore
import TestSupport
import Testing

@Suite struct VerdictRowsTests {
  private let user = UserID(rawValue: 1)

  @Test func `a message is read with its verdict, and one without has none`() throws {
    try withTemporaryDirectory { directory in
      let fixture = try ViewFixture(directory)
      try fixture.apply([.folderCreated(Sample.folder(1, name: "Inbox", role: .inbox))])
      try fixture.apply([Sample.added(Sample.row(doc: 1, verdict: Sample.verdict))])
      try fixture.apply([Sample.added(Sample.row(doc: 2))])
      #expect(try fixture.view.row(user, DocID(rawValue: 1))?.verdict == Sample.verdict)
      #expect(try fixture.view.row(user, DocID(rawValue: 2))?.verdict == nil)
      fixture.view.close()
    }
  }

  @Test func `a file of the third version gets the column and keeps its rows`() throws {
    try withTemporaryDirectory { directory in
      let old = try ViewFixture(directory)
      try old.apply([.folderCreated(Sample.folder(1, name: "Inbox", role: .inbox))])
      try old.apply([Sample.added(Sample.row(doc: 1))])
      try old.view.commit()
      old.view.close()
      try DatabaseQueue(path: old.path).write {
        try $0.execute(
          sql: "ALTER TABLE message DROP COLUMN verdict; ALTER TABLE user DROP COLUMN bytes; PRAGMA user_version = 3")
      }
      let fixture = try ViewFixture(directory)
      #expect(try fixture.view.row(user, DocID(rawValue: 1)) == Sample.row(doc: 1))
      try fixture.apply([Sample.added(Sample.row(doc: 2, verdict: Sample.verdict))])
      #expect(try fixture.view.row(user, DocID(rawValue: 2))?.verdict == Sample.verdict)
      fixture.view.close()
    }
  }

  @Test func `a verdict that is none is damage and no trap`() throws {
    try withTemporaryDirectory { directory in
      let fixture = try ViewFixture(directory)
      try fixture.apply([.folderCreated(Sample.folder(1, name: "Inbox", role: .inbox))])
      try fixture.apply([Sample.added(Sample.row(doc: 1, verdict: Sample.verdict))])
      try fixture.view.commit()
      for damage in ["x''", "x'09'", "x'0000'", "'text'"] {
        try DatabaseQueue(path: fixture.path).write { try $0.execute(sql: "UPDATE message SET verdict = \(damage)") }
        let error = #expect(throws: StoreError.self) {
          try fixture.view.read { try $0.row(user, DocID(rawValue: 1)) }
        }
        #expect(error?.code == .corrupt, "\(damage)")
      }
      fixture.view.close()
    }
  }
}
