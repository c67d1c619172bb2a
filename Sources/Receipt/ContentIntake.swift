import MailStore
import SMTP

/// Decides where a mail's content goes while it comes in: short content stays in memory, longer content is spooled.
///
/// Pure: each call says what to do next, and the caller does it. While `isWriting`, no more content may be appended,
/// so a connection holds at most `writeByteCount` and one read.
///
///     empty ─ append ▶ in memory ─ over inlineLimit ▶ writing ⇄ spooled
///                          │ end                         │ end   │ end
///                          ▼                             ▼       ▼
///                       .accept                     (.accept when written)
///
/// `endChunk` waits for a write that is under way, and changes nothing else.
struct ContentIntake {
  /// Spooled content is written in pieces of at least this.
  static let writeByteCount = 32 << 10

  enum Step {
    case nothing
    /// Make a spool if there is none yet and append the bytes to it; then call `written` or `writeFailed`.
    case write((any MailSpool)?, [UInt8])
    /// Content is what the spool, if any, holds, followed by the bytes.
    case accept(SMTPEnvelope, (any MailSpool)?, [UInt8])
    case discard(any MailSpool)
    /// What `endChunk` waited for.
    case endedChunk
  }

  private enum AfterWrite {
    case goOn, discard, endChunk
    case accept(SMTPEnvelope)
  }

  private(set) var isWriting = false
  private var unwritten: [UInt8] = []
  private var spool: (any MailSpool)?
  private var afterWrite = AfterWrite.goOn

  mutating func append(_ bytes: [UInt8]) -> Step {
    if unwritten.isEmpty { unwritten = bytes } else { unwritten += bytes }
    let limit = spool == nil ? ReceivedContent.inlineLimit : Self.writeByteCount
    guard unwritten.count > limit else { return .nothing }
    isWriting = true
    defer { unwritten = [] }
    return .write(spool, unwritten)
  }

  /// True if more may be appended now; else `written` gives `endedChunk`, unless there is something else to do by then.
  mutating func endChunk() -> Bool {
    if isWriting { afterWrite = .endChunk }
    return !isWriting
  }

  mutating func end(_ envelope: SMTPEnvelope) -> Step {
    if isWriting {
      afterWrite = .accept(envelope)
      return .nothing
    }
    defer { reset() }
    return .accept(envelope, spool, unwritten)
  }

  mutating func abandon() -> Step {
    if isWriting {
      afterWrite = .discard
      return .nothing
    }
    defer { reset() }
    return spool.map { .discard($0) } ?? .nothing
  }

  mutating func written(to spool: any MailSpool) -> Step {
    self.spool = spool
    isWriting = false
    switch afterWrite {
    case .goOn: return .nothing
    case .endChunk:
      afterWrite = .goOn
      return .endedChunk
    case .discard: return abandon()
    case .accept(let envelope): return end(envelope)
    }
  }

  /// The spool of the failed write is the caller's to discard.
  mutating func writeFailed() { reset() }

  private mutating func reset() {
    isWriting = false
    unwritten = []
    spool = nil
    afterWrite = .goOn
  }
}
