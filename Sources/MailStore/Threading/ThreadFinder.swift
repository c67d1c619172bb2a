import Bytes
import GRDB

/// Decides which thread a new message belongs to (the threads of Jamie Zawinski's algorithm, kept as they grow).
///
/// Messages that name a common Message-ID, their own or one they refer to, are one thread; so the threads that
/// references form are the same in whatever order the messages arrive. Only when nothing is known of any of them may
/// the subject speak: an answer joins the thread of the same base subject that is nearest in time, within 90 days, if
/// they share a participant other than the mailbox's owner.
struct ThreadFinder {
  let rows: ThreadRows

  /// References beyond these, from the middle of an endless list, are not looked at.
  static let maxMessageIDs = 128
  static let maxSubjectDistance: Int64 = 90 * 24 * 60 * 60 * 1_000
  /// Threads of the same subject, newest first, that are considered.
  static let maxCandidates = 32
  /// Messages of a candidate, newest first, whose participants are compared.
  static let maxComparedMessages = 64

  init(database: Database, user: UserID) { rows = ThreadRows(database: database, user: user) }

  func decide(_ input: ThreadingInput) throws -> ThreadDecision {
    let subject = BaseSubject(input.subject)
    let keys = ThreadKeys(messageIDs: Self.messageIDKeys(input), subject: ThreadKey.subject(subject))
    var found: Set<ThreadID> = []
    for key in keys.messageIDs { found.formUnion(try rows.threads(key: key, limit: 1)) }
    if let oldest = found.min() {
      return ThreadDecision(thread: oldest, merges: found.subtracting([oldest]).sorted(), keys: keys)
    }
    let thread = subject.isReply ? try keys.subject.flatMap { try threadOfSubject($0, input) } : nil
    return ThreadDecision(thread: thread, merges: [], keys: keys)
  }

  /// Its own id first, then the references: the oldest, and the latest of the others.
  static func messageIDKeys(_ input: ThreadingInput) -> [UInt64] {
    var texts = [input.messageID].compactMap(\.self) + input.references.prefix(1)
    let rest = input.references.dropFirst() + input.inReplyTo.prefix(maxMessageIDs)
    texts += rest.suffix(maxMessageIDs - texts.count)
    var keys: [UInt64] = []
    for key in texts.compactMap(ThreadKey.messageID) where !keys.contains(key) { keys.append(key) }
    return keys
  }

  // MARK: By subject

  private func threadOfSubject(_ key: UInt64, _ input: ThreadingInput) throws -> ThreadID? {
    let others = Set(input.participants).subtracting(input.ownAddresses)
    if others.isEmpty { return nil }
    let candidates = try rows.threads(key: key, limit: Self.maxCandidates)
      .compactMap { thread in try distance(of: thread, to: input.receivedAt).map { (thread: thread, distance: $0) } }
      .filter { $0.distance <= Self.maxSubjectDistance }
      .sorted { ($0.distance, $1.thread) < ($1.distance, $0.thread) }
    return try candidates.first { try isShared(others, with: $0.thread) }?.thread
  }

  /// Milliseconds between a time and the thread's message that is nearest to it.
  private func distance(of thread: ThreadID, to time: Timestamp) throws -> Int64? {
    let conditions = ["received_at <= ? ORDER BY received_at DESC", "received_at >= ? ORDER BY received_at"]
    return try conditions.compactMap { condition in
      let statement = try rows.database.cachedStatement(
        sql: "SELECT received_at FROM message WHERE user = ? AND thread = ? AND \(condition) LIMIT 1")
      let nearest = try Int64.fetchOne(
        statement, arguments: [rows.user.rawValue, thread.rawValue, time.rawValue])
      return nearest.map { Int64(clamping: $0.subtractingReportingOverflow(time.rawValue).partialValue.magnitude) }
    }.min()
  }

  private func isShared(_ people: Set<String>, with thread: ThreadID) throws -> Bool {
    let statement = try rows.database.cachedStatement(
      sql: """
        SELECT summary FROM message WHERE user = ? AND thread = ? ORDER BY received_at DESC, doc DESC
        LIMIT \(Self.maxComparedMessages)
        """)
    let found = try Row.fetchCursor(statement, arguments: [rows.user.rawValue, thread.rawValue])
    while let row = try found.next() {
      let summary = try MessageColumns.summary(row, 0)
      for address in summary.from + summary.to + summary.cc + summary.replyTo
      where people.contains(address.address.lowercased()) {
        return true
      }
    }
    return false
  }
}
