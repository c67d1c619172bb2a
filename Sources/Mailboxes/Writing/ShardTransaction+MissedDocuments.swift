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
    let left = reason.map { DocumentRetry(tries: tried.counted.tries, dueAt: tried.counted.dueAt, reason: $0) }
    return try end(tried, reread, leaving: left)
  }

  /// A try that was stopped does not count: it says nothing of the documents that are left.
  /// - Parameter reread: what it had read until then.
  func takeBack(_ tried: DocumentTry, _ reread: RereadMessage?) throws {
    _ = try end(tried, reread, leaving: tried.before)
  }

  private func end(_ tried: DocumentTry, _ reread: RereadMessage?, leaving left: DocumentRetry?) throws -> Bool {
    let (user, docID) = (tried.row.user, tried.row.docID)
    guard try view.documentRetry(user, docID) == tried.counted, let row = try view.row(user, docID) else {
      return false
    }
    var bodies: [ChangeBody] = []
    var mutations: [IndexMutation] = []
    if let reread {
      bodies.append(.messageReread(docID, record: reread.record?.frame ?? [], defects: reread.defects))
      if let record = reread.record { mutations.append(.replaceRecord(user, docID, record)) }
      let searches = try newlyMatchingSearches(row, reread)
      if !searches.isEmpty { bodies.append(.messageMatched(docID, searches: searches)) }
    }
    if left != tried.counted { bodies.append(.documentsMissed(docID, left)) }
    if !bodies.isEmpty { try stage(user, bodies, index: mutations) }
    return true
  }

  /// A rebuild of the index read the message's original. Documents that it missed are tried again like those of new mail, and the
  /// message says so; where it read what was given up, a try is due at once, which brings that to the message too.
  func noteRemade(_ docID: DocID, of user: UserID, _ remade: RemadeRecord) throws {
    guard let row = try view.row(user, docID) else { return }
    var bodies: [ChangeBody] = []
    if remade.missedReason != nil, remade.defects != row.summary.defects {
      bodies.append(.messageReread(docID, record: [], defects: remade.defects))
    }
    let known = try view.documentRetry(user, docID)
    let retry = retry(known, afterRebuildMissing: remade.missedReason)
    if retry != known { bodies.append(.documentsMissed(docID, retry)) }
    if !bodies.isEmpty { try stage(user, bodies) }
  }

  private func retry(_ known: DocumentRetry?, afterRebuildMissing reason: String?) -> DocumentRetry? {
    let now = clock.now()
    if let known, known.dueAt != nil || known.reason == reason { return known }
    // What kept it from being read before is over where the reason is another.
    if let reason { return DocumentRetry(missedAt: now, reason: reason) }
    return known.map { DocumentRetry(tries: DocumentRetry.maxTries - 1, dueAt: now, reason: $0.reason) }
  }

  /// The standing queries that match the message by what was read again, did not before, and were there when it came. What was
  /// imported has no trace, and is not announced.
  private func newlyMatchingSearches(_ row: MessageRow, _ reread: RereadMessage) throws -> [SavedSearchID] {
    guard !row.trace.isEmpty, let record = reread.record, let earlier = reread.earlier else { return [] }
    let matching = try matchingSearches(row, record).searches.filter { $0.createdAt <= row.id.createdAt }
    guard !matching.isEmpty else { return [] }
    let before = try matchingSearches(row, earlier)
    // None is announced twice.
    return before.isComplete ? matching.filter { !before.searches.contains($0) } : []
  }
}
