import Bytes
import Index
import MailStore

/// What a job sees and may do while it runs on its shard's writer: read rows, including those of jobs before it in the
/// same batch, and stage changes.
///
/// Each `stage` becomes one journal record, so its changes become durable together or not at all. Nothing is visible to
/// readers, and no caller is answered, before the journal has been synced.
final class ShardTransaction {
  let view: MetadataView
  let clock: any WallClock
  let standing: StandingSearches
  private(set) var records: [JournalRecord] = []
  private(set) var mutations: [IndexMutation] = []
  /// About what the records take in the journal.
  private(set) var byteCount = 0
  /// The last user sequence staged for each user.
  private(set) var userSequences: [UserID: SequenceNumber] = [:]
  private var nextSequence: SequenceNumber

  init(view: MetadataView, clock: any WallClock, standing: StandingSearches, lastSequence: SequenceNumber) {
    self.view = view
    self.clock = clock
    self.standing = standing
    nextSequence = lastSequence.next
  }

  var lastSequence: SequenceNumber { SequenceNumber(rawValue: nextSequence.rawValue - 1) }

  /// Stages changes of one user as one atomic record, with the index mutations that say the same.
  /// - Returns: the user's sequence after the changes.
  @discardableResult
  func stage(
    _ user: UserID, _ bodies: [ChangeBody], index mutations: [IndexMutation] = []
  ) throws -> SequenceNumber {
    var next = try view.nextUserSequence(user)
    var changes: [Change] = []
    for body in bodies {
      changes.append(Change(user: user, userSequence: next, body: body))
      if body.takesUserSequence { next = next.next }
    }
    let record = JournalRecord(sequence: nextSequence, changes: changes)
    try view.apply(record)
    for body in bodies { standing.note(body, of: user) }
    nextSequence = nextSequence.next
    records.append(record)
    byteCount += record.estimatedByteCount
    self.mutations += mutations
    let last = SequenceNumber(rawValue: next.rawValue - 1)
    userSequences[user] = last
    return last
  }
}
