package import Bytes
import Crypto
package import Logging

/// The texts of documents: PDF, Office, OpenDocument, EPUB, RTF, and the names in archives.
///
/// Each document is read by a process of its own, which is confined and bounded (`ConfinedProcess`), and only once: texts are
/// kept by the SHA-256 of the bytes. Whatever happens to a reader, the answer is text or none; nothing is thrown.
/// `text` blocks and may be called by any number of threads; `ClaimedDocumentTexts` gives it to the parser of mails.
package final class DocumentTexts: Sendable {
  /// Changes with what the readers make of a document.
  static let version = 1
  /// Documents that no reader ended with are remembered, and for so long only tried again with more time than they had.
  private static let failureLifetime = Duration.seconds(3_600)
  private static let maxFailures = 1_024
  /// What a document had is enough to know that it does not end in as much again: what the others of its mail take differs by a
  /// little each time.
  private static let enoughTime = 0.9

  private let options: DocumentOptions
  private let cache: DocumentTextCache
  private let gate: ReaderGate
  private let clock: any MonotonicClock
  private let logger: Logger
  private let stopSignal = StopSignal()
  private let state: Locked<State>

  private struct State {
    var statistics = DocumentStatistics()
    var lostTime: LostTime
    /// The oldest first.
    var failures: [Failure] = []
    var hasToldOfMissingReader = false
  }

  private struct Failure {
    let sha256: [UInt8]
    let outcome: DocumentOutcome
    /// What it had.
    let time: Duration
    let at: Duration
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

  /// Ends the readers that run and lets none begin: what is asked for from now on, and is not in the cache, is answered
  /// `.stopped` at once. From any thread.
  package func stop() {
    stopSignal.give()
    gate.close()
  }

  package var isStopped: Bool { stopSignal.isGiven }

  package func close() {
    stop()
    cache.close()
  }

  package var statistics: DocumentStatistics { state.withLock { $0.statistics } }

  /// - Parameter limit: what it may take, waiting included; less where `claim` is no retry.
  package func text(
    of bytes: [UInt8], within limit: Duration, for claim: DocumentClaim = DocumentClaim()
  ) -> (text: String, outcome: DocumentOutcome) {
    guard let kind = DocumentKind(bytes) else { return ("", .unreadable) }
    let limit = claim.isRetry ? limit : min(limit, options.timeout)
    let sha256 = Array(SHA256.hash(data: bytes))
    if let known = self.known(sha256, within: limit) { return known }
    guard gate.enter(sha256, claim, within: limit) else {
      let outcome = isStopped ? DocumentOutcome.stopped : .busy
      state.withLock { $0.statistics.note(outcome, .zero) }
      return ("", outcome)
    }
    defer { gate.leave(sha256) }
    // Another may have read it meanwhile.
    if let known = self.known(sha256, within: limit) { return known }
    let start = clock.elapsed()
    // What is tried again takes nothing from mail that arrives, but that the same document waits for it there.
    guard let allowed = claim.isRetry ? limit : state.withLock({ $0.lostTime.limit(limit, now: start) }) else {
      state.withLock { $0.statistics.note(.busy, .zero) }
      return ("", .busy)
    }
    let (text, outcome) = extract(bytes, kind, within: allowed)
    note(outcome, of: sha256, claim, allowed, from: start)
    if outcome.isLasting { cache.insert(sha256, text, outcome) }
    return (text, outcome)
  }

  /// The same, with what it took.
  func timedText(
    of bytes: [UInt8], within limit: Duration, for claim: DocumentClaim
  ) -> (text: String, outcome: DocumentOutcome, spent: Duration) {
    let start = clock.elapsed()
    let (text, outcome) = self.text(of: bytes, within: limit, for: claim)
    return (text, outcome, clock.elapsed() - start)
  }

  // MARK: Private

  /// - Parameter limit: what reading it could take now.
  private func known(_ sha256: [UInt8], within limit: Duration) -> (text: String, outcome: DocumentOutcome)? {
    let known = cache.find(sha256)
    let now = clock.elapsed()
    return state.withLock { state in
      if let known {
        state.statistics.noteCached()
        return known
      }
      let failure = state.failures.last { $0.sha256 == sha256 }
      guard let failure, failure.time >= limit * Self.enoughTime, now - failure.at < Self.failureLifetime
      else { return nil }
      return ("", failure.outcome)
    }
  }

  private func extract(
    _ bytes: [UInt8], _ kind: DocumentKind, within limit: Duration
  ) -> (text: String, outcome: DocumentOutcome) {
    var process = ConfinedProcess(
      arguments: options.programs.reader + ["\(options.textByteCount)"], readable: nil,
      memoryByteCount: options.memoryByteCount, outputByteCount: options.textByteCount, time: limit)
    process.stop = stopSignal
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

  /// - Parameter allowed: what it might take.
  private func note(
    _ outcome: DocumentOutcome, of sha256: [UInt8], _ claim: DocumentClaim, _ allowed: Duration, from start: Duration
  ) {
    let now = clock.elapsed()
    state.withLock { state in
      state.statistics.note(outcome, now - start)
      guard outcome == .timeout || outcome == .crash else { return }
      if !claim.isRetry { state.lostTime.note(now - start) }
      if state.failures.count >= Self.maxFailures { state.failures.removeFirst() }
      state.failures.append(Failure(sha256: sha256, outcome: outcome, time: allowed, at: now))
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
  /// Of a program that says nothing but whether it failed.
  fileprivate init(ofTool ending: ConfinedProcess.Ending) {
    switch ending {
    case .exited(0): self = .whole
    case .exited: self = .unreadable
    case .killed: self = .crash
    case .outOfTime: self = .timeout
    case .outOfRoom: self = .cut
    case .stopped: self = .stopped
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
