import Bytes
import Foundation
import HTTPAPI
import MailStore

/// Mailboxes as obvious arrays: what the routes are tested against.
final class InMemoryMail: MailService {
  struct Letter {
    var presented: PresentedMessage
    var content: MessageContent
    var original: [UInt8]
    var attachments: [String: [UInt8]]
  }

  struct Mailbox {
    var folders: [FolderRow] = []
    var letters: [Letter] = []
    var searches: [SavedSearch] = []
    var blocked: Set<SenderPattern> = []
    var events: [MailEvent] = []
    var sequence = SequenceNumber.zero
    var nextDocID: UInt32 = 1
    var nextFolderID: UInt32 = 101
    /// Polls that the next change ends.
    var polls: [AsyncStream<Void>.Continuation] = []
  }

  let mailboxes = Locked<[UserID: Mailbox]>([:])
  /// What the next call throws instead of doing anything.
  let nextFailure = Locked<(any Error)?>(nil)
  let lastSearch = Locked<SearchCommand?>(nil)
  let reasonForRest = Locked<String?>(nil)
  let families = Locked<[MetricFamily]>([])

  // MARK: Filling

  func makeMailbox(of user: UserID) {
    mailboxes.withLock { mailboxes in
      mailboxes[user] = Mailbox(
        folders: FolderRole.allCases.map { role in
          FolderRow(
            id: FolderID(rawValue: UInt32(role.rawValue)),
            publicID: UInt64(user.rawValue) << 32 | UInt64(role.rawValue),
            name: role.defaultFolderName, role: role)
        })
    }
  }

  /// A message with all that a message can have, received so many seconds after an arbitrary time.
  @discardableResult
  func add(
    to user: UserID, subject: String, at second: Int64 = 0, folder role: FolderRole = .inbox, isRead: Bool = false,
    thread: PresentedMessage? = nil, attachments: [(MessageSummary.Attachment, [UInt8])] = [],
    original: [UInt8] = Array("Subject: x\r\n\r\nbody\r\n".utf8), verdict: MailVerdict? = nil
  ) -> PresentedMessage {
    mailboxes.withLock { mailboxes in
      var mailbox = mailboxes[user] ?? Mailbox()
      let folder = mailbox.folders.first { $0.role == role }!
      let docID = DocID(rawValue: mailbox.nextDocID)
      mailbox.nextDocID += 1
      let receivedAt = Timestamp(rawValue: 1_714_555_800_000 + second * 1_000)
      var generator = SystemRandomNumberGenerator()
      let id = MessageID(at: receivedAt, docID: docID, using: &generator)
      var summary = MessageSummary()
      summary.subject = subject
      summary.from = [.init(name: "Alice Adams", address: "alice@example.com")]
      summary.to = [.init(name: nil, address: "bob@example.com")]
      summary.cc = [.init(name: "Zoë", address: "zoe@example.org")]
      summary.date = receivedAt
      summary.messageID = "m\(docID.rawValue)@example.com"
      summary.attachments = attachments.map(\.0)
      let row = MessageRow(
        user: user, docID: docID, id: id, folder: folder.id,
        thread: thread?.row.thread ?? ThreadID(rawValue: docID.rawValue),
        receivedAt: receivedAt, flags: isRead ? .read : [], labels: ["work"], size: UInt64(original.count),
        original: BlobReference(pack: 1, offset: 0, byteCount: 1), trace: "", contentHash: 0, summary: summary,
        verdict: verdict)
      let message = PresentedMessage(row: row, folder: folder, threadID: thread?.threadID ?? id)
      let content = MessageContent(
        text: "the text of \(subject)", html: "<p>\(subject)</p>",
        headers: [.init(name: "Subject", value: subject), .init(name: "X-Odd", value: "a\u{0}b")])
      mailbox.letters.append(
        Letter(
          presented: message, content: content, original: original,
          attachments: Dictionary(uniqueKeysWithValues: attachments.map { ($0.0.partPath, $0.1) })))
      mailbox.note(.messageCreated, message)
      mailboxes[user] = mailbox
      return message
    }
  }

  func letters(of user: UserID) -> [PresentedMessage] {
    mailboxes.withLock { $0[user]?.letters.map(\.presented) ?? [] }
  }

