import Bytes
import MailStore
import TestSupport

/// Values for tests of the journal and its view.
enum Sample {
  static func row(
    user: UInt32 = 1, doc: UInt32, folder: UInt32 = 1, thread: UInt32? = nil, receivedAt: Int64? = nil,
    flags: MessageFlags = [], labels: [String] = [], contentHash: UInt64? = nil, summary: MessageSummary = summary(),
    verdict: MailVerdict? = nil
  ) -> MessageRow {
    MessageRow(
      user: UserID(rawValue: user), docID: DocID(rawValue: doc), id: id(user: user, doc: doc),
      folder: FolderID(rawValue: folder), thread: ThreadID(rawValue: thread ?? doc),
      receivedAt: Timestamp(rawValue: receivedAt ?? 1_700_000_000_000 + Int64(doc) * 60_000), flags: flags,
      labels: labels, size: 2_000 + UInt64(doc),
      original: BlobReference(pack: 3, offset: UInt64(doc) * 900, byteCount: 900),
      trace: "Return-Path: <bob@example.org>\r\n", contentHash: contentHash ?? 0xC0DE_0000_0000_0000 | UInt64(doc),
      summary: summary, verdict: verdict)
  }

  static let verdict = MailVerdict(
    action: .spam, score: 7.25,
    symbols: [.init(name: "BAYES_SPAM", score: 5), .init(name: "R_SPF_ALLOW", score: -0.2)], by: "built-in, rspamd",
    reason: "rspamd: add header")

  static func id(user: UInt32, doc: UInt32) -> MessageID {
    MessageID(high: 0x018B_CFE5_6800_7000 | UInt64(user), low: 0x8000_0000_0000_0000 | UInt64(doc))
  }

  static func summary(
    subject: String = "Lunch", from: String = "bob@example.org", to: String = "ada@example.com",
    messageID: String? = nil
  ) -> MessageSummary {
    var summary = MessageSummary()
    summary.subject = subject
    summary.from = [MessageSummary.Address(name: "Bob", address: from)]
    summary.to = [MessageSummary.Address(name: nil, address: to)]
    summary.messageID = messageID
    return summary
  }

  static func folder(_ id: UInt32, name: String? = nil, role: FolderRole? = nil) -> FolderRow {
    FolderRow(id: FolderID(rawValue: id), publicID: 0xF0 + UInt64(id), name: name ?? "Folder \(id)", role: role)
  }

  static func search(
    _ id: UInt64, name: String? = nil, query: String = "lunch", notifies: Bool = false, updatedAt: Int64 = 5
  ) -> SavedSearch {
    SavedSearch(
      id: SavedSearchID(rawValue: id), name: name ?? "Search \(id)", query: query, notifies: notifies,
      updatedAt: Timestamp(rawValue: updatedAt))
  }

  static func added(_ row: MessageRow, item: UInt64? = nil, keys: ThreadKeys = .none) -> ChangeBody {
    .messageAdded(
      row, record: Array("text of \(row.docID)".utf8), queueItem: item.map(QueueItemID.init(rawValue:)),
      threadKeys: keys)
  }

  /// A record of one user, numbered from `first`.
  static func record(
    _ sequence: UInt64, user: UInt32 = 1, first userSequence: UInt64, _ bodies: [ChangeBody]
  ) -> JournalRecord {
    var next = userSequence
    let changes = bodies.map { body in
      defer { if body.takesUserSequence { next += 1 } }
      return Change(user: UserID(rawValue: user), userSequence: SequenceNumber(rawValue: next), body: body)
    }
    return JournalRecord(sequence: SequenceNumber(rawValue: sequence), changes: changes)
  }
}
