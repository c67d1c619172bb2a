import Bytes
import GRDB
import MailStore
import TestSupport

/// A view in a temporary directory, with the numbering that the door to the mailboxes does.
final class ViewFixture {
  let path: String
  let view: MetadataView
  private(set) var records: [JournalRecord] = []

  init(_ directory: String) throws {
    path = directory + "/mail.sqlite"
    view = try MetadataView(path: path)
  }

  /// Applies one record with these changes of one user.
  func apply(_ bodies: [ChangeBody], user: UInt32 = 1) throws {
    let record = Sample.record(
      view.appliedSequence.rawValue + 1, user: user,
      first: try view.nextUserSequence(UserID(rawValue: user)).rawValue, bodies)
    try view.apply(record)
    records.append(record)
  }

  /// Threads and adds a message as a delivery does.
  @discardableResult
  func deliver(
    _ input: ThreadingInput, user: UInt32 = 1, folder: UInt32 = 1, summary: MessageSummary? = nil
  ) throws -> MessageRow {
    let owner = UserID(rawValue: user)
    let docID = try view.nextDocID(owner)
    let decision = try view.decideThread(owner, input)
    let thread = decision.thread(for: docID)
    var digest = summary ?? Sample.summary(subject: input.subject, messageID: input.messageID)
    if summary == nil { digest.from = input.participants.map { MessageSummary.Address(name: nil, address: $0) } }
    let row = Sample.row(
      user: user, doc: docID.rawValue, folder: folder, thread: thread.rawValue, receivedAt: input.receivedAt.rawValue,
      summary: digest)
    let merges = decision.merges.isEmpty ? [] : [ChangeBody.threadsMerged(from: decision.merges, into: thread)]
    try apply(merges + [Sample.added(row, keys: decision.keys)], user: user)
    return row
  }

  /// Every row of every table as text, in key order.
  static func dump(_ path: String) throws -> [String] {
    let database = try DatabaseQueue(path: path)
    defer { try? database.close() }
    return try database.read { database in
      let tables = [
        "meta", "user", "folder", "message", "thread", "thread_key", "change", "delivered", "search", "document_retry",
      ]
      return try tables.flatMap { table in
        try Row.fetchAll(database, sql: "SELECT * FROM \(table)").map { "\(table) \($0)" }
      }
    }
  }
}