  func with<Value>(_ user: UserID, _ body: (inout Mailbox) throws -> Value) throws -> Value {
    if let failure = nextFailure.withLock({ failure in
      defer { failure = nil }
      return failure
    }) {
      throw failure
    }
    return try mailboxes.withLock { mailboxes in
      var mailbox = mailboxes[user] ?? Mailbox()
      defer { mailboxes[user] = mailbox }
      return try body(&mailbox)
    }
  }

  // MARK: Folders

  func folders(of user: UserID) throws -> [FolderSummary] {
    try with(user) { mailbox in mailbox.folders.map { mailbox.summary(of: $0) } }
  }

  func createFolder(named name: String, for user: UserID) throws -> FolderWrite {
    try with(user) { mailbox in
      try mailbox.checkName(name)
      let id = FolderID(rawValue: mailbox.nextFolderID)
      mailbox.nextFolderID += 1
      let row = FolderRow(id: id, publicID: UInt64(user.rawValue) << 32 | UInt64(id.rawValue), name: name, role: nil)
      mailbox.folders.append(row)
      mailbox.note(folder: row, id: row.publicName)
      return FolderWrite(folder: mailbox.summary(of: row), sequence: mailbox.sequence)
    }
  }

  func renameFolder(_ folder: FolderID, to name: String, for user: UserID) throws -> FolderWrite {
    try with(user) { mailbox in
      try mailbox.checkName(name)
      guard let index = mailbox.folders.firstIndex(where: { $0.id == folder }) else { throw Self.notFound }
      mailbox.folders[index].name = name
      mailbox.note(folder: mailbox.folders[index], id: mailbox.folders[index].publicName)
      return FolderWrite(folder: mailbox.summary(of: mailbox.folders[index]), sequence: mailbox.sequence)
    }
  }

  func deleteFolder(_ folder: FolderID, for user: UserID) throws -> SequenceNumber {
    try with(user) { mailbox in
      let trash = mailbox.folders.first { $0.role == .trash }!
      for index in mailbox.letters.indices where mailbox.letters[index].presented.row.folder == folder {
        mailbox.letters[index].presented.move(to: trash)
      }
      mailbox.folders.removeAll { $0.id == folder }
      mailbox.note(folder: nil, id: nil)
      return mailbox.sequence
    }
  }

  // MARK: Messages

  func messages(
    in folder: FolderID, isRead: Bool?, limit: Int, after position: MessagePosition?, of user: UserID
  ) throws -> [PresentedMessage] {
    try with(user) { mailbox in
      let all = mailbox.letters.map(\.presented)
        .filter { $0.row.folder == folder }
        .filter { message in isRead.map { message.row.flags.contains(.read) == $0 } ?? true }
        .sorted { ($0.row.receivedAt, $0.row.docID) > ($1.row.receivedAt, $1.row.docID) }
      let rest = all.drop { message in
        position.map { (message.row.receivedAt, message.row.docID) >= ($0.receivedAt, $0.docID) } ?? false
      }
      return Array(rest.prefix(limit))
    }
  }

  func message(_ id: MessageID, of user: UserID) throws -> PresentedMessage? {
    try with(user) { $0.letters.first { $0.presented.row.id == id }?.presented }
  }

  func content(of row: MessageRow) throws -> MessageContent { try letter(row).content }
  /// In two pieces, as a trace and what came behind it.
  func original(of row: MessageRow) throws -> [[UInt8]] {
    let original = try letter(row).original
    return [Array(original.prefix(3)), Array(original.dropFirst(3))]
  }
  func attachment(_ partPath: String, of row: MessageRow) throws -> [UInt8]? { try letter(row).attachments[partPath] }

  private func letter(_ row: MessageRow) throws -> Letter {
    try with(row.user) { mailbox in
      guard let letter = mailbox.letters.first(where: { $0.presented.row.id == row.id }) else { throw Self.notFound }
      return letter
    }
  }

  func thread(
    _ id: MessageID, limit: Int, after position: MessagePosition?, of user: UserID
  ) throws -> PresentedThread? {
    try with(user) { mailbox in
      let all = mailbox.letters.map(\.presented).filter { $0.threadID == id }
        .sorted { ($0.row.receivedAt, $0.row.docID) < ($1.row.receivedAt, $1.row.docID) }
      guard let oldest = all.first else { return nil }
      let rest = all.drop { message in
        position.map { (message.row.receivedAt, message.row.docID) <= ($0.receivedAt, $0.docID) } ?? false
      }
      let summary = oldest.row.summary
      return PresentedThread(
        id: id, subject: summary.subject, participants: summary.from + summary.to + summary.cc, total: all.count,
        unread: all.count { !$0.row.flags.contains(.read) }, messages: Array(rest.prefix(limit)),
        hasMore: rest.count > limit)
    }
  }

