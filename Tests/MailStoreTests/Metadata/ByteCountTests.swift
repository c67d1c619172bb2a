import Bytes
import GRDB
import MailStore
import TestSupport
import Testing

/// What a user's messages take, kept beside the rows.
struct ByteCountTests {
  private let user = UserID(rawValue: 1)

  @Test func `messages that come and go move the sum, and a removed mailbox has none`() throws {
    try withTemporaryDirectory { directory in
      let fixture = try ViewFixture(directory)
      try fixture.apply([.folderCreated(Sample.folder(1)), .folderCreated(Sample.folder(2))])
      try fixture.apply([Sample.added(Sample.row(doc: 1)), Sample.added(Sample.row(doc: 2))])
      #expect(try fixture.view.byteCount(user) == 4_003)
      try fixture.apply([
        .messageUpdated(DocID(rawValue: 1), folder: FolderID(rawValue: 2), flags: .read, labels: ["x"])
      ])
      try fixture.apply([.messageRemoved(DocID(rawValue: 2))])
      try fixture.apply([.folderCreated(Sample.folder(1)), Sample.added(Sample.row(user: 2, doc: 7))], user: 2)
      try fixture.view.commit()
      #expect(try fixture.view.read { try $0.byteCounts() } == [user: 2_001, UserID(rawValue: 2): 2_007])
      try fixture.apply([.mailboxRemoved])
      #expect(try fixture.view.byteCount(user) == 0)
      try fixture.view.commit()
      #expect(try fixture.view.read { try $0.byteCounts() } == [UserID(rawValue: 2): 2_007])
      fixture.view.close()
    }
  }

  @Test func `what was rolled back counts for nothing`() throws {
    try withTemporaryDirectory { directory in
      let fixture = try ViewFixture(directory)
      try fixture.apply([.folderCreated(Sample.folder(1)), Sample.added(Sample.row(doc: 1))])
      try fixture.view.commit()
      try fixture.apply([Sample.added(Sample.row(doc: 2))])
      fixture.view.abandon()
      #expect(try fixture.view.byteCount(user) == 2_001)
      fixture.view.close()
    }
  }

  @Test func `a file of the third version is counted once, when it is opened`() throws {
    try withTemporaryDirectory { directory in
      let old = try ViewFixture(directory)
      try old.apply([.folderCreated(Sample.folder(1))])
      for doc in 1...3 as ClosedRange<UInt32> { try old.apply([Sample.added(Sample.row(doc: doc))]) }
      try old.view.commit()
      old.view.close()
      try DatabaseQueue(path: old.path).write {
        try $0.execute(
          sql: "ALTER TABLE message DROP COLUMN verdict; ALTER TABLE user DROP COLUMN bytes; PRAGMA user_version = 3")
      }
      let fixture = try ViewFixture(directory)
      #expect(try fixture.view.byteCount(user) == 6_006)
      try fixture.apply([.messageRemoved(DocID(rawValue: 3))])
      try fixture.view.commit()
      #expect(try fixture.view.read { try $0.counts(user) }.keptByteCount == 4_003)
      fixture.view.close()
    }
  }

  @Test(arguments: [0, 7, -1])
  func `a wrong sum traps nothing, keeps nobody from deleting, and is found by counting`(wrong: Int) throws {
    try withTemporaryDirectory { directory in
      let old = try ViewFixture(directory)
      try old.apply([
        .folderCreated(Sample.folder(1)), Sample.added(Sample.row(doc: 1)), Sample.added(Sample.row(doc: 2)),
      ])
      try old.view.commit()
      old.view.close()
      try DatabaseQueue(path: old.path).write { try $0.execute(sql: "UPDATE user SET bytes = \(wrong)") }
      let fixture = try ViewFixture(directory)
      try fixture.apply([.messageRemoved(DocID(rawValue: 1)), Sample.added(Sample.row(doc: 3))])
      try fixture.view.commit()
      let counts = try fixture.view.read { try $0.counts(user) }
      #expect(counts.byteCount == 4_005 && counts.keptByteCount != 4_005)
      fixture.view.close()
    }
  }
}
