package import Bytes
import MailFormat
package import MailStore

/// A thread as its reader sees it: what is true of the whole, and a page of its messages.
package struct ThreadAnswer: Sendable {
  /// The thread's public name: the id of the message that founded it.
  package let id: MessageID
  /// Of the oldest message.
  package let subject: String
  /// Who wrote or got any of the oldest 500 messages, in the order of their first appearance, at most 500; blind copies
  /// are nobody's business.
  package let participants: [MessageSummary.Address]
  package let total: Int
  package let unread: Int
  /// The page, oldest first.
  package let rows: [MessageRow]
  package let hasMore: Bool

  static let maxParticipants = 500
}

/// Where a page of a folder's list goes on: after the message with this time and number.
package struct FolderCursor: Sendable, Hashable {
  package let receivedAt: Timestamp
  package let docID: DocID

  package init(receivedAt: Timestamp, docID: DocID) {
    self.receivedAt = receivedAt
    self.docID = docID
  }
}

extension Mailboxes {
  package func folders(_ user: UserID) async throws -> [FolderSummary] {
    try await read(user) { try $0.folderSummaries(user) }
  }

  /// Newest first.
  package func folderPage(
    _ user: UserID, folder: FolderID, isRead: Bool?, limit: Int, after cursor: FolderCursor?
  ) async throws -> [MessageRow] {
    try await read(user) { reader in
      try reader.folderPage(
        user, folder: folder, isRead: isRead, limit: limit, after: cursor.map { ($0.receivedAt, $0.docID) })
    }
  }

  /// - Returns: `nil` for an id that is not this user's.
  package func row(_ user: UserID, id: MessageID) async throws -> MessageRow? {
    try await read(user) { reader in
      guard let row = try reader.row(user, id.docID), row.id == id else { return nil }
      return row
    }
  }

  /// By its own name or that of a thread that became a part of it; at most `limit` of its messages, after `cursor`.
  package func thread(
    _ user: UserID, id: MessageID, limit: Int = .max, after cursor: FolderCursor? = nil
  ) async throws -> ThreadAnswer? {
    try await read(user) { reader in
      guard let thread = try reader.thread(user, publicID: id), let name = try reader.threadID(user, thread) else {
        return nil
      }
      let oldest = try reader.threadPage(user, thread, limit: ThreadAnswer.maxParticipants, after: nil)
      guard !oldest.isEmpty else { return nil }
      // One more than asked for tells whether more follow.
      let page = try reader.threadPage(
        user, thread, limit: limit == .max ? .max : limit + 1, after: cursor.map { ($0.receivedAt, $0.docID) })
      return ThreadAnswer(
        id: name, oldest: oldest, counts: try reader.threadCounts(user, thread), page: page, limit: limit)
    }
  }

  /// The raw mail in the two pieces that it is kept in: the trace fields of this delivery, and every byte as it came.
  package func originalPieces(of row: MessageRow) async throws -> [[UInt8]] {
    let originals = originals
    return try await threads.run { [Array(row.trace.utf8), try originals.read(row.original)] }
  }

  /// The raw mail: the trace fields of this delivery, then every byte as it came.
  package func original(of row: MessageRow) async throws -> [UInt8] {
    let originals = originals
    return try await threads.run { Array(row.trace.utf8) + (try originals.read(row.original)) }
  }

  /// The decoded content of an attachment, or `nil` where the message has no such part.
  package func attachment(of row: MessageRow, partPath: String) async throws -> [UInt8]? {
    let originals = originals
    return try await threads.run {
      if let separate = try originals.attachment(row.original, partPath: partPath) { return separate }
      return MailParser().attachmentContent(try originals.read(row.original), partPath: partPath)
    }
  }
}

extension ThreadAnswer {
  /// - Parameters:
  ///   - oldest: messages of the thread from its beginning, not empty.
  ///   - page: what was asked for, and one more if there is one.
  init(id: MessageID, oldest: [MessageRow], counts: (total: Int, unread: Int), page: [MessageRow], limit: Int) {
    var seen: Set<String> = []
    var participants: [MessageSummary.Address] = []
    for row in oldest {
      for person in row.summary.from + row.summary.to + row.summary.cc where seen.count < Self.maxParticipants {
        if seen.insert(person.address.lowercased()).inserted { participants.append(person) }
      }
    }
    self.init(
      id: id, subject: oldest[0].summary.subject, participants: participants, total: counts.total,
      unread: counts.unread, rows: Array(page.prefix(limit)), hasMore: page.count > limit)
  }
}
