package import Bytes
package import Index
import MailStore

/// How a rebuild of the index stands, over all shards.
package struct ReindexProgress: Sendable {
  package var messages = 0
  package var messageTotal = 0
  package var users = 0
  /// Of extracted text.
  package var textByteCount = 0
  /// Of these, those that a rebuild did that was killed: they took no time of this one.
  package var resumedMessages = 0
  package var resumedTextByteCount = 0

  package init() {}
}

extension Mailboxes {
  /// Rebuilds one shard's index beside the living one and swaps it in. Blocks for as long as that takes; searches and
  /// writes go on meanwhile.
  ///
  /// - Parameters:
  ///   - user: only this one; `nil` for everyone in the shard.
  ///   - extract: used for every message when `isFromSource`, else only for those whose record is missing or damaged.
  ///   - throttle: called often; may sleep to let delivery go first, and may throw to stop. A stopped or killed rebuild
  ///     goes on where it was when the same one is asked for again.
  /// - Throws: `IndexError`; what `extract` and `throttle` throw.
  package func reindex(
    shard number: Int, user: UserID?, isFromSource: Bool, extract: @escaping RecordExtractor,
    report: (ShadowBuild.Progress) -> Void, throttle: @escaping () throws -> Void
  ) throws {
    let shard = shards[number]
    let source = source(of: shard, extract: extract)
    let scope = user.map(ShadowBuild.Scope.user) ?? .all
    try Self.rebuild(shard.index, scope, isFromSource, source, report, throttle)
    // What came meanwhile. Not before the build is gone: beside one nothing is compacted.
    try shard.compact(throttle: throttle)
    try shard.rebaseAttributes(of: user, throttle: throttle)
  }

  /// What a rebuild or a repair of a shard's index asks of its rows and of the stored originals.
  func source(of shard: Shard, extract: @escaping RecordExtractor) -> ShadowSource {
    ShadowSource(
      users: { try shard.users() },
      documents: { user in
        try shard.read(for: user) { reader in
          try reader.allAttributes(user).map { DocumentKey(receivedAt: $0.receivedAt, docID: $0.docID) }
        }
      },
      record: { [originals] user, docID, earlier in
        let known = try shard.read(for: user) { try ($0.row(user, docID), $0.documentRetry(user, docID)) }
        guard case (let row?, let retry) = known else { return nil }
        guard let original = try Self.original(of: row, in: originals, otherwise: earlier) else { return nil }
        let remade = try extract(user, original, earlier)
        // Most mail has no documents that were ever missed, and so asks for no write.
        if remade.missedReason != nil || retry != nil {
          try shard.performBlocking { try $0.noteRemade(docID, of: user, remade) }
        }
        var record = remade.record
        // One that was submitted without it was given one, which is not in the original.
        record.messageID = record.messageID ?? row.summary.messageID
        return record
      },
      remains: { user, docID in
        try shard.read(for: user) { try $0.row(user, docID) }.map { ExtractedTextRecord($0.summary) }
      })
  }

  /// - Returns: nil for one that is lost, which `verify` names. One that cannot be read must not keep the index of a shard from
  ///   being rebuilt either, where that has a record.
  private static func original(
    of row: MessageRow, in originals: OriginalStore, otherwise earlier: ShadowSource.Earlier
  ) throws -> [UInt8]? {
    do {
      return try originals.read(row.original)
    } catch let error as StoreError {
      if try [.missingBlob, .corrupt].contains(error.code) || earlier() != nil { return nil }
      throw error
    }
  }

  private static func rebuild(
    _ index: ShardIndex, _ scope: ShadowBuild.Scope, _ isFromSource: Bool, _ source: ShadowSource,
    _ report: (ShadowBuild.Progress) -> Void, _ throttle: @escaping () throws -> Void
  ) throws {
    let build = try ShadowBuild.begin(index, scope, isFromSource: isFromSource, source: source)
    try build.run(report: report, throttle: throttle)
    try build.swap()
  }

  /// The shards that a rebuild of these users touches.
  package func shardNumbers(of user: UserID?) -> [Int] {
    user.map { [directory.shard(of: $0)] } ?? Array(shards.indices)
  }

  /// Live messages of one user or all, for a progress bar.
  package func messageCount(of user: UserID?) throws -> Int {
    var count = 0
    for number in shardNumbers(of: user) {
      let shard = shards[number]
      for each in try user.map({ [$0] }) ?? shard.users() {
        count += try shard.read(for: each) { try $0.folderSummaries(each).reduce(0) { $0 + $1.total } }
      }
    }
    return count
  }
}
