package import Bytes
import Documents
import Index
package import MailStore
package import Mailboxes

/// How an import stands, for a progress bar.
package struct ImportProgress: Sendable {
  package var imported = 0
  /// The user has a live message of the same bytes.
  package var skipped = 0
  package var failed = 0
  package var readByteCount: UInt64 = 0
  package var totalByteCount: UInt64 = 0
  /// Why the latest failures failed, at most `maxFailures` of them.
  package var failures: [String] = []

  static let maxFailures = 20
}

/// Brings existing mail into one mailbox through the one door.
///
/// Stopping at any moment loses nothing: what was imported is stored, and the same import run again skips it by its bytes,
/// so running again is resuming.
package struct Importer: Sendable {
  private let mailboxes: Mailboxes
  private let originals: OriginalStore
  private let extractor: MailExtractor
  private let threads: BlockingThreads
  private let fileSystem: any FileSystem
  private let maxByteCount: Int

  /// Mails under way at once: enough for the group commits of pack file and journal to be large.
  static let maxInFlight = 256
  /// And their bytes, which is what bounds the memory.
  static let maxBytesInFlight = 64 << 20

  package init(
    mailboxes: Mailboxes, originals: OriginalStore, extractor: MailExtractor, threads: BlockingThreads,
    fileSystem: any FileSystem, maxByteCount: Int
  ) {
    self.mailboxes = mailboxes
    self.originals = originals
    self.extractor = extractor
    self.threads = threads
    self.fileSystem = fileSystem
    self.maxByteCount = maxByteCount
  }

  /// - Parameters:
  ///   - folder: where everything goes; `nil` lets names of directories and files decide.
  ///   - report: called a few times a second at most matters to the caller, here after every batch of mails.
  /// - Throws: `ImportError` before anything is read; `MailboxError` when the door refuses for good. Cancellation stops
  ///   after the mails under way.
  package func run(
    user: UserID, paths: [String], folder: String?, report: @Sendable (ImportProgress) async -> Void
  ) async throws -> ImportProgress {
    let plan = try ImportPlan(paths: paths, folder: folder)
    var progress = ImportProgress()
    progress.totalByteCount = plan.byteCount
    let reader = ImportCursor(ImportReader(plan, fileSystem: fileSystem, maxByteCount: maxByteCount))
    try await withThrowingTaskGroup(of: Step.self) { group in
      var bytesInFlight = 0
      var inFlight = 0
      while true {
        while inFlight >= Self.maxInFlight || (inFlight > 0 && bytesInFlight >= Self.maxBytesInFlight) {
          guard let step = try await group.next() else { break }
          inFlight -= 1
          bytesInFlight -= step.byteCount
          progress.note(step)
        }
        try Task.checkCancellation()
        guard let found = try await threads.run({ reader.next() }) else { break }
        progress.readByteCount = found.progress
        switch found.item {
        case .failure(let reason): progress.note(failure: reason)
        case .mail(let mail):
          inFlight += 1
          bytesInFlight += mail.bytes.count
          group.addTask { try await store(mail, user: user, forcedFolder: folder) }
        }
        if (progress.imported + progress.skipped) % 64 == 0 { await report(progress) }
      }
      for try await step in group { progress.note(step) }
    }
    progress.readByteCount = progress.totalByteCount
    await report(progress)
    return progress
  }

  private func store(_ mail: ImportedMail, user: UserID, forcedFolder: String?) async throws -> Step {
    let known = try await mailboxes.messages(user, contentHash: MailExtractor.contentHash(of: mail.bytes))
    if try await holds(mail.bytes, known) { return Step(byteCount: mail.bytes.count, outcome: .skipped) }
    let extracted = try await threads.run { extractor.extract(mail.bytes, for: DocumentClaim(user: user)) }
    let original = try await originals.store(mail.bytes)
    var message = NewMessage(mail, extracted, original: original, forcedFolder: forcedFolder)
    // Where the hash is known and the bytes are not, the hash says nothing.
    message.skipsKnownContent = known.isEmpty
    do {
      switch try await mailboxes.deliver(message, to: user) {
      case .stored: return Step(byteCount: mail.bytes.count, outcome: .imported)
      case .known, .alreadyDelivered: return Step(byteCount: mail.bytes.count, outcome: .skipped)
      }
    } catch let error as MailboxError where error.code == .invalid {
      return Step(byteCount: mail.bytes.count, outcome: .failed("\(message.summary.subject): \(error)"))
    }
  }

  /// Whether one of the rows is a message of exactly these bytes.
  private func holds(_ bytes: [UInt8], _ rows: [MessageRow]) async throws -> Bool {
    for row in rows {
      do {
        if try await threads.run({ try originals.read(row.original) }) == bytes { return true }
      } catch let error as StoreError where [.missingBlob, .corrupt].contains(error.code) {
        // Taken for the same, as its hash is: importing it again is no repair.
        return true
      }
    }
    return false
  }

  struct Step: Sendable {
    enum Outcome {
      case imported, skipped
      case failed(String)
    }
    let byteCount: Int
    let outcome: Outcome
  }
}

extension ImportProgress {
  fileprivate mutating func note(_ step: Importer.Step) {
    switch step.outcome {
    case .imported: imported += 1
    case .skipped: skipped += 1
    case .failed(let reason): note(failure: reason)
    }
  }

  fileprivate mutating func note(failure reason: String) {
    failed += 1
    if failures.count < Self.maxFailures { failures.append(reason) }
  }
}
