package import Bytes
import Crypto
package import Logging
package import MailFormat

/// The texts of documents: PDF, Office, OpenDocument, EPUB, RTF, and the names in archives.
///
/// Each document is read by a process of its own, which is confined and bounded (`ConfinedProcess`), and only once: texts are
/// kept by the SHA-256 of the bytes. Whatever happens to a reader, the answer is text or none; nothing is thrown.
/// `read` blocks and may be called by any number of threads.
package final class DocumentTexts: DocumentTextSource {
  /// Changes with what the readers make of a document.
  static let version = 1
  /// Documents that no reader ended with are remembered, and not tried again before the next start.
  private static let maxFailures = 1_024

  private let options: DocumentOptions
  private let cache: DocumentTextCache
  private let gate: ReaderGate
  private let clock: any MonotonicClock
  private let logger: Logger
  private let state: Locked<State>

  private struct State {
    var statistics = DocumentStatistics()
    var lostTime: LostTime
    /// By SHA-256, the oldest first.
    var failures: [[UInt8]] = []
    var hasToldOfMissingReader = false
  }

  /// - Parameters:
  ///   - cachePath: of a SQLite file that may be lost at any time; nil keeps the texts in memory.
  package init(
    options: DocumentOptions, cachePath: String?, clock: any MonotonicClock = SystemClock(),
    logger: Logger = Logger(label: "documents")
  ) {
    self.options = options
    self.clock = clock
    self.logger = logger
    gate = ReaderGate(workers: options.workers)
    state = Locked(State(lostTime: LostTime(now: clock.elapsed())))
    cache = DocumentTextCache(
      path: cachePath, byteCount: options.cacheByteCount,
      version: .init(reader: Self.version, textByteCount: options.textByteCount)
    ) { logger.error("texts of documents", metadata: ["problem": "\($0)"]) }
  }

  package func close() { cache.close() }

  package var statistics: DocumentStatistics { state.withLock { $0.statistics } }

  // MARK: DocumentTextSource

  package func recognises(_ beginning: [UInt8]) -> Bool { DocumentKind(beginning) != nil }

  package func read(_ bytes: [UInt8], within limit: Duration) -> DocumentText {
    let start = clock.elapsed()
    let (text, outcome) = self.text(of: bytes, within: limit)
    return DocumentText(text: text, extent: outcome.extent, spent: clock.elapsed() - start)
  }

  /// The same, told more exactly.
  package func text(of bytes: [UInt8], within limit: Duration) -> (text: String, outcome: DocumentOutcome) {
    guard let kind = DocumentKind(bytes) else { return ("", .unreadable) }
    let sha256 = Array(SHA256.hash(data: bytes))
    if let known = self.known(sha256) { return known }
    guard gate.enter(sha256, within: min(limit, options.timeout)) else {
      note(.busy, .zero, nil)
      return ("", .busy)
    }
    defer { gate.leave(sha256) }
    // Another may have read it meanwhile.
    if let known = self.known(sha256) { return known }
    let start = clock.elapsed()
    let allowed = state.withLock { $0.lostTime.limit(min(limit, options.timeout), now: start) }
    guard let allowed else {
      note(.busy, .zero, nil)
      return ("", .busy)
    }
    let (text, outcome) = extract(bytes, kind, within: allowed)
    // What had less time than a document has may be read another time.
    note(outcome, clock.elapsed() - start, allowed >= options.timeout ? sha256 : nil)
    if outcome.isLasting { cache.insert(sha256, text, outcome) }
    return (text, outcome)
  }

  // MARK: Private

  private func known(_ sha256: [UInt8]) -> (text: String, outcome: DocumentOutcome)? {
    let known = cache.find(sha256)
    return state.withLock { state in
      if let known {
        state.statistics.noteCached()
        return known
      }
      return state.failures.contains(sha256) ? ("", .timeout) : nil
    }
  }

  private func extract(
    _ bytes: [UInt8], _ kind: DocumentKind, within limit: Duration
  ) -> (text: String, outcome: DocumentOutcome) {
    var process = ConfinedProcess(
      arguments: options.programs.reader + ["\(options.textByteCount)"], readable: nil,
      memoryByteCount: options.memoryByteCount, outputByteCount: options.textByteCount, time: limit)
    if kind == .pdf {
      process.arguments = options.programs.pdf
      process.readable = options.programs.pdfPaths
    }
    let (output, ending) = process.run(bytes)
    let outcome = kind == .pdf ? DocumentOutcome(ofTool: ending) : DocumentOutcome(ofReader: ending)
    if case .notStarted(let errno) = ending { tellOfMissingReader(process.arguments[0], errno) }
    // What a reader wrote that did not come to its end depends on the machine: the same mail is to give the same record.
    guard outcome.isLasting else { return ("", outcome) }
    return (CleanText.make(Array(output.prefix(options.textByteCount)), limit: options.textByteCount), outcome)
  }

  /// - Parameter failed: the document, if its failure is to be remembered.
  private func note(_ outcome: DocumentOutcome, _ spent: Duration, _ failed: [UInt8]?) {
    state.withLock { state in
      state.statistics.note(outcome, spent)
      guard outcome == .timeout || outcome == .crash else { return }
      state.lostTime.note(spent)
      guard let failed else { return }
      if state.failures.count >= Self.maxFailures { state.failures.removeFirst() }
      state.failures.append(failed)
    }
  }

  private func tellOfMissingReader(_ program: String, _ errno: Int32) {
    let isFirst = state.withLock { state in
      defer { state.hasToldOfMissingReader = true }
      return !state.hasToldOfMissingReader
    }
    guard isFirst else { return }
    logger.error(
      "documents are stored and not searched: a reader cannot be started; is poppler-utils installed?",
      metadata: ["program": "\(program)", "errno": "\(errno)"])
  }
}

extension DocumentOutcome {
  /// What a mail is told.
  fileprivate var extent: DocumentText.Extent {
    switch self {
    case .whole: .whole
    case .cut: .cut
    case .unreadable, .timeout, .crash, .busy, .unavailable: .unread
    }
  }

  /// Of a program that says nothing but whether it failed.
  fileprivate init(ofTool ending: ConfinedProcess.Ending) {
    switch ending {
    case .exited(0): self = .whole
    case .exited: self = .unreadable
    case .killed: self = .crash
    case .outOfTime: self = .timeout
    case .outOfRoom: self = .cut
    case .notStarted: self = .unavailable
    }
  }

  /// Of `ReadingProcess`.
  fileprivate init(ofReader ending: ConfinedProcess.Ending) {
    switch ending {
    case .exited(ReadingProcess.Status.cut.rawValue): self = .cut
    case .exited(ReadingProcess.Status.unreadable.rawValue): self = .unreadable
    // One that did not get so far as to read: another program, or a library that is missing.
    case .exited(let status) where status != ReadingProcess.Status.whole.rawValue: self = .unavailable
    default: self.init(ofTool: ending)
    }
  }
}
