import Bytes
import GRDB
import MailStore
import TestSupport
import Testing

@Suite struct MetadataViewTests {
  private let user = UserID(rawValue: 1)

  private func withView(_ body: (ViewFixture) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let fixture = try ViewFixture(directory)
      try fixture.apply([
        .folderCreated(Sample.folder(1, name: "Inbox", role: .inbox)), .folderCreated(Sample.folder(6, role: .trash)),
      ])
      try body(fixture)
      fixture.view.close()
    }
  }

  @Test func `a row comes back as it was added`() throws {
    try withView { fixture throws in
      let row = Sample.row(
        doc: 1, flags: [.starred], labels: ["a", "b"], contentHash: .max, summary: ChangeCodecTests.fullSummary)
      try fixture.apply([Sample.added(row)])
      #expect(try fixture.view.row(user, row.docID) == row)
      try fixture.view.commit()
      try fixture.view.read { reader throws in
        #expect(try reader.row(user, row.docID) == row)
        #expect(try reader.row(UserID(rawValue: 2), row.docID) == nil)
        #expect(try reader.liveMessages(user, contentHash: .max) == [row.docID])
      }
    }
  }

  @Test func `the writer sees its rows at once, readers when they are committed`() throws {
    try withView { fixture throws in
      try fixture.view.commit()
      try fixture.apply([Sample.added(Sample.row(doc: 1), item: 9)])
      #expect(try fixture.view.delivered(user, QueueItemID(rawValue: 9)) == DocID(rawValue: 1))
      #expect(try fixture.view.nextDocID(user) == DocID(rawValue: 2))
      #expect(try fixture.view.read { try $0.row(user, DocID(rawValue: 1)) } == nil)
      #expect(try fixture.view.read { try $0.appliedSequence() }.rawValue == 1)
      try fixture.view.commit()
      #expect(try fixture.view.read { try $0.row(user, DocID(rawValue: 1)) } != nil)
      #expect(try fixture.view.read { try $0.appliedSequence() }.rawValue == 2)
      #expect(try fixture.view.read { try $0.lastUserSequence(user) }.rawValue == 3)
    }
  }

  @Test func `abandoning goes back to the last commit`() throws {
    try withView { fixture throws in
      try fixture.apply([Sample.added(Sample.row(doc: 1))])
      try fixture.view.commit()
      try fixture.apply([Sample.added(Sample.row(doc: 2)), .folderRenamed(FolderID(rawValue: 1), name: "x")])
      fixture.view.abandon()
      #expect(fixture.view.appliedSequence.rawValue == 2)
      #expect(try fixture.view.row(user, DocID(rawValue: 2)) == nil)
      #expect(try fixture.view.nextDocID(user) == DocID(rawValue: 2))
      #expect(try fixture.view.folders(user).rows.map(\.name) == ["Inbox", "Folder 6"])
      try fixture.apply([Sample.added(Sample.row(doc: 2))])
      try fixture.view.commit()
      #expect(try fixture.view.read { try $0.folderSummaries(user) }.first?.total == 2)
    }
  }

  @Test func `a record that does not fit leaves the view to be abandoned`() throws {
    try withView { fixture throws in
      try fixture.view.commit()
      #expect(throws: StoreError.self) { try fixture.apply([.messageRemoved(DocID(rawValue: 5))]) }
      #expect(throws: StoreError.self) { try fixture.view.commit() }
      #expect(throws: StoreError.self) { try fixture.view.nextDocID(user) }
      fixture.view.abandon()
      #expect(fixture.view.appliedSequence.rawValue == 1)
      try fixture.apply([Sample.added(Sample.row(doc: 1))])
    }
  }

  @Test(arguments: [
    ("a record out of order", Sample.record(3, first: 3, [])),
    ("a change out of order", Sample.record(2, first: 4, [.folderCreated(Sample.folder(9))])),
    ("a folder that is not there", Sample.record(2, first: 3, [Sample.added(Sample.row(doc: 1, folder: 9))])),
    ("a folder twice", Sample.record(2, first: 3, [.folderCreated(Sample.folder(1))])),
    (
      "a thread that is not there",
      Sample.record(2, first: 3, [.threadsMerged(from: [ThreadID(rawValue: 3)], into: ThreadID(rawValue: 1))])
    ),
  ])
  func `a record that was not made for these rows is refused`(reason: String, record: JournalRecord) throws {
    try withView { fixture throws in
      #expect(throws: StoreError.self, "\(reason)") { try fixture.view.apply(record) }
    }
  }

  @Test func `docIDs are never given again, also after the last message is removed`() throws {
    try withView { fixture throws in
      try fixture.apply([Sample.added(Sample.row(doc: 1)), Sample.added(Sample.row(doc: 2))])
      try fixture.apply([.messageRemoved(DocID(rawValue: 2))])
      try fixture.view.commit()
      #expect(try fixture.view.nextDocID(user) == DocID(rawValue: 3))
      fixture.view.close()
      let reopened = try MetadataView(path: fixture.path)
      #expect(try reopened.nextDocID(user) == DocID(rawValue: 3))
      #expect(throws: StoreError.self) {
        try reopened.apply(Sample.record(4, first: 6, [Sample.added(Sample.row(doc: 2))]))
      }
      reopened.close()
    }
  }

  @Test func `folder numbers are never given again`() throws {
    try withView { fixture throws in
      try fixture.apply([.folderCreated(Sample.folder(7)), .folderRemoved(FolderID(rawValue: 7))])
      #expect(try fixture.view.nextFolderID(user) == FolderID(rawValue: 8))
    }
  }

  @Test func `a removed message leaves its change and, until the queue is done, its delivery`() throws {
    try withView { fixture throws in
      let item = QueueItemID(rawValue: 40)
      try fixture.apply([Sample.added(Sample.row(doc: 1), item: item.rawValue)])
      try fixture.apply([.messageRemoved(DocID(rawValue: 1))])
      try fixture.view.commit()
      #expect(try fixture.view.delivered(user, item) == DocID(rawValue: 1))
      let changes = try fixture.view.read { try $0.changes(user, since: .zero, limit: 10) }
      #expect(changes.map(\.kind) == [.folderCreated, .folderCreated, .messageAdded, .messageRemoved])
      #expect(changes.map(\.sequence.rawValue) == [1, 2, 3, 4])
      #expect(changes[3].messageID == Sample.id(user: 1, doc: 1))
      #expect(changes[2].messageID == nil)

      try fixture.apply([.queueItemFinished(item)])
      #expect(try fixture.view.delivered(user, item) == nil)
      #expect(try fixture.view.nextUserSequence(user).rawValue == 5)
    }
  }

  @Test func `a folder with messages is not removed`() throws {
    try withView { fixture throws in
      try fixture.apply([Sample.added(Sample.row(doc: 1))])
      #expect(throws: StoreError.self) { try fixture.apply([.folderRemoved(FolderID(rawValue: 1))]) }
    }
  }

  @Test func `removing a mailbox leaves nothing of it and all of the others`() throws {
    try withView { fixture throws in
      try fixture.apply([.folderCreated(Sample.folder(1))], user: 2)
      for owner in [UInt32(1), 2] {
        let keys = ThreadKeys(messageIDs: [1, 2], subject: 3)
        try fixture.apply([Sample.added(Sample.row(user: owner, doc: 1), item: 5, keys: keys)], user: owner)
        try fixture.apply([Sample.added(Sample.row(user: owner, doc: 2))], user: owner)
        try fixture.apply([.threadsMerged(from: [ThreadID(rawValue: 2)], into: ThreadID(rawValue: 1))], user: owner)
      }
      try fixture.view.commit()
      let before = try ViewFixture.dump(fixture.path)
      try fixture.apply([.mailboxRemoved])
      try fixture.view.commit()
      let after = try ViewFixture.dump(fixture.path)
      #expect(after.filter { $0.contains("user:2") } == before.filter { $0.contains("user:2") })
      #expect(after.filter { $0.contains("user:1") }.isEmpty)
      #expect(before.filter { $0.contains("user:1") }.count > 10)
      #expect(try fixture.view.nextDocID(user) == DocID(rawValue: 1))
      #expect(try fixture.view.read { try $0.users() } == [UserID(rawValue: 2)])
    }
  }

  @Test func `rows come in the order asked for, without those that are not there`() throws {
    try withView { fixture throws in
      for doc in 1...3 { try fixture.apply([Sample.added(Sample.row(doc: UInt32(doc)))]) }
      try fixture.view.commit()
      let rows = try fixture.view.read { try $0.rows(user, [3, 9, 1].map(DocID.init(rawValue:))) }
      #expect(rows.map(\.docID.rawValue) == [3, 1])
    }
  }

  @Test(arguments: [0, 1, 31, 32, 33, 70])
  func `any number of rows is found, each with the others of its page`(count: Int) throws {
    try withView { fixture throws in
      try fixture.apply((1...80).map { Sample.added(Sample.row(doc: $0, thread: ($0 - 1) % 7 + 1)) })
      try fixture.view.commit()
      let docIDs = (1...80).shuffled().prefix(count).map { DocID(rawValue: $0) }
      try fixture.view.read { reader throws in
        #expect(try reader.rows(user, docIDs) == docIDs.map { docID in try #require(try reader.row(user, docID)) })
        #expect(try reader.rows(UserID(rawValue: 2), docIDs).isEmpty)
        let names = try reader.threadIDs(user, docIDs.map { ThreadID(rawValue: $0.rawValue) })
        let founders = docIDs.map(\.rawValue).filter { $0 <= 7 }
        #expect(names.count == founders.count)
        for doc in founders { #expect(names[ThreadID(rawValue: doc)] == Sample.id(user: 1, doc: doc)) }
      }
    }
  }

  @Test func `attributes are of one moment`() throws {
    try withView { fixture throws in
      for doc in 1...3 { try fixture.apply([Sample.added(Sample.row(doc: UInt32(doc), labels: ["l\(doc)"]))]) }
      try fixture.apply([
        .messageUpdated(DocID(rawValue: 2), folder: FolderID(rawValue: 6), flags: [.read], labels: []),
        .messageRemoved(DocID(rawValue: 1)),
      ])
      try fixture.view.commit()
      try fixture.view.read { reader throws in
        try fixture.apply([.messageRemoved(DocID(rawValue: 3))])
        try fixture.view.commit()
        let all = try reader.allAttributes(user)
        #expect(all.map(\.docID.rawValue) == [2, 3])
        #expect(all.map(\.labels) == [[], ["l3"]])
        #expect(all.map(\.folder.rawValue) == [6, 1])
        #expect(all.map(\.flags) == [[.read], []])
        #expect(try reader.appliedSequence().rawValue == 5)
      }
    }
  }

  @Test func `a page of changes ends between two numbers`() throws {
    try withView { fixture throws in
      for doc in 1...5 { try fixture.apply([Sample.added(Sample.row(doc: UInt32(doc), thread: doc == 1 ? 1 : 2))]) }
      try fixture.apply([.threadsMerged(from: [ThreadID(rawValue: 2)], into: ThreadID(rawValue: 1))])
      try fixture.apply([.messageRemoved(DocID(rawValue: 5))])
      try fixture.view.commit()
      var seen: [ChangeRow] = []
      var since = SequenceNumber.zero
      while true {
        let page = try fixture.view.read { try $0.changes(user, since: since, limit: 3) }
        guard let last = page.last else { break }
        seen += page
        since = last.sequence
      }
      #expect(seen.map(\.sequence.rawValue) == [1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 8, 9])
    }
  }

  @Test func `the file is in WAL mode and its commits do not wait for the disk`() throws {
    try withView { fixture throws in
      let settings = try fixture.view.writerSettings()
      #expect(settings == ["journal_mode": "wal", "synchronous": "1", "page_size": "4096"])
    }
  }

  @Test func `a checkpoint names the last committed record, beside an open transaction`() throws {
    try withView { fixture throws in
      try fixture.view.commit()
      try fixture.apply([Sample.added(Sample.row(doc: 1))])
      #expect(try fixture.view.checkpoint().rawValue == 1)
      try fixture.view.commit()
      #expect(try fixture.view.checkpoint().rawValue == 2)
    }
  }

  @Test func `after a failed sync no checkpoint is good until the view is opened again`() throws {
    try withTemporaryDirectory { directory in
      let files = WrappedFileSystem(PosixFileSystem())
      let path = directory + "/mail.sqlite"
      let view = try MetadataView(path: path, fileSystem: files)
      try view.apply(Sample.record(1, first: 1, [.folderCreated(Sample.folder(1))]))
      try view.commit()
      #expect(try view.checkpoint().rawValue == 1)
      try view.apply(Sample.record(2, first: 2, [.folderCreated(Sample.folder(2))]))
      try view.commit()
      files.syncFailure = .failed
      for attempt in 1...3 {
        let error = #expect(throws: StoreError.self, "attempt \(attempt)") { try view.checkpoint() }
        #expect(error?.code == .stopped)
        files.syncFailure = nil
      }
      #expect(try view.read { try $0.folderSummaries(user) }.count == 2, "reading goes on")
      view.close()
      let reopened = try MetadataView(path: path, fileSystem: files)
      #expect(try reopened.checkpoint().rawValue == 2)
      reopened.close()
    }
  }

  @Test func `a checkpoint without descriptors may be tried again`() throws {
    try withTemporaryDirectory { directory in
      let files = WrappedFileSystem(PosixFileSystem())
      let view = try MetadataView(path: directory + "/mail.sqlite", fileSystem: files)
      files.syncFailure = .noDescriptors
      let error = #expect(throws: StoreError.self) { try view.checkpoint() }
      #expect(error?.code == .noSpace)
      files.syncFailure = nil
      #expect(try view.checkpoint() == .zero)
      view.close()
    }
  }

  /// What a dead process left in SQLite's log may be in memory only and count as written.
  @Test func `what was in the log at opening is durable when it has been moved into the file`() throws {
    try withTemporaryDirectory { directory in
      let dead = try MetadataView(path: directory + "/mail.sqlite")
      try dead.apply(Sample.record(1, first: 1, [.folderCreated(Sample.folder(1))]))
      try dead.commit()
      let copy = directory + "/copy.sqlite"
      for suffix in ["", "-wal"] {
        let bytes = try PosixFileSystem().readFile(directory + "/mail.sqlite" + suffix)
        try PosixFileSystem().createFile(copy + suffix, with: bytes)
      }
      dead.close()
      let view = try MetadataView(path: copy)
      #expect(view.appliedSequence.rawValue == 1)
      let reader = try DatabaseQueue(path: copy)
      try view.apply(Sample.record(2, first: 2, [.folderCreated(Sample.folder(2))]))
      try reader.inDatabase { database in
        // Holds a snapshot from before the second record, so that not all can be moved.
        try database.beginTransaction(.deferred)
        _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM folder")
        try view.commit()
        #expect(try view.checkpoint() == .zero)
        try database.commit()
      }
      #expect(try view.checkpoint().rawValue == 2)
      view.close()
    }
  }

  @Test func `abandoning goes by what the file says`() throws {
    try withView { fixture throws in
      try fixture.view.commit()
      // As if a commit had been made that seemed to fail.
      let other = try DatabaseQueue(path: fixture.path)
      try other.write { try $0.execute(sql: "UPDATE meta SET value = 7") }
      fixture.view.abandon()
      #expect(fixture.view.appliedSequence.rawValue == 7)
      #expect(try fixture.view.checkpoint().rawValue == 7)
      try fixture.view.apply(Sample.record(8, first: 3, [Sample.added(Sample.row(doc: 1))]))
    }
  }

  @Test func `a view that cannot go back to its last commit does nothing more, until it can`() throws {
    try withView { fixture throws in
      try fixture.view.commit()
      let other = try DatabaseQueue(path: fixture.path)
      try other.write { try $0.execute(sql: "ALTER TABLE meta RENAME TO hidden") }
      fixture.view.abandon()
      let error = #expect(throws: StoreError.self) { try fixture.apply([Sample.added(Sample.row(doc: 1))]) }
      #expect(error?.message.contains("meta") ?? false)
      #expect(throws: StoreError.self) { try fixture.view.commit() }
      try other.write { try $0.execute(sql: "ALTER TABLE hidden RENAME TO meta") }
      fixture.view.abandon()
      try fixture.apply([Sample.added(Sample.row(doc: 1))])
    }
  }

  @Test func `a file of a newer version is refused and left as it is`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/mail.sqlite"
      try DatabaseQueue(path: path).write { try $0.execute(sql: "PRAGMA user_version = 5; CREATE TABLE t (x)") }
      let error = #expect(throws: StoreError.self) { try MetadataView(path: path) }
      #expect(error?.message.contains("data of a newer version") ?? false)
      let tables = try DatabaseQueue(path: path).read { try String.fetchAll($0, sql: "SELECT name FROM sqlite_master") }
      #expect(tables == ["t"])
    }
  }

  @Test func `a file that is no database is named`() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/mail.sqlite"
      try PosixFileSystem().createFile(path, with: [UInt8](repeating: 0x41, count: 8_192))
      let error = #expect(throws: StoreError.self) { try MetadataView(path: path) }
      #expect(error?.code == .corrupt)
      #expect(error?.message.contains(path) ?? false)
    }
  }

  @Test(arguments: [
    "folder = 'x'", "doc = -1", "thread = 5000000000", "id = x'00'", "summary = x'FF'", "summary = x''", "pack = NULL",
    "labels = x'05'", "trace = x'FFFE'", "flags = 300",
  ])
  func `a damaged row is an error, never a trap`(damage: String) throws {
    try withView { fixture throws in
      try fixture.apply([Sample.added(Sample.row(doc: 1))])
      try fixture.view.commit()
      try DatabaseQueue(path: fixture.path).write { database in
        try database.execute(sql: "PRAGMA ignore_check_constraints = ON")
        try? database.execute(sql: "UPDATE message SET \(damage)")
      }
      try? fixture.view.read { reader throws in
        _ = try? reader.row(user, DocID(rawValue: 1))
        _ = try? reader.allAttributes(user)
        _ = try? reader.threadRows(user, ThreadID(rawValue: 1))
        _ = try? reader.folderPage(user, folder: FolderID(rawValue: 1), isRead: nil, limit: 9, after: nil)
        _ = try? reader.changes(user, since: .zero, limit: 9)
      }
    }
  }

  @Test func `a damaged row names the file`() throws {
    try withView { fixture throws in
      try fixture.apply([Sample.added(Sample.row(doc: 1))])
      try fixture.view.commit()
      try DatabaseQueue(path: fixture.path).write { try $0.execute(sql: "UPDATE message SET folder = 'x'") }
      let error = #expect(throws: StoreError.self) {
        try fixture.view.read { try $0.row(user, DocID(rawValue: 1)) }
      }
      #expect(error?.code == .corrupt)
      #expect(error?.message.contains(fixture.path) ?? false)
    }
  }
}
