import Bytes
import Documents
import Filter
import HTTPAPI
import Ingest
import Logging
import MailFormat
import MailStore
import Mailboxes
import Outbound
import Query
import Receipt

/// The HTTP API's view of the door: numbers become public names, and errors those the API answers with.
struct MailboxService: MailService {
  let mailboxes: Mailboxes
  let threads: BlockingThreads
  let waitForQueue: Duration
  /// Counted in the metrics; nil where documents are not read.
  let documents: DocumentTexts?
  /// Counted there too; nil where no mail comes in.
  let refusals: RefusalCounter?
  let blocklists: BlocklistCounter?
  let authentications: AuthenticationCounter?
  let accounts: AccountStore
  /// Counted too; nil where no mail is delivered.
  let filters: FilterChain?
  /// Where reports go for filters to learn from; nil where none learns.
  let lessons: LessonQueue?
  /// Counted in the metrics; nil where nothing is delivered.
  let errors: ErrorQueue?
  /// Counted too; nil where nobody is told anything, or strangers are not.
  let reporter: Reporter?
  let outbox: ReportOutbox?
  let reports: ReportSender?
  let logger: Logger
  private let parser = MailParser()

  init(
    mailboxes: Mailboxes, accounts: AccountStore, threads: BlockingThreads, waitForQueue: Duration,
    documents: DocumentTexts? = nil, filters: FilterChain? = nil, lessons: LessonQueue? = nil,
    errors: ErrorQueue? = nil,
    reporter: Reporter? = nil, outbox: ReportOutbox? = nil, reports: ReportSender? = nil,
    refusals: RefusalCounter? = nil, blocklists: BlocklistCounter? = nil,
    authentications: AuthenticationCounter? = nil, logger: Logger
  ) {
    self.mailboxes = mailboxes
    self.threads = threads
    self.waitForQueue = waitForQueue
    self.documents = documents
    self.refusals = refusals
    self.blocklists = blocklists
    self.authentications = authentications
    self.accounts = accounts
    self.filters = filters
    self.lessons = lessons
    self.errors = errors
    self.reporter = reporter
    self.outbox = outbox
    self.reports = reports
    self.logger = logger
  }

  func reasonForNotBeingReady() async -> String? {
    mailboxes.hasStopped ? "a failed write to disk stopped a part of the store; restart the service" : nil
  }
}

// MARK: - Folders

extension MailboxService {
  func folders(of user: UserID) async throws -> [FolderSummary] {
    try await translated { try await mailboxes.folders(user) }
  }

  func createFolder(named name: String, for user: UserID) async throws -> FolderWrite {
    try await translated {
      let (row, sequence) = try await mailboxes.createFolder(user, name: name)
      return FolderWrite(folder: FolderSummary(row: row, total: 0, unread: 0), sequence: sequence)
    }
  }

  func renameFolder(_ folder: FolderID, to name: String, for user: UserID) async throws -> FolderWrite {
    try await translated {
      let (row, sequence) = try await mailboxes.renameFolder(user, folder, to: name)
      let summary = try await mailboxes.folders(user).first { $0.row.id == folder }
      return FolderWrite(folder: summary ?? FolderSummary(row: row, total: 0, unread: 0), sequence: sequence)
    }
  }

  func deleteFolder(_ folder: FolderID, for user: UserID) async throws -> SequenceNumber {
    try await translated { try await mailboxes.deleteFolder(user, folder) }
  }
}

// MARK: - Messages

extension MailboxService {
  func messages(
    in folder: FolderID, isRead: Bool?, limit: Int, after position: MessagePosition?, of user: UserID
  ) async throws -> [PresentedMessage] {
    try await translated {
      let cursor = position.map(FolderCursor.init)
      let rows = try await mailboxes.folderPage(user, folder: folder, isRead: isRead, limit: limit, after: cursor)
      return try await present(rows, of: user)
    }
  }

  func message(_ id: MessageID, of user: UserID) async throws -> PresentedMessage? {
    try await translated {
      guard let row = try await mailboxes.row(user, id: id) else { return nil }
      return try await present([row], of: user).first
    }
  }

