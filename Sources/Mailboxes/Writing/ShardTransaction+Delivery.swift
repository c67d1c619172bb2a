import Bytes
import Index
import MailStore
import Query

extension ShardTransaction {
  /// Commits one message for one user, once: a queue item that was delivered before, and bytes that an import brings
  /// again, change nothing.
  func deliver(_ message: NewMessage, to user: UserID, ownAddresses: [String]) throws -> DeliveryOutcome {
    if let item = message.queueItem, try view.delivered(user, item) != nil { return .alreadyDelivered }
    if message.skipsKnownContent, try !view.liveMessages(user, contentHash: message.contentHash).isEmpty {
      return .known
    }
    var bodies: [ChangeBody] = []
    let folder = try destination(message.destination, of: user, creating: &bodies)
    let docID = try view.nextDocID(user)
    let decision = try view.decideThread(user, ThreadingInput(message, ownAddresses: ownAddresses))
    let thread = decision.thread(for: docID)
    var random = SystemRandomNumberGenerator()
    let row = MessageRow(
      user: user, docID: docID, id: MessageID(at: clock.now(), docID: docID, using: &random), folder: folder,
      thread: thread, receivedAt: message.receivedAt, flags: message.flags, labels: message.labels,
      size: message.size, original: message.original, trace: message.trace, contentHash: message.contentHash,
      summary: message.summary, verdict: message.verdict)
    var mutations: [IndexMutation] = []
    if !decision.merges.isEmpty {
      bodies.append(.threadsMerged(from: decision.merges, into: thread))
      mutations += try movedAttributes(of: user, from: decision.merges, into: thread)
    }
    bodies.append(
      .messageAdded(row, record: message.record.frame, queueItem: message.queueItem, threadKeys: decision.keys))
    if let reason = message.missedReason {
      bodies.append(.documentsMissed(docID, DocumentRetry(missedAt: clock.now(), reason: reason)))
    }
    // Of what is imported its owner knows, and it may be years of mail.
    if !message.skipsKnownContent {
      let searches = try matchingSearches(
        row, message.record, making: bodies.createdFolders, merging: decision.merges
      ).searches
      if !searches.isEmpty { bodies.append(.messageMatched(docID, searches: searches)) }
    }
    mutations.append(.add(user, docID, row.attributes, message.record))
    return .stored(row.id, try stage(user, bodies, index: mutations))
  }

  /// The standing queries that the mail matches as it arrives, or as it was read again.
  /// - Returns: also whether all were asked.
  func matchingSearches(
    _ row: MessageRow, _ record: EncodedRecord, making folders: [FolderRow] = [],
    merging merged: [ThreadID] = []
  ) throws -> (searches: [SavedSearchID], isComplete: Bool) {
    let mail = ArrivedMail(user: row.user, docID: row.docID, attributes: row.attributes, record: record)
    do {
      return try standing.matches(mail, of: row.user, in: view) {
        ArrivalLookups(
          view: view, now: clock.now(), row: row, folders: try view.folders(row.user).rows + folders, merged: merged)
      }
    } catch let error where error is DecodingError || error is IndexError || error is SearchError {
      // A search is no reason to put mail off, its owner's or that of others in the batch.
      standing.noteFailure(error, of: row.user)
      return ([], false)
    }
  }

  private func movedAttributes(
    of user: UserID, from merged: [ThreadID], into thread: ThreadID
  ) throws -> [IndexMutation] {
    try merged.flatMap { try view.threadRows(user, $0) }.map { row in
      var row = row
      row.thread = thread
      return .setAttributes(user, row.docID, row.attributes)
    }
  }

  private func destination(
    _ destination: NewMessage.Destination, of user: UserID, creating bodies: inout [ChangeBody]
  ) throws -> FolderID {
    if case .named(let name) = destination { try Self.checkName(name) }
    let folders = try createMailbox(user)
    switch destination {
    case .role(let role):
      guard let folder = folders.folder(role) else {
        throw MailboxError(.notFound, "the mailbox has no \(role.name) folder")
      }
      return folder.id
    case .named(let name):
      if let folder = folders.folder(named: name) { return folder.id }
      try Self.checkCount(folders)
      let folder = Self.newFolder(name, try view.nextFolderID(user))
      bodies.append(.folderCreated(folder))
      return folder.id
    }
  }
}

extension ThreadingInput {
  init(_ message: NewMessage, ownAddresses: [String]) {
    let summary = message.summary
    let people = summary.from + summary.to + summary.cc + summary.replyTo
    self.init(
      messageID: summary.messageID, references: message.references, inReplyTo: message.inReplyTo,
      subject: summary.subject, receivedAt: message.receivedAt,
      participants: Set(people.map { $0.address.lowercased() }).sorted(), ownAddresses: ownAddresses)
  }
}

extension [ChangeBody] {
  fileprivate var createdFolders: [FolderRow] {
    compactMap { if case .folderCreated(let folder) = $0 { folder } else { nil } }
  }
}
