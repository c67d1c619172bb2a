import Foundation

/// Lets so many readers work at once, users in turn (`ReaderTurns`), and never two on the same document: the second finds in
/// the cache what the first read.
final class ReaderGate: @unchecked Sendable {
  // Sendable because what changes is read and written only while `condition` is locked.
  private let condition = NSCondition()
  private var turns: ReaderTurns
  private var admitted: Set<ReaderTurns.Ticket> = []
  private var isClosed = false

  init(workers: Int) { turns = ReaderTurns(places: workers) }

  /// Waits until the document may be read; then `leave` is to be called.
  /// - Returns: false when that took longer than `limit`, or the gate was closed.
  func enter(_ document: [UInt8], _ claim: DocumentClaim = DocumentClaim(), within limit: Duration) -> Bool {
    let end = Date(timeIntervalSinceNow: limit / .seconds(1))
    return condition.withLock {
      let ticket = turns.ask(for: document, claim)
      admit()
      while admitted.remove(ticket) == nil {
        guard !isClosed, condition.wait(until: end) else {
          // It may have been its turn in the very moment.
          if admitted.remove(ticket) != nil { return true }
          turns.withdraw(ticket)
          return false
        }
      }
      return true
    }
  }

  func leave(_ document: [UInt8]) {
    condition.withLock {
      turns.leave(document)
      admit()
    }
  }

  /// Nobody waits any more.
  func close() {
    condition.withLock {
      isClosed = true
      condition.broadcast()
    }
  }

  private func admit() {
    if isClosed { return }
    let next = turns.admit()
    guard !next.isEmpty else { return }
    admitted.formUnion(next)
    condition.broadcast()
  }
}
