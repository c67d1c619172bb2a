import Bytes
import MailFormat
import MailStore

/// Looks at one mail: its header, its parts, and the archives among them. Blocks.
struct MailExamination {
  /// Decoded bytes of one part that are looked at.
  static let partByteLimit = 128 << 20
  /// Archives of one mail.
  static let maxArchives = 100

  let options: BuiltInOptions
  let archives: any ArchiveReading
  let clock: any MonotonicClock
  /// Nobody waits for the answer any more.
  let isCancelled: @Sendable () -> Bool

  /// - Throws: `FilterError` where archives cannot be looked into on this machine.
  func finding(_ mail: FilteredMail) throws(FilterError) -> FilterFinding {
    let parts = MailParts(mail.bytes)
    var report = ArchiveReport()
    var timeLeft = options.archives.time
    var archiveCount = 0
    var failure: FilterError?
    let isWhole = parts.forEach(contentLimit: Self.partByteLimit) { part in
      if isCancelled() { return false }
      note(part, &report)
      guard Self.isArchive(part) else { return true }
      archiveCount += 1
      guard archiveCount <= Self.maxArchives, timeLeft > .zero, !part.isCut else {
        report.note(Suspicion(.unreadArchive, part.filename ?? ""))
        return true
      }
      let start = clock.elapsed()
      do throws(FilterError) {
        let found = try archives.report(on: part.content, name: part.filename, within: timeLeft)
        for suspicion in found.suspicions { report.note(suspicion) }
      } catch {
        failure = error
        return false
      }
      timeLeft -= clock.elapsed() - start
      return true
    }
    if let failure { throw failure }
    if !isWhole, !isCancelled() { report.note(Suspicion(.unreadArchive, "mails in mails")) }
    // What our own users write is theirs; what their programs leave out is added when they submit it.
    let forgeries =
      mail.authenticatedUser == nil ? Forgeries.suspicions(parts.header, ownDomains: options.ownDomains) : []
    return BuiltInVerdict(options).finding(report.suspicions + forgeries)
  }

  private func note(_ part: MailPart, _ report: inout ArchiveReport) {
    // A script in a mail's text runs nowhere.
    if !part.isAttachment {
      if EICAR.isAtBeginning(of: part.content) { report.note(Suspicion(.eicar)) }
      return
    }
    for suspicion in FileExamination.suspicions(name: part.filename, beginning: part.content) { report.note(suspicion) }
  }

  private static func isArchive(_ part: MailPart) -> Bool {
    part.isAttachment && (FileContent.isArchive(part.content) || part.filename.map { FileName($0).isArchive } ?? false)
  }
}
