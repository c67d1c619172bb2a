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
  ///   - documents: what the extractor reads with: stopped when the service stops or is cancelled, so that nobody waits for
  ///     readers then.
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
    await cancelWhenGracefulShutdown {
      await withTaskCancellationHandler {
        await work(on: threads)
      } onCancel: {
        documents.stop()
      }
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
    let (reread, extracted) = try await threads.run { try read(tried.row) }
    if extracted.wasStopped {
      try await mailboxes.takeBack(tried, reread)
    } else {
      try await mailboxes.end(tried, reread, missing: extracted.missedReason)
      if let reason = extracted.missedReason, tried.counted.dueAt == nil { tellOfGivenUp(tried.row, reason) }
    }
    return true
  }

  /// - Returns: also what is new of the message, if anything is. Blocks.
  private func read(_ row: MessageRow) throws -> (RereadMessage?, ExtractedMail) {
    let earlier = try mailboxes.textRecord(of: row)
    let extracted = extractor.extract(
      try originals.read(row.original), for: DocumentClaim(user: row.user, isRetry: true), keeping: earlier)
    return (try reread(row, extracted, earlier), extracted)
  }

  /// Nil while nothing more was read: nobody is to hear of tries, nor of what another build makes of the same mail.
  private func reread(
    _ row: MessageRow, _ extracted: ExtractedMail, _ earlier: ExtractedTextRecord?
  ) throws -> RereadMessage? {
    let defects = extracted.summary.defects
    let texts = try EncodedRecord.open(extracted.record.frame).attachmentTexts
    if let earlier, texts.map(\.text) == earlier.attachmentTexts.map(\.text) {
      let isSame = extracted.missedReason != nil || defects == row.summary.defects
      return isSame ? nil : RereadMessage(record: nil, earlier: nil, defects: defects)
    }
    return RereadMessage(record: extracted.record, earlier: earlier.map(extractor.encode), defects: defects)
  }

  private func tellOfGivenUp(_ row: MessageRow, _ reason: String) {
    logger.notice(
      "documents stay without text",
      metadata: ["user": "\(row.user)", "message": "\(row.id)", "reason": "\(reason)"])
  }
}