  // MARK: Writing

  func update(_ ids: [MessageID], _ change: MessageChange, of user: UserID) throws -> MessageWrite {
    try with(user) { mailbox in
      let indices = try mailbox.indices(of: ids)
      for index in indices {
        var row = mailbox.letters[index].presented.row
        for (flag, value) in [
          (MessageFlags.read, change.isRead), (.starred, change.isStarred), (.replied, change.isReplied),
        ] {
          if value == true { row.flags.insert(flag) } else if value == false { row.flags.remove(flag) }
        }
        if let labels = change.labels { row.labels = Set(labels).sorted() }
        mailbox.letters[index].presented = PresentedMessage(
          row: row, folder: mailbox.letters[index].presented.folder,
          threadID: mailbox.letters[index].presented.threadID)
        if let folder = change.folder.flatMap({ id in mailbox.folders.first { $0.id == id } }) {
          mailbox.letters[index].presented.move(to: folder)
        }
        mailbox.note(.messageUpdated, mailbox.letters[index].presented)
      }
      return MessageWrite(messages: indices.map { mailbox.letters[$0].presented }, sequence: mailbox.sequence)
    }
  }

  func delete(_ ids: [MessageID], permanently: Bool, of user: UserID) throws -> MessageWrite {
    try with(user) { mailbox in
      let indices = try mailbox.indices(of: ids)
      let trash = mailbox.folders.first { $0.role == .trash }!
      for index in indices {
        if !permanently { mailbox.letters[index].presented.move(to: trash) }
        mailbox.note(.messageDeleted, mailbox.letters[index].presented)
      }
      let messages = indices.map { mailbox.letters[$0].presented }
      if permanently { mailbox.letters.removeAll { ids.contains($0.presented.row.id) } }
      return MessageWrite(messages: messages, sequence: mailbox.sequence)
    }
  }

  // MARK: Finding and following

  func suggestions(
    for query: String, limit: Int, deadline: ContinuousClock.Instant, of user: UserID
  ) async throws -> [SearchSuggestion] {
    (0..<limit).map { number in
      SearchSuggestion(
        kind: number == 0 ? .operator : .person, text: "\(number)", query: query + "\(number)",
        name: number == 0 ? nil : "N")
    }
  }

  /// Finds messages whose subject holds the query, which as a tree has one word. `slow` takes until its deadline; an
  /// open parenthesis is an error, and so is another tree.
  func search<Value: Sendable>(
    _ command: SearchCommand, of user: UserID, render: @escaping @Sendable (SearchPage) -> Value
  ) async throws -> Value { render(try await page(command, of: user)) }

  private func page(_ command: SearchCommand, of user: UserID) async throws -> SearchPage {
    lastSearch.withLock { $0 = command }
    let query = try Self.word(of: command.query)
    if query == "slow" {
      try await Task.sleep(until: command.deadline)
      throw MailServiceError(.deadlinePassed, "the search took too long")
    }
    if let open = Array(query.unicodeScalars).firstIndex(of: "(") {
      throw InvalidQuery(
        message: "The parenthesis is never closed.", position: open, expected: "a closing parenthesis",
        suggestion: query + ")")
    }
    let start = command.cursor.map { Int($0) } ?? 0
    guard let start else { throw MailServiceError(.invalid, "cursor: is not one that this search gave") }
    return try with(user) { mailbox in
      if let name = command.explainedMessage, !mailbox.letters.contains(where: { "\($0.presented.row.id)" == name }) {
        throw MailServiceError(.notFound, "no such message")
      }
      let found = mailbox.letters.map(\.presented)
        .filter { query.isEmpty || $0.row.summary.subject.contains(query) }
        .sorted { $0.row.receivedAt > $1.row.receivedAt }
      let hits = found.dropFirst(start).prefix(command.limit).map { message in
        FoundMessage(
          message: message,
          highlights: command.wantsHighlights
            ? MatchHighlights(
              subject: [.init(text: query, isMatch: true)], from: [],
              body: [.init(text: "the text of ", isMatch: false), .init(text: query, isMatch: true)],
              attachments: [
                .init(filename: "budget.xlsx", text: [.init(text: query, isMatch: true)]),
                .init(filename: nil, text: [.init(text: query, isMatch: true)]),
              ]) : nil)
      }
      return SearchPage(
        total: command.wantsTotal ? found.count : nil, hits: hits,
        facets: command.facets.names.isEmpty ? nil : command.facets.names.map(Self.facet),
        nextCursor: start + hits.count < found.count ? String(start + hits.count) : nil, sequence: mailbox.sequence,
        query: ["word": .string(query)], warnings: query.contains("frm:") ? ["did you mean from:?"] : [],
        explanation: command.explains ? ["plan", "  " + query] : nil,
        reasons: command.explainedMessage.flatMap(MessageID.init).map {
          [MatchReasons(id: $0, isHit: false, lines: ["word: nowhere"])]
        }, correction: command.wantsSpelling && found.isEmpty ? "right" : nil)
    }
  }

