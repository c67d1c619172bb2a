import Bytes
import Index
import MailStore

extension ShardTransaction {
  /// The user's rows for these ids, each once however often it is named.
  /// - Throws: `.notFound` when one of them is not this user's: a batch is done wholly or not at all.
  func rows(_ ids: [MessageID], of user: UserID) throws -> [MessageRow] {
    var named: Set<MessageID> = []
    return try ids.filter { named.insert($0).inserted }.map { id in
      guard let row = try view.row(user, id.docID), row.id == id else {
        throw MailboxError(.notFound, "no such message")
      }
      return row
    }
  }

  func update(_ ids: [MessageID], _ update: MessageUpdate, of user: UserID) throws -> WriteAnswer {
    if let folder = update.folder, try view.folders(user)[folder] == nil { throw Self.noFolder }
    let before = try rows(ids, of: user)
    let after = before.map(update.applied)
    let changed = zip(before, after).filter { $0 != $1 }.map(\.1)
    return WriteAnswer(rows: after, sequence: try stageUpdates(changed, of: user))
  }

  /// To the trash, where it stays, or away for good.
  func delete(_ ids: [MessageID], permanent: Bool, of user: UserID) throws -> WriteAnswer {
    let rows = try rows(ids, of: user)
    guard permanent else {
      guard let trash = try view.folders(user).folder(.trash) else { throw Self.noFolder }
      return try update(ids, MessageUpdate(folder: trash.id), of: user)
    }
    guard !rows.isEmpty else { return WriteAnswer(rows: [], sequence: try view.lastUserSequence(user)) }
    let sequence = try stage(
      user, rows.map { .messageRemoved($0.docID) }, index: rows.map { .remove(user, $0.docID) })
    return WriteAnswer(rows: rows, sequence: sequence)
  }

  @discardableResult
  func stageUpdates(_ rows: [MessageRow], of user: UserID) throws -> SequenceNumber {
    guard !rows.isEmpty else { return try view.lastUserSequence(user) }
    return try stage(
      user,
      rows.map { .messageUpdated($0.docID, folder: $0.folder, flags: $0.flags, labels: $0.labels) },
      index: rows.map { .setAttributes(user, $0.docID, $0.attributes) })
  }

  /// The delivered row has done its duty when the queue item is durably finished.
  func forget(_ item: QueueItemID, of user: UserID) throws {
    guard try view.delivered(user, item) != nil else { return }
    try stage(user, [.queueItemFinished(item)])
  }
}
