import Bytes
import MailStore
import Testing

@testable import Mailboxes

struct UncommittedChangesTests {
  private func row(_ doc: UInt32, thread: UInt32? = nil) -> MessageRow {
    MessageRow(
      user: UserID(rawValue: 1), docID: DocID(rawValue: doc), id: MessageID(high: 7, low: UInt64(doc)),
      folder: FolderID(rawValue: 1), thread: ThreadID(rawValue: thread ?? doc), receivedAt: Timestamp(rawValue: 0),
      flags: [], labels: [], size: 1, original: BlobReference(pack: 1, offset: 0, byteCount: 1), trace: "",
      contentHash: 0, summary: MessageSummary())
  }

  private func changes(_ bodies: ChangeBody...) -> UncommittedChanges {
    bodies.reduce(into: UncommittedChanges()) { $0.note($1) }
  }

  private func added(_ row: MessageRow) -> ChangeBody {
    .messageAdded(row, record: [], queueItem: nil, threadKeys: .none)
  }

  private func updated(_ doc: UInt32) -> ChangeBody {
    .messageUpdated(DocID(rawValue: doc), folder: FolderID(rawValue: 2), flags: .read, labels: ["l"])
  }

  @Test(arguments: [true, false])
  func `an update counts, whether its message is committed or not`(isCommitted: Bool) throws {
    let changes = isCommitted ? changes(updated(1)) : changes(added(row(1)), updated(1))
    let shown = try #require(changes.row(DocID(rawValue: 1), committed: isCommitted ? row(1) : nil))
    #expect(shown.folder == FolderID(rawValue: 2) && shown.flags == .read && shown.labels == ["l"])
    #expect(shown.id == row(1).id)
    #expect(!changes.needsView)
  }

  @Test func `a message that went is gone, whatever the view says`() {
    let changes = changes(updated(1), .messageRemoved(DocID(rawValue: 1)))
    #expect(changes.row(DocID(rawValue: 1), committed: row(1)) == nil)
    #expect(!changes.needsView)
    #expect(changes.row(DocID(rawValue: 2), committed: row(2)) == row(2))
    #expect(changes.row(DocID(rawValue: 3), committed: nil) == nil)
  }

  @Test func `a thread has the name of the new message that founded it`() {
    let changes = changes(added(row(1)), added(row(2, thread: 1)), added(row(3, thread: 9)))
    #expect(changes.name(of: ThreadID(rawValue: 1)) == row(1).id)
    #expect(changes.name(of: ThreadID(rawValue: 2)) == nil)
    #expect(changes.name(of: ThreadID(rawValue: 9)) == nil)
  }

  @Test(arguments: [
    ChangeBody.threadsMerged(from: [ThreadID(rawValue: 2)], into: ThreadID(rawValue: 1)),
    .folderCreated(FolderRow(id: FolderID(rawValue: 7), publicID: 1, name: "x", role: nil)),
    .folderRenamed(FolderID(rawValue: 7), name: "y"), .folderRemoved(FolderID(rawValue: 7)), .mailboxRemoved,
    .messageReread(DocID(rawValue: 1), record: [], defects: []),
  ])
  func `what only rows tell needs the view`(body: ChangeBody) {
    #expect(changes(body).needsView)
  }

  @Test func `the end of a founder that was never committed needs the view, and the end of a queue item nothing`() {
    #expect(changes(added(row(1)), .messageRemoved(DocID(rawValue: 1))).needsView)
    let finished = ChangeBody.queueItemFinished(QueueItemID(rawValue: 1))
    #expect(!changes(finished).needsView)
  }
}