  func content(of row: MessageRow) async throws -> MessageContent {
    try await translated {
      let bytes = try await mailboxes.original(of: row)
      let mail = try await threads.run { parser.parse(bytes) }
      return MessageContent(
        text: mail.text, html: mail.html, headers: mail.headers.map { .init(name: $0.name, value: $0.value) })
    }
  }

  func original(of row: MessageRow) async throws -> [[UInt8]] {
    try await translated { try await mailboxes.originalPieces(of: row) }
  }

  func attachment(_ partPath: String, of row: MessageRow) async throws -> [UInt8]? {
    try await translated { try await mailboxes.attachment(of: row, partPath: partPath) }
  }

  func thread(
    _ id: MessageID, limit: Int, after position: MessagePosition?, of user: UserID
  ) async throws -> PresentedThread? {
    try await translated {
      let cursor = position.map(FolderCursor.init)
      guard let thread = try await mailboxes.thread(user, id: id, limit: limit, after: cursor) else { return nil }
      return PresentedThread(
        id: thread.id, subject: thread.subject, participants: thread.participants, total: thread.total,
        unread: thread.unread, messages: try await present(thread.rows, of: user), hasMore: thread.hasMore)
    }
  }

  func update(_ ids: [MessageID], _ change: MessageChange, of user: UserID) async throws -> MessageWrite {
    try await translated {
      let update = MessageUpdate(
        isRead: change.isRead, isStarred: change.isStarred, isReplied: change.isReplied, folder: change.folder,
        labels: change.labels)
      let answer = try await mailboxes.update(user, ids: ids, update)
      return MessageWrite(messages: try await present(answer.rows, of: user), sequence: answer.sequence)
    }
  }

  func delete(_ ids: [MessageID], permanently: Bool, of user: UserID) async throws -> MessageWrite {
    try await translated {
      let answer = try await mailboxes.delete(user, ids: ids, permanent: permanently)
      return MessageWrite(messages: try await present(answer.rows, of: user), sequence: answer.sequence)
    }
  }

  /// Rows with the public names of their folders and threads; in the order given.
  private func present(_ rows: [MessageRow], of user: UserID) async throws -> [PresentedMessage] {
    try await mailboxes.named(rows, of: user).map {
      PresentedMessage(row: $0.row, folder: $0.folder, threadID: $0.thread)
    }
  }
}

// MARK: - Finding and following

extension MailboxService {
  func search<Value: Sendable>(
    _ command: SearchCommand, of user: UserID, render: @escaping @Sendable (SearchPage) -> Value
  ) async throws -> Value {
    try await translated {
      let start = ContinuousClock.now
      let parsed = try ParsedQuery(command.query)
      let parsing = command.explains ? ContinuousClock.now - start : nil
      return try await mailboxes.search(
        user,
        SearchRequest(
          query: parsed.root, sort: Query.SortOrder(command.sort), limit: command.limit, cursor: command.cursor,
          wantsTotal: command.wantsTotal, wantsHighlights: command.wantsHighlights,
          facets: FacetRequest(command.facets),
          minimumSequence: command.minimumSequence, waitForQueue: waitForQueue, deadline: command.deadline,
          explainsAfterParsing: parsing, explainedMessage: command.explainedMessage,
          wantsSpelling: command.wantsSpelling, timeZone: command.timeZone)
      ) { answer in render(try SearchPage(answer, of: parsed, to: command)) }
    }
  }

  func suggestions(
    for query: String, limit: Int, deadline: ContinuousClock.Instant, of user: UserID
  ) async throws -> [SearchSuggestion] {
    try await translated {
      try await mailboxes.suggestions(user, for: query, limit: limit, deadline: deadline)
        .compactMap(SearchSuggestion.init)
    }
  }

  func events(
    since: SequenceNumber, limit: Int, timeout: Duration, of user: UserID
  ) async throws -> EventPage {
    try await translated {
      let changes = try await mailboxes.changes(user, since: since, limit: limit, timeout: timeout)
      return EventPage(events: changes.compactMap(MailEvent.init), sequence: changes.last?.row.sequence ?? since)
    }
  }
}
