import Bytes
import Index
import MailStore

extension ShardTransaction {
  /// Begins a try of the documents that are due longest, of the first user behind `last` who has any. It is counted before it is
  /// made, so that none is made more often than it may, whatever becomes of the process.
  /// - Returns: nil where nothing is due behind that user.
  func beginDueTry(after last: UserID?) throws -> DocumentTry? {
    let now = clock.now()
    guard let due = try view.readUncommitted({ try $0.nextDueDocuments(after: last, at: now) }),
      let row = try view.row(due.user, due.docID)
    else { return nil }
    let counted = due.retry.trying(at: now)
    try stage(due.user, [.documentsMissed(due.docID, counted)])
    return DocumentTry(row: row, before: due.retry, counted: counted)
  }

  /// Ends a try, once: what was read becomes the message's, and what is missed still is tried again when its time comes.
  /// - Parameters:
  ///   - reread: nil where nothing new was read.
  ///   - reason: why documents are missed still; nil where none are.
  /// - Returns: false when the message went meanwhile.
  func end(_ tried: DocumentTry, _ reread: RereadMessage?, missing reason: String?) throws -> Bool {
    let (user, docID) = (tried.row.user, tried.row.docID)
    guard try view.documentRetry(user, docID) == tried.counted, let row = try view.row(user, docID) else {
      return false
    }
    var bodies: [ChangeBody] = []
    var mutations: [IndexMutation] = []
    if let reread {
      bodies.append(.messageReread(docID, record: reread.record.frame, defects: reread.defects))
      mutations.append(.replaceRecord(user, docID, reread.record))
      let searches = try newlyMatchingSearches(row, reread)
      if !searches.isEmpty { bodies.append(.messageMatched(docID, searches: searches)) }
    }
    let left = reason.map { DocumentRetry(tries: tried.counted.tries, dueAt: tried.counted.dueAt, reason: $0) }
    if left != tried.counted { bodies.append(.documentsMissed(docID, left)) }
    if !bodies.isEmpty { try stage(user, bodies, index: mutations) }
    return true
  }

  /// A try that was stopped before it came to anything does not count.
  func takeBack(_ tried: DocumentTry) throws {
    let (user, docID) = (tried.row.user, tried.row.docID)
    guard try view.documentRetry(user, docID) == tried.counted else { return }
    try stage(user, [.documentsMissed(docID, tried.before)])
  }

  /// A rebuild of the index read the message's original. Documents that it missed are tried again like those of new mail; where
  /// it read what was given up, a try is due at once, which brings that to the message too.
  func noteRemade(_ docID: DocID, of user: UserID, missing reason: String?) throws {
    guard try view.row(user, docID) != nil else { return }
    let known = try view.documentRetry(user, docID)
    if known == nil, let reason {
      try stage(user, [.documentsMissed(docID, DocumentRetry(missedAt: clock.now(), reason: reason))])
    } else if let known, known.dueAt == nil, reason == nil {
      let retry = DocumentRetry(tries: DocumentRetry.maxTries - 1, dueAt: clock.now(), reason: known.reason)
      try stage(user, [.documentsMissed(docID, retry)])
    }
  }

  /// The standing queries that match the message by what was read again, did not before, and were there when it came. What was
  /// imported has no trace, and is not announced.
  private func newlyMatchingSearches(_ row: MessageRow, _ reread: RereadMessage) throws -> [SavedSearchID] {
    guard !row.trace.isEmpty, let earlier = reread.earlier else { return [] }
    let matching = try matchingSearches(row, reread.record).searches.filter { $0.createdAt <= row.id.createdAt }
    guard !matching.isEmpty else { return [] }
    let before = try matchingSearches(row, earlier)
    // None is announced twice.
    return before.isComplete ? matching.filter { !before.searches.contains($0) } : []
  }
}
