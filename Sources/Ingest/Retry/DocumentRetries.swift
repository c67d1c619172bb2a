package import Bytes
package import Documents
import Index
package import Logging
package import MailStore
package import Mailboxes
import ServiceLifecycle

/// Tries documents again that were missed when their mail was read, in the background: one message at a time, on one thread of low
/// priority, users in turn. What is read becomes the message's through the one door.
///
/// What is to be tried stands in the rows of the messages' shards, so it outlives the process; a try is counted there before it is
/// made.
package struct DocumentRetries: Service {
  private let mailboxes: Mailboxes
  private let originals: OriginalStore
  private let extractor: MailExtractor
  private let documents: DocumentTexts
  private let pause: @Sendable () async throws -> Void
  private let logger: Logger

  /// Readers inherit it.
  private static let niceness: Int32 = 19
  private static let interval = Duration.seconds(10)

  /// - Parameters:
  ///   - documents: what the extractor reads with: stopped when the service stops, so that nobody waits for readers then.
  ///   - pause: suspends while nothing is due.
  package init(
    mailboxes: Mailboxes, originals: OriginalStore, extractor: MailExtractor, documents: DocumentTexts, logger: Logger,
    pause: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: interval) }
  ) {
    self.mailboxes = mailboxes
    self.originals = originals
    self.extractor = extractor
    self.documents = documents
    self.logger = logger
    self.pause = pause
  }

  /// Works until the service is stopped.
  package func run() async throws {
    let threads = BlockingThreads(name: "retry", niceness: Self.niceness, threads: 1)
    defer { threads.close() }
    await withGracefulShutdownHandler {
      await cancelWhenGracefulShutdown { await work(on: threads) }
    } onGracefulShutdown: {
      documents.stop()
    }
  }

  private func work(on threads: BlockingThreads) async {
    var turns = DocumentTurns()
    while !Task.isCancelled {
      do {
        if try await tryNext(&turns, on: threads) { continue }
      } catch {
        logger.warning("missed documents not tried", metadata: ["error": "\(error)"])
      }
      try? await pause()
    }
  }

  /// Tries the documents of the next message whose time has come.
  /// - Returns: false where none has.
  /// - Throws: `MailboxError`, `StoreError`; the try is counted, and made again when its time comes.
  package func tryNext(_ turns: inout DocumentTurns, on threads: BlockingThreads) async throws -> Bool {
    guard let tried = try await mailboxes.beginDueTry(&turns) else { return false }
    let (reread, reason) = try await threads.run { try read(tried.row) }
    // One that was stopped says nothing of the documents.
    if reread == nil, reason != nil, documents.isStopped {
      try await mailboxes.takeBack(tried)
    } else {
      try await mailboxes.end(tried, reread, missing: reason)
      if let reason, tried.counted.dueAt == nil { tellOfGivenUp(tried.row, reason) }
    }
    return true
  }

  /// - Returns: what is new of the message, if anything is, and why documents are missed still. Blocks.
  private func read(_ row: MessageRow) throws -> (RereadMessage?, missedReason: String?) {
    let earlier = try mailboxes.textRecord(of: row)
    let extracted = extractor.extract(
      try originals.read(row.original), for: DocumentClaim(user: row.user, isRetry: true), keeping: earlier)
    let before = earlier.map(extractor.encode)
    let isNew = extracted.record.frame != before?.frame || extracted.summary.defects != row.summary.defects
    let reread = RereadMessage(record: extracted.record, earlier: before, defects: extracted.summary.defects)
    return (isNew ? reread : nil, extracted.missedReason)
  }

  private func tellOfGivenUp(_ row: MessageRow, _ reason: String) {
    logger.notice(
      "documents stay without text",
      metadata: ["user": "\(row.user)", "message": "\(row.id)", "reason": "\(reason)"])
  }
}
