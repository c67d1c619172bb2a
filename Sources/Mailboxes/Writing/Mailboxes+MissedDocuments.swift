package import Bytes
package import Index
package import MailStore

/// Whose missed documents are tried next: shards in turn, and in each of them its users.
package struct DocumentTurns: Sendable {
  fileprivate var shard = 0
  fileprivate var lastUsers: [Int: UserID] = [:]

  package init() {}
}

extension Mailboxes {
  /// Begins a try of documents that are due. Ended by `end`, or taken back; left alone it has come to nothing.
  /// - Returns: nil where nothing is due.
  package func beginDueTry(_ turns: inout DocumentTurns) async throws -> DocumentTry? {
    for _ in shards.indices {
      let number = turns.shard
      turns.shard = (number + 1) % shards.count
      let last = turns.lastUsers[number]
      let tried = try await shards[number].perform { transaction in
        try transaction.beginDueTry(after: last) ?? (last == nil ? nil : transaction.beginDueTry(after: nil))
      }
      turns.lastUsers[number] = tried?.row.user
      if let tried { return tried }
    }
    return nil
  }

  /// See `ShardTransaction.end`.
  @discardableResult
  package func end(_ tried: DocumentTry, _ reread: RereadMessage?, missing reason: String?) async throws -> Bool {
    try await shard(of: tried.row.user).perform { try $0.end(tried, reread, missing: reason) }
  }

  /// See `ShardTransaction.takeBack`.
  package func takeBack(_ tried: DocumentTry, _ reread: RereadMessage? = nil) async throws {
    try await shard(of: tried.row.user).perform { try $0.takeBack(tried, reread) }
  }

  /// What the index has of a message; nil where that is missing or damaged. Blocks.
  package func textRecord(of row: MessageRow) throws -> ExtractedTextRecord? {
    do {
      return try shard(of: row.user).snapshot(of: row.user).record(row.docID)
    } catch let error as IndexError where [.missingRecord, .corrupt].contains(error.code) {
      return nil
    }
  }

  /// Messages of all users with missed documents. Blocks.
  package func missedDocumentCounts() throws -> DocumentRetryCounts {
    try shards.reduce(into: DocumentRetryCounts()) { sum, shard in
      let counts = try shard.performBlocking { try $0.view.readUncommitted { try $0.documentRetryCounts() } }
      sum.waiting += counts.waiting
      sum.givenUp += counts.givenUp
    }
  }

  /// The user's messages with missed documents, those that are not tried again first.
  package func missedDocuments(of user: UserID, limit: Int) async throws -> [(row: MessageRow, retry: DocumentRetry)] {
    try await read(user) { reader in
      try reader.documentRetries(user, limit: limit).compactMap { missed in
        try reader.row(user, missed.docID).map { ($0, missed.retry) }
      }
    }
  }
}