  private static func facet(_ name: SearchFacet) -> FacetList {
    name == .from
      ? FacetList(facet: name, values: [.init(value: "al@x.example", name: "Al", count: 1)], otherCount: 7)
      : FacetList(facet: name, values: [.init(value: "0-10K", name: nil, count: 1)], otherCount: 0)
  }

  private static func word(of query: SearchQuery) throws -> String {
    switch query {
    case .text(let text): return text
    case .tree(let tree):
      guard case .string(let word)? = tree["word"] else { throw InvalidQuery(message: "No word.", position: 0) }
      return word
    }
  }

  /// Waits, while there is nothing and any timeout is given, for a change or for its cancellation.
  func events(
    since: SequenceNumber, limit: Int, timeout: Duration, of user: UserID
  ) async throws -> EventPage {
    let (changes, poll) = AsyncStream.makeStream(of: Void.self)
    let page = try page(since: since, limit: limit, poll: timeout > .zero ? poll : nil, of: user)
    guard page.events.isEmpty, timeout > .zero else { return page }
    for await _ in changes {}
    return try self.page(since: since, limit: limit, poll: nil, of: user)
  }

  private func page(
    since: SequenceNumber, limit: Int, poll: AsyncStream<Void>.Continuation?, of user: UserID
  ) throws -> EventPage {
    try with(user) { mailbox in
      guard since <= mailbox.sequence else { throw MailServiceError(.invalid, "since is ahead of everything") }
      let events = mailbox.events.filter { $0.sequence > since }.prefix(limit)
      if events.isEmpty, let poll { mailbox.polls.append(poll) }
      return EventPage(events: Array(events), sequence: events.last?.sequence ?? since)
    }
  }

  /// Returns when a poll of the user waits.
  func waitForPoll(of user: UserID) async {
    while mailboxes.withLock({ $0[user]?.polls.isEmpty ?? true }) { await Task.yield() }
  }

  func metrics() async -> [MetricFamily] { families.withLock { $0 } }

  func reasonForNotBeingReady() -> String? { reasonForRest.withLock { $0 } }

  static let notFound = MailServiceError(.notFound, "nothing there; this text must not reach the caller")
}

extension InMemoryMail.Mailbox {
  func summary(of folder: FolderRow) -> FolderSummary {
    let rows = letters.map(\.presented.row).filter { $0.folder == folder.id }
    return FolderSummary(row: folder, total: rows.count, unread: rows.count { !$0.flags.contains(.read) })
  }

  func checkName(_ name: String) throws {
    guard !folders.contains(where: { $0.name == name }) else {
      throw MailServiceError(.conflict, "there is a folder of that name already")
    }
  }

  func indices(of ids: [MessageID]) throws -> [Int] {
    try ids.map { id in
      guard let index = letters.firstIndex(where: { $0.presented.row.id == id }) else { throw InMemoryMail.notFound }
      return index
    }
  }

  mutating func advance() -> SequenceNumber {
    sequence = sequence.next
    polls.forEach { $0.finish() }
    polls = []
    return sequence
  }

  mutating func note(folder: FolderRow?, id: String?) {
    events.append(MailEvent(kind: .folderUpdated, id: id, folder: folder, threadID: nil, sequence: advance()))
  }

  mutating func note(_ kind: MailEvent.Kind, _ message: PresentedMessage, searches: [SavedSearchID] = []) {
    events.append(
      MailEvent(
        kind: kind, id: message.row.id.description, folder: message.folder, threadID: message.threadID,
        sequence: advance(), searches: searches))
  }
}

extension PresentedMessage {
  fileprivate mutating func move(to folder: FolderRow) {
    var row = row
    row.folder = folder.id
    self = PresentedMessage(row: row, folder: folder, threadID: threadID)
  }
}
